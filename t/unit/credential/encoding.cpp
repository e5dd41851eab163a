#include "t/unit/credential/encoding.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>

namespace ipfence {

namespace {

std::string escaped(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string escaped;
    for (const char byte : text) {
        const auto code = static_cast<unsigned char>(byte);
        if (std::isalnum(code) != 0 || byte == '_') {
            escaped += byte;
        } else {
            escaped += {'%', kDigits[code >> 4], kDigits[code & 0xf]};
        }
    }
    return escaped;
}

}  // namespace

std::string base64(std::string_view bytes) {
    std::string encoded((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(encoded.data()),
                                     reinterpret_cast<const unsigned char *>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    encoded.resize(static_cast<std::size_t>(size));
    return encoded;
}

std::string base64url(std::string_view bytes) {
    std::string encoded = base64(bytes);
    std::ranges::replace(encoded, '+', '-');
    std::ranges::replace(encoded, '/', '_');
    encoded.resize(encoded.find_last_not_of('=') + 1);
    return encoded;
}

std::string basic(std::string_view credentials) {
    return "Basic " + base64(credentials);
}

std::string jwt(std::string_view payload, std::string_view header) {
    return base64url(header) + '.' + base64url(payload) + '.' + base64url("a signature");
}

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> parameters) {
    std::string body;
    for (const auto &[name, value] : parameters) {
        body += body.empty() ? "" : "&";
        body += escaped(name) + '=' + escaped(value);
    }
    return body;
}

}  // namespace ipfence
