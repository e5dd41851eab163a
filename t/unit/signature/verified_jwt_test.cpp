#include "engine/signature/verified_jwt.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "t/unit/signature/signing_key.hpp"

namespace ipfence::verified_jwt_test {
namespace {

using std::string_view;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kLeeway = JwtExpectations::kLeeway;

std::string token_of(string_view payload) {
    return SigningKey::of("EdDSA").token("EdDSA", payload);
}

Result<VerifiedJwt, JwtFault> verify(string_view payload, JwtExpectations expectations = {}) {
    static const Jwks jwks = parsed(SigningKey::of("EdDSA").jwk());
    expectations.now = kNow;
    return verify_jwt(jwks, token_of(payload), expectations);
}

std::string fault_of(string_view payload, const JwtExpectations &expectations = {}) {
    const auto verified = verify(payload, expectations);
    return verified ? "(verified)" : std::string(verified.error().description);
}

// Claims that expire in an hour, with these claims too.
std::string claims(const std::string &more) {
    return R"({"exp":)" + std::to_string(kNow + 3600) + (more.empty() ? "" : ",") + more + '}';
}

std::string at(const char *name, std::int64_t time) {
    return '"' + std::string(name) + "\":" + std::to_string(time);
}

TEST(VerifiedJwt, HasItsClaimsAndItsEnd) {
    const auto verified = verify(claims(R"("sub":"alice","client_id":"app")"));
    ASSERT_TRUE(verified.ok()) << verified.error().description;
    EXPECT_EQ(verified->claims.text("sub"), "alice");
    EXPECT_EQ(verified->claims.text("client_id"), "app");
    EXPECT_EQ(verified->expires, kNow + 3600);
}

TEST(VerifiedJwt, NeedsASignature) {
    const Jwks jwks = parsed(SigningKey::of("ES256").jwk());
    const auto verified = verify_jwt(jwks, token_of(claims("")), {.now = kNow});
    ASSERT_FALSE(verified.ok());
    EXPECT_EQ(verified.error().description, "the algorithm is not the key's");
}

TEST(VerifiedJwt, Expires) {
    const auto expiring = [](std::int64_t time) { return fault_of('{' + at("exp", time) + '}'); };
    EXPECT_EQ(expiring(kNow + 1), "(verified)");
    EXPECT_EQ(expiring(kNow), "(verified)") << "clocks differ";
    EXPECT_EQ(expiring(kNow - kLeeway + 1), "(verified)");
    EXPECT_EQ(expiring(kNow - kLeeway), "the token has expired");
    EXPECT_EQ(expiring(1300819380), "the token has expired");
    EXPECT_EQ(expiring(0), "the token has expired");
}

// Threats, Libraries: what jansson reads and no clock shows.
TEST(VerifiedJwt, EndIsATime) {
    for (const char *exp : {"-1",
                            "-9223372036854775808",
                            "9223372036854775807",
                            "-0.5",
                            "-1.5",
                            "1e13",
                            "1e308",
                            "1e400",
                            "-1e400",
                            "-1e308",
                            "18446744073709551616",
                            "1099511627777",
                            "1099511627776.5",
                            "NaN",
                            "nan",
                            "Infinity",
                            "-Infinity",
                            "\"1800003600.5\"",
                            "\"text\"",
                            "\"1800003600\"",
                            "null",
                            "true",
                            "[]",
                            "[1800003600]",
                            "{}",
                            "\"\"",
                            "1800003600000000"}) {
        const std::string fault = fault_of(R"({"exp":)" + std::string(exp) + '}');
        EXPECT_TRUE(fault == "exp is missing or no time" ||
                    fault == "the claims are not a JSON object with unique members")
            << exp << ": " << fault;
    }
    EXPECT_EQ(fault_of("{}"), "exp is missing or no time");
    EXPECT_EQ(fault_of(R"({"Exp":1800003600})"), "exp is missing or no time");
    EXPECT_EQ(fault_of(R"({"exp":1800003600})"), "(verified)");
}

// RFC 7519, section 2. A part of a second that has begun does not make a token valid.
TEST(VerifiedJwt, TimesMayHaveAFraction) {
    const auto end_of = [](const char *exp) {
        const auto verified = verify(R"({"exp":)" + std::string(exp) + '}');
        return verified ? verified->expires : -1;
    };
    EXPECT_EQ(end_of("1800003600.0"), 1800003600);
    EXPECT_EQ(end_of("1800003600.5"), 1800003600);
    EXPECT_EQ(end_of("1800003600.999"), 1800003600);
    EXPECT_EQ(end_of("1.8000036005e9"), 1800003600);
    EXPECT_EQ(end_of("1e10"), 10'000'000'000);
    EXPECT_EQ(end_of("1099511627776.0"), 1'099'511'627'776);
    for (const char *past : {"0.0", "-0.0", "0.5", "1e3", "1e-400", "1799999940.9"}) {
        EXPECT_EQ(fault_of(R"({"exp":)" + std::string(past) + '}'), "the token has expired")
            << past;
    }
    for (const char *name : {"nbf", "iat"}) {
        const std::string key = '"' + std::string(name) + "\":";
        for (const char *time : {"0.0", "1.5", "1e9", "1800000059.1", "1800000060.0"}) {
            EXPECT_EQ(fault_of(claims(key + time)), "(verified)") << name << ' ' << time;
        }
        EXPECT_EQ(fault_of(claims(key + "1800000060.1")), "the token is from the future") << name;
    }
}

// Threats G14.
TEST(VerifiedJwt, BeginsBeforeNow) {
    for (const char *name : {"nbf", "iat"}) {
        EXPECT_EQ(fault_of(claims(at(name, kNow - 3600))), "(verified)") << name;
        EXPECT_EQ(fault_of(claims(at(name, kNow))), "(verified)") << name;
        EXPECT_EQ(fault_of(claims(at(name, kNow + kLeeway))), "(verified)") << name;
        EXPECT_EQ(fault_of(claims(at(name, kNow + kLeeway + 1))), "the token is from the future")
            << name;
        EXPECT_EQ(fault_of(claims(at(name, 0))), "(verified)") << name;
        for (const char *time : {"-1", "-0.5", "1e13", "1e308", "\"1\"", "\"text\"", "null", "true",
                                 "[1]", "{}", "9223372036854775807"}) {
            EXPECT_EQ(fault_of(claims('"' + std::string(name) + "\":" + time)),
                      "nbf or iat is no time")
                << name << ' ' << time;
        }
    }
}

// Threats G15.
TEST(VerifiedJwt, IssuerIsExact) {
    const JwtExpectations expectations{.issuer = "https://idp.example"};
    EXPECT_EQ(fault_of(claims(R"("iss":"https://idp.example")"), expectations), "(verified)");
    EXPECT_EQ(fault_of(claims(R"("iss":"https:\/\/idp.example")"), expectations), "(verified)");
    for (const char *issuer :
         {R"("iss":"https://idp.example/")", R"("iss":"https://IDP.example")",
          R"("iss":"http://idp.example")", R"("iss":"https://idp.example.evil.example")",
          R"("iss":"https://idp.exampl")", R"("iss":"")", R"("iss":null)", R"("iss":1)",
          R"("iss":["https://idp.example"])", R"("iss":{"https://idp.example":1})",
          R"("x":"https://idp.example")"}) {
        EXPECT_EQ(fault_of(claims(issuer), expectations), "the issuer is another") << issuer;
    }
    EXPECT_EQ(fault_of(claims(R"("iss":"anyone")")), "(verified)");
    EXPECT_EQ(fault_of(claims("")), "(verified)");
    for (const char *issuer : {R"("iss":"anyone")", R"("iss":"")", ""}) {
        EXPECT_EQ(fault_of(claims(issuer), {.issuer = ""}), "the issuer is another") << issuer;
    }
}

TEST(VerifiedJwt, AudienceIsAmongThoseWanted) {
    constexpr std::array<string_view, 2> kWanted{"api", "https://api.example/"};
    const JwtExpectations expectations{.audiences = kWanted};
    for (const char *audience :
         {R"("aud":"api")", R"("aud":["api"])", R"("aud":["x","https://api.example/"])",
          R"("aud":["api","x"])", R"("aud":[1,null,"api"])"}) {
        EXPECT_EQ(fault_of(claims(audience), expectations), "(verified)") << audience;
    }
    for (const char *audience :
         {R"("aud":"api.evil")", R"("aud":"ap")", R"("aud":"API")", R"("aud":"api ")",
          R"("aud":"api x")", R"("aud":["x"])", R"("aud":[])", R"("aud":null)",
          R"("aud":[["api"]])", R"("aud":{"api":1})", R"("aud":"https://api.example")",
          R"("azp":"api")", R"("aud":1)"}) {
        EXPECT_EQ(fault_of(claims(audience), expectations), "the token is for another audience")
            << audience;
    }
    EXPECT_EQ(fault_of(claims(R"("aud":"anyone")")), "(verified)");
}

// Threats G12.
TEST(VerifiedJwt, ClaimsHaveOneReading) {
    for (const std::string &payload :
         {claims(R"("sub":"bob","sub":"alice")"), claims(R"("sub":"bob","s\u0075b":"alice")"),
          claims(R"("exp":9999999999)"), claims("\"x\":{\"y\":1,\"y\":2}"),
          claims("\"x\":" + std::string(64, '[') + std::string(64, ']')), claims("") + 'x',
          '[' + claims("") + ']', std::string(), std::string("Payload"), std::string("\0", 1)}) {
        EXPECT_EQ(fault_of(payload), "the claims are not a JSON object with unique members")
            << payload;
    }
    for (const char *variant : {R"("sub":"bob","Sub":"alice")", R"("SUB":"alice")",
                                R"("iss":"a","Iss":"b")", R"("\u017fub":"alice")"}) {
        EXPECT_EQ(fault_of(claims(variant)), "iss or sub is given in another spelling") << variant;
    }
    EXPECT_EQ(fault_of(claims(R"("sub":"alice","act":{"sub":"bob"})")), "(verified)");
}

// Threats G09: nothing is decrypted or unpacked.
TEST(VerifiedJwt, IsSignedAndNotWrapped) {
    EXPECT_EQ(fault_of(token_of(claims(""))),
              "the claims are not a JSON object with unique members");
    const Jwks jwks = parsed(SigningKey::of("EdDSA").jwk());
    const auto encrypted = verify_jwt(
        jwks, "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXY.Y2lwaGVy.dGFn", {.now = kNow});
    ASSERT_FALSE(encrypted.ok());
    EXPECT_EQ(encrypted.error().description, "the token has not three parts");
}

}  // namespace
}  // namespace ipfence::verified_jwt_test
