// Of the two signatures that ECDSA has for one text, memory goes by one.

#include "engine/credential/token_spelling.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <memory>
#include <string>

#include "engine/credential/base64.hpp"

namespace ipfence::token_spelling_test {
namespace {

struct FreeNumber {
    void operator()(BIGNUM *number) const noexcept { BN_free(number); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;

struct Curve {
    const char *order;
    int size;
    const char *header = R"({"alg":"of some other kind"})";
};
constexpr Curve kCurves[] = {
    {"FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 32},
    {"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52"
     "973",
     48},
    {"01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC014"
     "8"
     "F709A5D03BB5C9B8899C47AEBB6FB71E91386409",
     66},
    {"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", 32, R"({"alg":"ES256K"})"},
    {"FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 32,
     R"({"alg":"ES256","kid":"ES256K"})"},
};

Number order_of(const Curve &curve) {
    BIGNUM *order = nullptr;
    BN_hex2bn(&order, curve.order);
    return Number(order);
}

std::string bytes_of(const BIGNUM *number, int size) {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char *>(bytes.data()), size);
    return bytes;
}

std::string encoded(std::string_view text) {
    return encode_base64url({reinterpret_cast<const unsigned char *>(text.data()), text.size()});
}

std::string token_with(const std::string &r, const std::string &s,
                       std::string_view header = "header") {
    return encoded(header) + ".claims." + encoded(r + s);
}

TEST(TokenSpelling, TwoSignaturesOfOneTextAreOne) {
    for (const Curve &curve : kCurves) {
        const Number order = order_of(curve);
        const Number s(BN_new());
        const Number twin(BN_new());
        for (int round = 0; round < 200; ++round) {
            ASSERT_EQ(BN_priv_rand_range(s.get(), order.get()), 1);
            ASSERT_EQ(BN_sub(twin.get(), order.get(), s.get()), 1);
            const std::string r(static_cast<std::size_t>(curve.size), static_cast<char>(round));
            std::string one = token_with(r, bytes_of(s.get(), curve.size), curve.header);
            std::string other = token_with(r, bytes_of(twin.get(), curve.size), curve.header);
            if (BN_cmp(s.get(), twin.get()) > 0) {
                one.swap(other);
            }
            EXPECT_EQ(lesser_spelling_of(other), one) << curve.size;
            EXPECT_EQ(lesser_spelling_of(one), "") << curve.size;
        }
    }
}

TEST(TokenSpelling, WhatIsNoSuchSignatureStaysAsItIs) {
    for (const Curve &curve : kCurves) {
        const std::string size(static_cast<std::size_t>(curve.size), '\x7f');
        const std::string order = bytes_of(order_of(curve).get(), curve.size);
        const std::string greatest(static_cast<std::size_t>(curve.size), '\xff');
        EXPECT_EQ(lesser_spelling_of(token_with(size, order, curve.header)), "");
        EXPECT_EQ(lesser_spelling_of(token_with(size, greatest)), "");
        EXPECT_EQ(lesser_spelling_of(token_with(size, greatest + "x")), "");
        EXPECT_EQ(lesser_spelling_of(token_with(size, order.substr(1))), "");
    }
    const std::string high = token_with(std::string(32, 'r'), std::string(32, '\xf0'));
    EXPECT_NE(lesser_spelling_of(high), "");
    EXPECT_EQ(lesser_spelling_of("another." + high), "") << "no JWS";
    EXPECT_EQ(lesser_spelling_of(high.substr(high.find('.') + 1)), "") << "no JWS";
    EXPECT_EQ(lesser_spelling_of(high + "="), "");
    for (const char *text : {"", ".", "..", "opaque", "a.b.c"}) {
        EXPECT_EQ(lesser_spelling_of(text), "");
    }
}

}  // namespace
}  // namespace ipfence::token_spelling_test
