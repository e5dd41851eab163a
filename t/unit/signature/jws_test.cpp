#include "engine/signature/jws.hpp"

#include <gtest/gtest.h>

#include <string>

#include "t/unit/credential/encoding.hpp"
#include "t/unit/signature/signing_key.hpp"

namespace ipfence::jws_test {
namespace {

constexpr std::string_view kPayload = R"({"sub":"alice"})";

std::string fault_of(const Jwks &jwks, std::string_view token) {
    const auto verified = verify_jws(jwks, token);
    return verified ? "(verified)" : std::string(verified.error().description);
}

// A token of ES256 with this header, signed well.
std::string with_header(std::string_view header) {
    const std::string text = base64url(header) + '.' + base64url(kPayload);
    return text + '.' + base64url(SigningKey::of("ES256").sign("ES256", text));
}

Jwks es256_keys(std::string_view more = {}) {
    return parsed(SigningKey::of("ES256").jwk(more));
}

TEST(Jws, HasThreeParts) {
    const Jwks jwks = es256_keys();
    const std::string token = SigningKey::of("ES256").token("ES256", kPayload);
    ASSERT_EQ(fault_of(jwks, token), "(verified)");
    const std::string unsigned_text = token.substr(0, token.rfind('.'));
    for (const std::string &other :
         {std::string(), std::string("."), token.substr(0, token.find('.')), unsigned_text,
          token + '.', '.' + token, token + ".e30", token + ".e30.e30",
          // RFC 7515, section 7.2: the JSON serialization is another thing.
          R"({"payload":"e30","protected":"e30","signature":"e30"})" + std::string()}) {
        EXPECT_EQ(fault_of(jwks, other), "the token has not three parts") << other;
    }
    EXPECT_EQ(fault_of(jwks, unsigned_text + '.'), "the signature does not verify");
    EXPECT_EQ(fault_of(jwks, ".."), "the header is not a JSON object with unique members");
}

// Threats G11: another text that decodes to the same bytes.
TEST(Jws, HasOneSpelling) {
    const Jwks jwks = es256_keys();
    const std::string token = SigningKey::of("ES256").token("ES256", kPayload);
    ASSERT_EQ(fault_of(jwks, token), "(verified)");
    std::string other = token;
    // 64 bytes end with a character that has 4 bits to spare.
    other.back() = static_cast<char>(other.back() + 1);
    for (const std::string &text :
         {other, token + '=', token + "==", token + "%3d", token + '\n', token + ' ', ' ' + token,
          token + '\0', token + "garbage", '\n' + token,
          token.substr(0, 8) + '\n' + token.substr(8), token.substr(0, 8) + ' ' + token.substr(8),
          "Bearer " + token}) {
        EXPECT_EQ(fault_of(jwks, text), "a part of the token is not canonical base64url") << text;
    }
}

TEST(Jws, HeaderIsOneJsonObject) {
    const Jwks jwks = es256_keys();
    ASSERT_EQ(fault_of(jwks, with_header(R"({"alg":"ES256"})")), "(verified)");
    const std::string deep = std::string(64, '[') + std::string(64, ']');
    for (const std::string &header :
         {std::string(R"({"alg":"ES256","alg":"ES256"})"),
          std::string(R"({"alg":"none","\u0061lg":"ES256"})"), std::string(R"([{"alg":"ES256"}])"),
          std::string(R"({"alg":"ES256"} x)"), std::string(R"({"alg":"ES256"}{})"),
          std::string("\xef\xbb\xbf{\"alg\":\"ES256\"}"),
          std::string("{\"alg\":\"ES256\",\"x\":\"\xff\"}"),
          std::string("{\"alg\":\"ES256\0\"}", 16), R"({"alg":"ES256","x":)" + deep + '}'}) {
        EXPECT_EQ(fault_of(jwks, with_header(header)),
                  "the header is not a JSON object with unique members")
            << header;
    }
}

// Threats G04 and G09, RFC 8725, section 3.10.
TEST(Jws, BringsNoKeyAndNoExtension) {
    const Jwks jwks = es256_keys();
    const SigningKey attacker = SigningKey::ec("P-256");
    EXPECT_EQ(fault_of(jwks, attacker.token("ES256", kPayload, "\"jwk\":" + attacker.jwk())),
              "the header has a parameter that is not accepted");
    for (const std::string &parameter :
         {"\"jwk\":" + SigningKey::of("ES256").jwk(),
          std::string(R"("jku":"https://attacker.example/jwks.json")"),
          std::string(R"("x5u":"https://attacker.example/chain.pem")"),
          std::string(R"("x5c":["MIIB"])"), std::string(R"("crit":["exp"],"exp":1)"),
          std::string(R"("crit":[])"), std::string(R"("crit":null)"),
          std::string(R"("b64":false,"crit":["b64"])"), std::string(R"("b64":true)"),
          std::string(R"("zip":"DEF")")}) {
        EXPECT_EQ(fault_of(jwks, with_header(R"({"alg":"ES256",)" + parameter + '}')),
                  "the header has a parameter that is not accepted")
            << parameter;
    }
    for (const char *parameter :
         {R"("typ":"at+jwt")", R"("cty":"JWT")", R"("x5t":"dGh1bWI")", R"("nonce":"b64")"}) {
        EXPECT_EQ(fault_of(jwks, with_header(R"({"alg":"ES256",)" + std::string(parameter) + '}')),
                  "(verified)")
            << parameter;
    }
}

TEST(Jws, KeyIdPicksTheKey) {
    const Jwks jwks = parsed(SigningKey::ec("P-256").jwk(R"("kid":"old")") + ',' +
                             SigningKey::of("ES256").jwk(R"("kid":"new")") + ',' +
                             SigningKey::of("RS256").jwk(R"("kid":"rsa")"));
    const auto with_key_id = [](std::string_view key_id) {
        return with_header(R"({"alg":"ES256","kid":)" + std::string(key_id) + '}');
    };
    EXPECT_EQ(fault_of(jwks, with_key_id("\"new\"")), "(verified)");
    EXPECT_EQ(fault_of(jwks, with_header(R"({"alg":"ES256"})")), "(verified)");
    EXPECT_EQ(fault_of(jwks, with_key_id("\"old\"")), "the signature does not verify");
    EXPECT_EQ(fault_of(jwks, with_key_id("\"rsa\"")), "the algorithm is not the key's");
    for (const char *unknown :
         {"\"\"", "\"NEW\"", "\"new \"", "\"ne\"", R"("new\u000a")", R"("../../dev/null")", "null",
          "1", "[\"new\"]", "{\"kid\":\"new\"}", "true"}) {
        EXPECT_EQ(fault_of(jwks, with_key_id(unknown)), "no key has the token's kid") << unknown;
    }
    EXPECT_EQ(verify_jws(jwks, with_key_id("\"new\""))->key_id, "new");
    EXPECT_EQ(verify_jws(jwks, with_header(R"({"alg":"ES256"})"))->key_id, "new");
}

// A set of so many other keys of ES256 and then the one that signs.
Jwks behind(std::size_t others) {
    std::string keys;
    for (std::size_t number = 0; number < others; ++number) {
        keys += SigningKey::ec("P-256").jwk("\"kid\":\"" + std::to_string(number) + '"') + ',';
    }
    return parsed(keys + SigningKey::of("ES256").jwk(R"("kid":"signer")"));
}

// Each key that is tried is a verification, which anybody could have as often as there are keys.
TEST(Jws, WithoutAKeyIdFewKeysAreTried) {
    const std::string unnamed = with_header(R"({"alg":"ES256"})");
    EXPECT_EQ(fault_of(behind(DecodedJws::kMostKeysTried - 1), unnamed), "(verified)");
    const Jwks too_many = behind(DecodedJws::kMostKeysTried);
    EXPECT_EQ(fault_of(too_many, unnamed),
              "the token has no kid, and its algorithm more keys than are tried");
    EXPECT_EQ(fault_of(too_many, with_header(R"({"alg":"ES256","kid":"signer"})")), "(verified)");
    EXPECT_EQ(fault_of(too_many, with_header(R"({"alg":"RS256"})")),
              "the algorithm is not the key's");
}

TEST(Jws, AKeyWithoutIdIsForTokensWithout) {
    EXPECT_EQ(fault_of(es256_keys(), with_header(R"({"alg":"ES256","kid":"a"})")),
              "no key has the token's kid");
    EXPECT_EQ(fault_of(es256_keys(), with_header(R"({"alg":"ES256","kid":""})")),
              "no key has the token's kid");
    EXPECT_EQ(fault_of(es256_keys(), with_header(R"({"alg":"ES256"})")), "(verified)");
}

TEST(Jws, SizeIsBounded) {
    const SigningKey &key = SigningKey::of("ES256");
    const Jwks jwks = es256_keys();
    const auto token_of = [&key](std::size_t payload) {
        return key.token("ES256", std::string(payload, 'x'));
    };
    const std::size_t rest = token_of(0).size();
    const std::size_t most = (DecodedJws::kMaxSize - rest) / 4 * 3;
    ASSERT_EQ(token_of(most).size(), DecodedJws::kMaxSize - (DecodedJws::kMaxSize - rest) % 4);
    EXPECT_EQ(fault_of(jwks, token_of(most)), "(verified)");
    EXPECT_EQ(fault_of(jwks, token_of(most + 3)), "the token is larger than 16 KiB");
    EXPECT_EQ(fault_of(jwks, std::string(1 << 20, '.')), "the token is larger than 16 KiB");
}

TEST(Jws, PayloadIsAnyBytes) {
    const SigningKey &key = SigningKey::of("EdDSA");
    const Jwks jwks = parsed(key.jwk());
    for (const std::string &payload :
         {std::string(), std::string(1, '\0'), std::string("\xff\xfe"), std::string("no JSON")}) {
        const auto verified = verify_jws(jwks, key.token("EdDSA", payload));
        ASSERT_TRUE(verified.ok());
        EXPECT_EQ(verified->payload, payload);
    }
}

}  // namespace
}  // namespace ipfence::jws_test
