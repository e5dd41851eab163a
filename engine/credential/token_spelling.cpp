#include "engine/credential/token_spelling.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "engine/credential/base64.hpp"
#include "engine/credential/claims.hpp"

namespace ipfence {

namespace {

using std::string_view;

// SEC 2, sections 2.4.2, 2.5.1 and 2.6.1: how many points a curve has, which is n.
constexpr std::array kOrders{
    string_view("\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
                "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51",
                32),
    string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                "\xff\xff\xff\xff\xff\xff\xff\xff\xc7\x63\x4d\x81\xf4\x37\x2d\xdf"
                "\x58\x1a\x0d\xb2\x48\xb0\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29\x73",
                48),
    string_view("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                "\xff\xfa\x51\x86\x87\x83\xbf\x2f\x96\x6b\x7f\xcc\x01\x48\xf7\x09"
                "\xa5\xd0\x3b\xb5\xc9\xb8\x89\x9c\x47\xae\xbb\x6f\xb7\x1e\x91\x38"
                "\x64\x09",
                66),
};

// SEC 2, section 2.4.1. The signatures of ES256K (RFC 8812) are as long as those of ES256.
constexpr string_view kOrderOfEs256k(
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe"
    "\xba\xae\xdc\xe6\xaf\x48\xa0\x3b\xbf\xd2\x5e\x8c\xd0\x36\x41\x41",
    32);

static_assert(std::ranges::equal(kOrders, kSignatureSizes, {}, [](string_view order) {
    return (2 * order.size() * 4 + 2) / 3;  // two numbers, in base64url
}));

// Only a header with one of these bytes can say so, and only such a one is read as JSON.
bool is_es256k(string_view token) {
    constexpr string_view kName = "ES256K";
    const string_view header = token.substr(0, token.find('.'));
    const auto text = decode_base64url(header);
    if (!text || (text->find(kName) == text->npos && text->find('\\') == text->npos)) {
        return false;
    }
    const auto members = Claims::parse(*text);
    return members && members->text("alg") == kName;
}

// Of big-endian numbers of one size, of which the second is the lesser.
std::string difference(string_view order, string_view number) {
    std::string result(order.size(), '\0');
    int borrow = 0;
    for (std::size_t index = order.size(); index-- > 0;) {
        const int digit = static_cast<unsigned char>(order[index]) -
                          static_cast<unsigned char>(number[index]) - borrow;
        borrow = digit < 0 ? 1 : 0;
        result[index] = static_cast<char>(digit);
    }
    return result;
}

}  // namespace

std::string lesser_spelling_of(string_view token) {
    // By the size of the signature. Another algorithm's may be as long (EdDSA, HS512); what is made
    // of it verifies nowhere.
    const std::size_t curve = curve_of(token);
    if (curve == kOrders.size() || std::ranges::count(token, '.') != 2) {
        return {};
    }
    const string_view order = curve == 0 && is_es256k(token) ? kOrderOfEs256k : kOrders[curve];
    const string_view rest = token.substr(0, token.size() - kSignatureSizes[curve]);
    auto signature = decode_base64url(token.substr(rest.size()));
    if (!signature) {
        return {};
    }
    const string_view number = string_view(*signature).substr(order.size());
    if (number >= order) {
        return {};
    }
    const std::string other = difference(order, number);
    if (number <= other) {
        return {};
    }
    signature->replace(order.size(), other.size(), other);
    return std::string(rest) +
           encode_base64url(
               {reinterpret_cast<const unsigned char *>(signature->data()), signature->size()});
}

}  // namespace ipfence
