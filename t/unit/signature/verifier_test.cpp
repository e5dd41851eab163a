#include "engine/signature/verifier.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <string>

#include "engine/signature/jws.hpp"
#include "t/unit/credential/encoding.hpp"
#include "t/unit/signature/signing_key.hpp"

namespace ipfence::verifier_test {
namespace {

constexpr std::array kAlgorithms{"RS256", "RS384", "RS512", "PS256", "PS384",  "PS512",
                                 "ES256", "ES384", "ES512", "EdDSA", "Ed25519"};
constexpr std::string_view kPayload = R"({"sub":"alice"})";

std::string fault_of(const Jwks &jwks, std::string_view token) {
    const auto verified = verify_jws(jwks, token);
    return verified ? "(verified)" : std::string(verified.error().description);
}

bool verifies(const Jwks &jwks, std::string_view text, std::string_view signature) {
    return verify_jws(jwks, std::string(text) + '.' + base64url(signature)).ok();
}

std::string signed_text(std::string_view alg) {
    return base64url(R"({"alg":")" + std::string(alg) + "\"}") + '.' + base64url(kPayload);
}

TEST(Signature, OfEveryAlgorithmVerifies) {
    for (const char *alg : kAlgorithms) {
        const SigningKey &key = SigningKey::of(alg);
        const auto verified = verify_jws(parsed(key.jwk(R"("kid":"a")")), key.token(alg, kPayload));
        ASSERT_TRUE(verified.ok()) << alg << ": " << verified.error().description;
        EXPECT_EQ(verified->payload, kPayload) << alg;
    }
    const SigningKey ed448 = SigningKey::okp("Ed448");
    EXPECT_EQ(fault_of(parsed(ed448.jwk()), ed448.token("EdDSA", kPayload)), "(verified)");
    EXPECT_EQ(fault_of(parsed(ed448.jwk()), ed448.token("Ed448", kPayload)), "(verified)");
}

// RFC 9864: of EdDSA's two curves the newer names say one, and a key its own.
TEST(Signature, OfEddsaIsByTheAlgorithmThatTheKeyHas) {
    const SigningKey &key = SigningKey::of("Ed25519");
    EXPECT_FALSE(verify_jws(parsed(key.jwk()), key.token("Ed448", kPayload)).ok());
    for (const char *of_key : {"EdDSA", "Ed25519"}) {
        const Jwks jwks = parsed(key.jwk(R"("alg":")" + std::string(of_key) + '"'));
        for (const char *of_token : {"EdDSA", "Ed25519", "Ed448"}) {
            EXPECT_EQ(verify_jws(jwks, key.token(of_token, kPayload)).ok(),
                      std::string_view(of_key) == of_token)
                << of_token << " by a key of " << of_key;
        }
    }
}

TEST(Signature, WithAnyBitChangedDoesNotVerify) {
    for (const char *alg : {"RS256", "PS256", "ES256", "EdDSA"}) {
        const SigningKey &key = SigningKey::of(alg);
        const Jwks jwks = parsed(key.jwk());
        const std::string text = signed_text(alg);
        const std::string signature = key.sign(alg, text);
        ASSERT_TRUE(verifies(jwks, text, signature)) << alg;
        for (std::size_t i = 0; i < signature.size() * 8; i += 7) {
            std::string changed = signature;
            changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
            EXPECT_FALSE(verifies(jwks, text, changed)) << alg << ", bit " << i;
        }
    }
}

// What is kept of a key for the next signature is the same after each, whatever it was.
TEST(Signature, IsVerifiedWithoutRegardToThoseBefore) {
    for (const char *alg : kAlgorithms) {
        const SigningKey &key = SigningKey::of(alg);
        const Jwks jwks = parsed(key.jwk());
        const std::string text = signed_text(alg);
        const std::string signature = key.sign(alg, text);
        std::string other_signature = signature;
        other_signature[20] = static_cast<char>(other_signature[20] ^ 1);
        for (int round = 0; round < 3; ++round) {
            EXPECT_TRUE(verifies(jwks, text, signature)) << alg;
            EXPECT_FALSE(verifies(jwks, text, other_signature)) << alg;
            EXPECT_FALSE(verifies(jwks, text, {})) << alg;
        }
    }
}

TEST(Signature, OfAnotherLengthDoesNotVerify) {
    for (const char *alg : kAlgorithms) {
        const SigningKey &key = SigningKey::of(alg);
        const Jwks jwks = parsed(key.jwk());
        const std::string text = signed_text(alg);
        const std::string signature = key.sign(alg, text);
        for (const std::string &other :
             {std::string(), signature.substr(1), signature.substr(0, signature.size() - 1),
              signature + '\0', '\0' + signature, signature + signature,
              std::string(signature.size(), '\0'), std::string(signature.size(), '\xff')}) {
            EXPECT_FALSE(verifies(jwks, text, other)) << alg << ", " << other.size() << " bytes";
        }
    }
}

// RFC 8017, sections 8.1.2 and 8.2.2: else a token had a second text (G11). Of a key with one bit
// more than whole bytes, every second signature begins with a byte 0, without which it is the same
// number.
TEST(Signature, OfRsaIsAsLongAsTheKey) {
    const SigningKey key = SigningKey::rsa(2049);
    const Jwks jwks = parsed(key.jwk());
    for (const char *alg : {"RS256", "PS256"}) {
        std::string payload = "1";
        std::string text;
        std::string signature;
        do {
            payload += '1';
            text = base64url(R"({"alg":")" + std::string(alg) + "\"}") + '.' + base64url(payload);
            signature = key.sign(alg, text);
        } while (signature.front() != '\0');
        EXPECT_TRUE(verifies(jwks, text, signature)) << alg;
        EXPECT_FALSE(verifies(jwks, text, signature.substr(1))) << alg;
        EXPECT_FALSE(verifies(jwks, text, '\0' + signature)) << alg;
    }
}

TEST(Signature, IsOfExactlyThisHeaderAndPayload) {
    const SigningKey &key = SigningKey::of("ES256");
    const Jwks jwks = parsed(key.jwk());
    const std::string signature = key.sign("ES256", signed_text("ES256"));
    EXPECT_TRUE(verifies(jwks, signed_text("ES256"), signature));
    EXPECT_FALSE(
        verifies(jwks, base64url(R"({"alg": "ES256"})") + '.' + base64url(kPayload), signature));
    EXPECT_FALSE(verifies(
        jwks, base64url(R"({"alg":"ES256"})") + '.' + base64url(R"({"sub":"bob"})"), signature));
    EXPECT_FALSE(verifies(jwks, base64url(R"({"alg":"ES256"})") + '.', signature));
}

TEST(Signature, OfAnotherKeyDoesNotVerify) {
    for (const char *alg : {"ES256", "EdDSA"}) {
        const SigningKey other =
            alg[1] == 'S' ? SigningKey::ec("P-256") : SigningKey::okp("Ed25519");
        const std::string token = SigningKey::of(alg).token(alg, kPayload);
        EXPECT_EQ(fault_of(parsed(other.jwk()), token), "the signature does not verify");
        EXPECT_EQ(fault_of(parsed(other.jwk() + ',' + SigningKey::of(alg).jwk()), token),
                  "(verified)");
    }
}

// Threats G02: whatever the header says, the key knows what it is for.
TEST(Signature, OfAnotherAlgorithmThanTheKeysDoesNotVerify) {
    for (const char *pinned : kAlgorithms) {
        const SigningKey &key = SigningKey::of(pinned);
        const Jwks jwks = parsed(key.jwk(R"("alg":")" + std::string(pinned) + '"'));
        for (const char *alg : kAlgorithms) {
            const std::string token = SigningKey::of(alg).token(alg, kPayload);
            EXPECT_EQ(fault_of(jwks, token), std::string_view(alg) == pinned
                                                 ? "(verified)"
                                                 : "the algorithm is not the key's")
                << pinned << " key, " << alg << " token";
        }
    }
}

TEST(Signature, ThatTheHeaderMisnamesDoesNotVerify) {
    const SigningKey &key = SigningKey::of("RS256");
    const Jwks jwks = parsed(key.jwk());
    for (const char *alg : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}) {
        const std::string text = signed_text(alg);
        for (const char *used : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}) {
            EXPECT_EQ(verifies(jwks, text, key.sign(used, text)), std::string_view(used) == alg)
                << alg << " in the header, " << used << " used";
        }
    }
}

// Threats G02: HMAC with the public key, which everybody has.
TEST(Signature, WithThePublicKeyAsASecretDoesNotVerify) {
    const SigningKey &key = SigningKey::of("RS256");
    const std::string pem = key.pem();
    const std::string text = signed_text("HS256");
    std::string mac(32, '\0');
    std::size_t size = mac.size();
    ASSERT_NE(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, pem.data(), pem.size(),
                        reinterpret_cast<const unsigned char *>(text.data()), text.size(),
                        reinterpret_cast<unsigned char *>(mac.data()), mac.size(), &size),
              nullptr);
    EXPECT_EQ(fault_of(parsed(key.jwk()), text + '.' + base64url(mac)),
              "the algorithm is none, symmetric or unknown");
}

TEST(Signature, ThatIsNoneDoesNotVerify) {
    const Jwks jwks = parsed(SigningKey::of("RS256").jwk());
    for (const char *alg : {"none", "None", "NONE", "nOnE", "", "rs256", "RS256 ", "ES256K", "RS1",
                            "HS512", "dir", "EDDSA", "ED25519", "ed448"}) {
        EXPECT_EQ(fault_of(jwks, signed_text(alg) + '.'),
                  "the algorithm is none, symmetric or unknown")
            << alg;
    }
    for (const char *header : {"{}", R"({"alg":null})", R"({"alg":["RS256"]})", R"({"alg":1})"}) {
        EXPECT_EQ(fault_of(jwks, base64url(header) + '.' + base64url(kPayload) + '.'),
                  "the algorithm is none, symmetric or unknown")
            << header;
    }
}

// CVE-2022-21449: 0 = 0 verifies anything. The order of P-256 is 0 too.
TEST(Signature, OfEcdsaWithNumbersOutOfRangeDoesNotVerify) {
    const SigningKey &key = SigningKey::of("ES256");
    const Jwks jwks = parsed(key.jwk());
    const std::string text = signed_text("ES256");
    const std::string zero(32, '\0');
    const std::string one = std::string(31, '\0') + '\x01';
    const std::string order(
        "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
        "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51",
        32);
    const std::string most(32, '\xff');
    for (const std::string &r : {zero, one, order, most}) {
        for (const std::string &s : {zero, one, order, most}) {
            EXPECT_FALSE(verifies(jwks, text, r + s));
        }
    }
    const std::string signature = key.sign("ES256", text);
    EXPECT_TRUE(verifies(jwks, text, signature));
    EXPECT_FALSE(verifies(jwks, text, zero + signature.substr(32)));
    EXPECT_FALSE(verifies(jwks, text, signature.substr(0, 32) + zero));
    EXPECT_FALSE(verifies(jwks, text, signature.substr(32) + signature.substr(0, 32)));
}

// RFC 7518, section 3.4: never as ASN.1, which is what OpenSSL itself would take.
TEST(Signature, OfEcdsaInAsn1DoesNotVerify) {
    const SigningKey &key = SigningKey::of("ES256");
    const Jwks jwks = parsed(key.jwk());
    const std::string text = signed_text("ES256");
    // Both numbers have to be positive and of 32 bytes for the ASN.1 to be this simple.
    std::string signature = key.sign("ES256", text);
    const auto is_simple = [](unsigned char first) { return first > 0 && first < 0x80; };
    while (!is_simple(static_cast<unsigned char>(signature[0])) ||
           !is_simple(static_cast<unsigned char>(signature[32]))) {
        signature = key.sign("ES256", text);
    }
    EXPECT_TRUE(verifies(jwks, text, signature));
    EXPECT_FALSE(
        verifies(jwks, text,
                 "\x30\x44\x02\x20" + signature.substr(0, 32) + "\x02\x20" + signature.substr(32)));
}

std::string sha256(std::string_view text) {
    std::string digest(32, '\0');
    EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char *>(digest.data()), nullptr,
               EVP_sha256(), nullptr);
    return digest;
}

// Bleichenbacher 2006 and its kin: only one padding is right (RFC 8017, section 9.2).
TEST(Signature, WithAnotherPaddingDoesNotVerify) {
    const SigningKey &key = SigningKey::of("RS256");
    const Jwks jwks = parsed(key.jwk());
    const std::string text = signed_text("RS256");
    const std::string digest = sha256(text);
    const std::string info(
        "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20", 19);
    const std::string without_null(
        "\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20", 17);
    const auto block = [](const std::string &start, char fill, const std::string &end) {
        const std::size_t size = 256 - start.size() - end.size() - 1;
        return start + std::string(size, fill) + '\0' + end;
    };
    const std::string start("\x00\x01", 2);

    EXPECT_TRUE(verifies(jwks, text, key.sign_block(block(start, '\xff', info + digest))));
    for (const std::string &wrong :
         {block(std::string("\x00\x02", 2), '\xff', info + digest),
          block(std::string("\x00\x00", 2), '\xff', info + digest),
          block(start, '\x00', info + digest), block(start, '\xfe', info + digest),
          block(start, '\xff', digest), block(start, '\xff', without_null + digest),
          block(start, '\xff', info + sha256("another text")),
          block(start, '\xff', info + digest + std::string(1, '\0')),
          block(start, '\xff', info + digest).substr(0, 2) + std::string(8, '\xff') + '\0' + info +
              digest + std::string(256 - 11 - 19 - 32, '\x5a')}) {
        ASSERT_EQ(wrong.size(), 256U);
        EXPECT_FALSE(verifies(jwks, text, key.sign_block(wrong)));
    }
}

// RFC 7518, section 3.5: the salt is as long as the digest.
TEST(Signature, WithAnotherSaltDoesNotVerify) {
    const SigningKey &key = SigningKey::of("PS256");
    const Jwks jwks = parsed(key.jwk());
    const std::string text = signed_text("PS256");
    EXPECT_TRUE(verifies(jwks, text, key.sign("PS256", text, 32)));
    for (const int size : {0, 8, 31, 33, 48, RSA_PSS_SALTLEN_MAX}) {
        EXPECT_FALSE(verifies(jwks, text, key.sign("PS256", text, size))) << size;
    }
}

TEST(Verifier, IsNoneWhereTheKeyCannotVerifyByTheAlgorithm) {
    const Jwks jwks = parsed(SigningKey::of("EdDSA").jwk());
    EVP_PKEY *key = jwks.keys()[0].key.get();
    EXPECT_TRUE(Verifier::make(key, SignatureAlgorithm::eddsa));
    EXPECT_FALSE(Verifier::make(key, SignatureAlgorithm::rs256));
}

TEST(Signature, KeepsNoErrorOfOpenSsl) {
    const SigningKey &key = SigningKey::of("RS256");
    const Jwks jwks = parsed(key.jwk());
    EXPECT_FALSE(verifies(jwks, signed_text("RS256"), std::string(256, '\x01')));
    EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace ipfence::verifier_test
