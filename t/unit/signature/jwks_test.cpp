#include "engine/signature/jwks.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "t/unit/credential/encoding.hpp"
#include "t/unit/signature/signing_key.hpp"

namespace ipfence::jwks_test {
namespace {

using Algorithm = SignatureAlgorithm;

std::string error_of(std::string_view json) {
    const auto jwks = Jwks::parse(json);
    return jwks ? "(read)" : jwks.error().message;
}

// What is said of one JWK in a set.
std::string key_error_of(std::string_view jwk) {
    return error_of(key_set(jwk));
}

bool has(const std::string &text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

constexpr const char *kNoKey = "there is no key in it that verifies signatures";

// A JWK of RSA of this many bits, which no one can sign with.
std::string rsa_jwk(std::size_t bits, const std::string &exponent = {"\x01\x00\x01", 3}) {
    std::string modulus(bits / 8, '\xff');
    if (bits % 8 != 0) {
        modulus = static_cast<char>((1 << (bits % 8)) - 1) + modulus;
    }
    return R"({"kty":"RSA","kid":"r","n":")" + base64url(modulus) + R"(","e":")" +
           base64url(exponent) + "\"}";
}

std::vector<Algorithm> algorithms_of(const VerificationKey &key) {
    std::vector<Algorithm> algorithms;
    std::ranges::transform(key.verifiers, std::back_inserter(algorithms), &Verifier::algorithm);
    return algorithms;
}

TEST(KeySet, HoldsKeysOfEveryType) {
    const Jwks jwks =
        parsed(SigningKey::of("RS256").jwk(R"("kid":"r","use":"sig")") + ',' +
               SigningKey::of("ES384").jwk(R"("kid":"e","key_ops":["verify"])") + ',' +
               SigningKey::of("EdDSA").jwk(R"("alg":"EdDSA")") + ',' +
               SigningKey::of("RS256").jwk(R"("kid":"p","alg":"PS512","x5t":"a","iat":1)"));
    ASSERT_EQ(jwks.keys().size(), 4U);
    EXPECT_EQ(jwks.keys()[0].key_id, "r");
    EXPECT_EQ(algorithms_of(jwks.keys()[0]),
              (std::vector{Algorithm::rs256, Algorithm::rs384, Algorithm::rs512, Algorithm::ps256,
                           Algorithm::ps384, Algorithm::ps512}));
    EXPECT_EQ(algorithms_of(jwks.keys()[1]), std::vector{Algorithm::es384});
    EXPECT_EQ(jwks.keys()[2].key_id, "");
    EXPECT_EQ(algorithms_of(jwks.keys()[2]), std::vector{Algorithm::eddsa});
    EXPECT_EQ(algorithms_of(jwks.keys()[3]), std::vector{Algorithm::ps512});
}

// RFC 7517, section 5.
TEST(KeySet, SkipsWhatVerifiesNothing) {
    const std::string good = SigningKey::of("ES256").jwk(R"("kid":"good")");
    const SigningKey &rsa = SigningKey::of("RS256");
    for (const std::string &other :
         {std::string(R"({"kty":"oct","k":"c2VjcmV0","alg":"HS256"})"),
          std::string(R"({"kty":"AKP","alg":"ML-DSA-44","pub":"e30"})"), std::string("{}"),
          std::string(R"({"kty":1})"), std::string(R"({"kty":"rsa","n":"AQAB","e":"AQAB"})"),
          std::string(R"({"kty":"EC","crv":"secp256k1","x":"e30","y":"e30"})"),
          std::string(R"({"kty":"OKP","crv":"X25519","x":"e30"})"), rsa.jwk(R"("use":"enc")"),
          rsa.jwk(R"("use":"Sig")"), rsa.jwk(R"("use":null)"),
          rsa.jwk(R"("key_ops":["encrypt","wrapKey"])"), rsa.jwk(R"("key_ops":[])"),
          rsa.jwk(R"("key_ops":"verify")"), rsa.jwk(R"("alg":"RSA-OAEP-256")"),
          rsa.jwk(R"("alg":"HS256")"), rsa.jwk(R"("alg":"none")"), std::string("null"),
          std::string("[]"), std::string("\"RSA\"")}) {
        const auto jwks = Jwks::parse(key_set(other + ',' + good));
        ASSERT_TRUE(jwks.ok()) << other << ": " << jwks.error().message;
        ASSERT_EQ(jwks->keys().size(), 1U) << other;
        EXPECT_EQ(jwks->keys()[0].key_id, "good") << other;
        EXPECT_EQ(key_error_of(other), kNoKey) << other;
    }
    EXPECT_EQ(error_of(key_set("")), kNoKey);
}

TEST(KeySet, IsOneJsonObject) {
    const std::string key = SigningKey::of("ES256").jwk();
    ASSERT_EQ(error_of(key_set(key)), "(read)");
    for (const std::string &json :
         {std::string(), std::string("-----BEGIN PUBLIC KEY-----"), key_set(key) + 'x',
          key_set(key).substr(0, 40), R"({"keys":[],"keys":[)" + key + "]}",
          R"({"keys":[],"k\u0065ys":[)" + key + "]}", "\xef\xbb\xbf" + key_set(key),
          R"({"keys":[{"kty":"RSA",)" + key.substr(1) + "]}", std::string(5000, '[')}) {
        EXPECT_TRUE(error_of(json).starts_with("the key set is no JSON: line 1: "))
            << json << ": " << error_of(json);
    }
    for (const std::string &json :
         {std::string("[]"), "[" + key + "]", key, std::string("{}"), R"({"keys":)" + key + "}",
          std::string(R"({"keys":null})"), R"({"Keys":[)" + key + "]}"}) {
        EXPECT_EQ(error_of(json),
                  "a key set is an object with a list \"keys\" (RFC 7517, section 5)")
            << json;
    }
}

// Threats, Libraries: an RSA-512 signature verifies fine, an RSA-16384 one takes its time.
TEST(KeySet, RsaKeysAreNeitherWeakNorSlow) {
    EXPECT_EQ(key_error_of(rsa_jwk(2048)), "(read)");
    EXPECT_EQ(key_error_of(rsa_jwk(8192)), "(read)");
    for (const std::size_t bits : {std::size_t{8}, std::size_t{512}, std::size_t{1024},
                                   std::size_t{2047}, std::size_t{8193}, std::size_t{16384}}) {
        EXPECT_EQ(key_error_of(rsa_jwk(bits)),
                  "keys[0] (kid \"r\"): an RSA key has 2048 to 8192 bits")
            << bits;
    }
    EXPECT_EQ(key_error_of(SigningKey::rsa(1024).jwk()),
              "keys[0]: an RSA key has 2048 to 8192 bits");

    EXPECT_EQ(key_error_of(rsa_jwk(2048, "\x03")), "(read)");
    EXPECT_EQ(key_error_of(rsa_jwk(2048, std::string("\x01\x00\x00\x00\x01", 5))), "(read)");
    for (const std::string &exponent :
         {std::string("\x01"), std::string("\x02"), std::string(1, '\0'),
          std::string("\x03\x00\x00\x00\x01", 5), std::string(255, '\xff')}) {
        EXPECT_EQ(key_error_of(rsa_jwk(2048, exponent)),
                  "keys[0] (kid \"r\"): the RSA exponent is even, 1, or larger than anyone's");
    }
}

TEST(KeySet, APointIsOnItsCurve) {
    const std::string good = SigningKey::of("ES256").jwk();
    ASSERT_EQ(key_error_of(good), "(read)");
    const std::string zero(32, '\0');
    const auto point = [](std::string_view curve, const std::string &x, const std::string &y) {
        return R"({"kty":"EC","crv":")" + std::string(curve) + R"(","x":")" + base64url(x) +
               R"(","y":")" + base64url(y) + "\"}";
    };
    for (const std::string &jwk :
         {point("P-256", zero, zero), point("P-256", std::string(32, '\x01'), zero),
          point("P-256", std::string(32, '\xff'), std::string(32, '\xff')),
          // A point of P-256 is none of P-384.
          point("P-384", std::string(48, '\x02'), std::string(48, '\x03'))}) {
        EXPECT_EQ(key_error_of(jwk), "keys[0]: the point is not on its curve") << jwk;
    }
    for (const std::string &jwk :
         {point("P-256", zero.substr(1), zero), point("P-256", zero + '\0', zero),
          point("P-256", "", ""), point("P-384", zero, zero), point("P-521", zero, zero),
          std::string(R"({"kty":"EC","crv":"P-256"})"),
          R"({"kty":"EC","crv":"P-256","x":")" + base64url(zero) + "\"}",
          R"({"kty":"EC","crv":"P-256","y":")" + base64url(zero) + "\"}",
          std::string(R"({"kty":"EC","crv":"P-256","x":1,"y":2})")}) {
        EXPECT_EQ(key_error_of(jwk),
                  "keys[0]: \"x\" or \"y\" is missing or not as long as the curve's coordinates")
            << jwk;
    }
    std::string other_curve = good;
    other_curve.replace(good.find("P-256"), 5, "P-521");
    EXPECT_TRUE(has(key_error_of(other_curve), "coordinates"));
}

TEST(KeySet, BrokenKeysAreErrors) {
    const std::string modulus = base64url(std::string(256, '\xff'));
    for (const std::string &jwk :
         {std::string(R"({"kty":"RSA"})"), R"({"kty":"RSA","n":")" + modulus + "\"}",
          std::string(R"({"kty":"RSA","e":"AQAB"})"),
          R"({"kty":"RSA","n":")" + modulus + R"(","e":""})",
          R"({"kty":"RSA","n":")" + modulus + R"(","e":65537})",
          R"({"kty":"RSA","n":")" + modulus + R"(==","e":"AQAB"})",
          R"({"kty":"RSA","n":")" + modulus + R"(\n","e":"AQAB"})"}) {
        EXPECT_EQ(key_error_of(jwk), "keys[0]: \"n\" or \"e\" is missing or not base64url") << jwk;
    }
    EXPECT_EQ(key_error_of(R"({"kty":"OKP","crv":"Ed25519"})"),
              "keys[0]: \"x\" is missing or not base64url");
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{31}, std::size_t{33}, std::size_t{57}}) {
        EXPECT_EQ(key_error_of(R"({"kty":"OKP","crv":"Ed25519","x":")" +
                               base64url(std::string(size, '\x09')) + "\"}"),
                  "keys[0]: the key is broken")
            << size;
    }
    EXPECT_EQ(ERR_peek_error(), 0U) << "an error of OpenSSL is left for another connection";
}

// Threats G02: a key that says what it is for and cannot be for it is not for anything else either.
TEST(KeySet, AlgorithmAndIdAreSaidWell) {
    const SigningKey &rsa = SigningKey::of("RS256");
    const SigningKey &ec = SigningKey::of("ES256");
    for (const std::string &jwk :
         {rsa.jwk(R"("alg":"ES256")"), rsa.jwk(R"("alg":"EdDSA")"), ec.jwk(R"("alg":"ES384")"),
          ec.jwk(R"("alg":"RS256")"), SigningKey::of("EdDSA").jwk(R"("alg":"ES256")"),
          SigningKey::of("EdDSA").jwk(R"("alg":"Ed448")"), rsa.jwk(R"("alg":null)"),
          rsa.jwk(R"("alg":256)"), rsa.jwk(R"("alg":["RS256"])")}) {
        EXPECT_EQ(key_error_of(jwk), "keys[0]: \"alg\" is not one that a key of this type has")
            << jwk;
    }
    for (const char *key_id : {R"("kid":"")", R"("kid":1)", R"("kid":null)", R"("kid":["a"])",
                               R"("kid":"a\u000ab")", R"("kid":"\u007f")"}) {
        EXPECT_EQ(key_error_of(ec.jwk(key_id)),
                  "keys[0]: \"kid\" is not a text that a token could have")
            << key_id;
    }
}

TEST(KeySet, TwoKeysOfOneIdAndTypeAreAnError) {
    const std::string one = SigningKey::of("ES256").jwk(R"("kid":"a")");
    EXPECT_EQ(key_error_of(one + ',' + SigningKey::ec("P-256").jwk(R"("kid":"a")")),
              "keys[1] (kid \"a\"): another key of this type has the same kid");
    EXPECT_EQ(key_error_of(one + ',' + one),
              "keys[1] (kid \"a\"): another key of this type has the same kid");
    EXPECT_EQ(key_error_of(one + ',' + SigningKey::of("RS256").jwk(R"("kid":"a")")), "(read)");
    EXPECT_EQ(key_error_of(one + ',' + SigningKey::ec("P-256").jwk(R"("kid":"A")")), "(read)");
    const std::string nameless = SigningKey::of("ES256").jwk();
    EXPECT_EQ(key_error_of(nameless + ',' + SigningKey::ec("P-256").jwk()), "(read)");
}

TEST(KeySet, APrivateKeyIsAnError) {
    for (const std::string &jwk :
         {SigningKey::of("RS256").jwk(R"("d":"AQAB")"),
          SigningKey::of("RS256").jwk(R"("p":"AQAB")"), SigningKey::of("RS256").jwk(R"("oth":[])"),
          SigningKey::of("ES256").jwk(R"("d":null)"), SigningKey::of("EdDSA").jwk(R"("d":"AQAB")"),
          SigningKey::of("RS256").jwk(R"("use":"enc","d":"AQAB")")}) {
        const std::string error = key_error_of(SigningKey::of("ES384").jwk() + ',' + jwk);
        EXPECT_EQ(error, "keys[1]: this is a private key: give nginx the public part only");
        EXPECT_FALSE(has(error, "AQAB")) << "the message shows a part of the key";
    }
}

TEST(KeySet, AnErrorRepeatsNoKey) {
    for (const auto *json : {R"({"keys":[{"kty":"RSA","d" "secret"}]})",
                             R"({"keys":[{"kty":"RSA","d":"secret" "n":"x"}]})",
                             R"({"keys":[{"kty":"RSA","d":"secret)", R"({"keys":[secret]})",
                             R"({"keys":[{"kty":"RSA","d":"secret"}]})"}) {
        EXPECT_NE(error_of(json), "(read)") << json;
        EXPECT_FALSE(has(error_of(json), "secret")) << json << ": " << error_of(json);
    }
}

TEST(KeySet, FingerprintIsOfTheText) {
    const std::string jwk = SigningKey::of("ES256").jwk();
    EXPECT_EQ(parsed(jwk).fingerprint(), parsed(jwk).fingerprint());
    EXPECT_NE(parsed(jwk).fingerprint(), parsed(jwk + ' ').fingerprint());
    EXPECT_NE(parsed(jwk).fingerprint(), parsed(SigningKey::of("ES384").jwk()).fingerprint());
}

// Threats P3: no part of a file may pass for the whole.
TEST(KeySet, CutAnywhereIsAnError) {
    const std::string whole =
        key_set(SigningKey::of("ES256").jwk(R"("kid":"a")") + ',' + SigningKey::of("RS256").jwk());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_NE(error_of(std::string_view(whole).substr(0, size)), "(read)") << size;
    }
    EXPECT_EQ(error_of(whole), "(read)");
}

}  // namespace
}  // namespace ipfence::jwks_test
