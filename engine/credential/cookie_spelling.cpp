#include "engine/credential/cookie_spelling.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/credential/base64.hpp"

namespace ipfence {

namespace {

using std::string_view;

// HMAC-SHA1's, of 20 bytes. Session identifiers of servers that do not sign may be shorter, or have
// only their last character to themselves.
constexpr std::size_t kShortestSignature = 27;

std::string in_one_spelling(string_view base64) {
    const std::string bytes = decode_base64_leniently(base64);
    return encode_base64url({reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size()});
}

bool is_jwt(string_view value) noexcept {
    return value.starts_with("eyJ") && std::ranges::count(value, '.') == 2;
}

// Where what may be base64 begins, at the end of the value; its padding not counted.
std::size_t begin_of_base64(string_view value) noexcept {
    std::size_t begin = value.size();
    while (begin != 0 && is_base64_byte(value[begin - 1])) {
        --begin;
    }
    return begin;
}

std::string spelled_in_one_way(string_view value) {
    if (is_jwt(value)) {
        const std::size_t begin = value.rfind('.') + 1;
        const string_view signature = value.substr(begin);
        // A padding ends what Python and Node read.
        return std::string(value.substr(0, begin)) +
               in_one_spelling(signature.substr(0, signature.find('=')));
    }
    const string_view unpadded = value.substr(0, value.find_last_not_of('=') + 1);
    const std::size_t begin = begin_of_base64(unpadded);
    const string_view text = unpadded.substr(begin);
    const bool may_be_base64 = text.size() >= kShortestSignature && text.size() % 4 != 1;
    return may_be_base64 ? std::string(unpadded.substr(0, begin)) + in_one_spelling(text)
                         : std::string(value);
}

}  // namespace

std::optional<std::string> one_spelling_of_cookie(string_view value) {
    // Most are: random bytes in base64url, or in hexadecimal digits.
    if (value.size() < kShortestSignature || is_base64url(value)) {
        return std::nullopt;
    }
    std::string one = spelled_in_one_way(value);
    return one == value ? std::nullopt : std::optional(std::move(one));
}

}  // namespace ipfence
