#include "engine/credential/issued_tokens.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "t/unit/credential/encoding.hpp"
#include "t/unit/credential/response_reading.hpp"

namespace ipfence::issued_tokens_test {
namespace {

const std::vector<std::string> kUserClaims{"sub"};
const std::vector<std::string> kVerifiedMethods{"mfa", "otp"};
const std::vector<std::string> kVerifiedClasses{"urn:gold"};

struct Reading {
    IssuedTokens tokens;
    TokenClaims claims;
};

Reading read(std::string_view id_token, std::string_view access_token = {}) {
    Reading reading;
    reading.tokens.id_token = id_token;
    reading.tokens.access_token = access_token;
    EXPECT_EQ(read_identity(reading.tokens, {kUserClaims, {}, kVerifiedMethods, kVerifiedClasses},
                            reading.claims),
              "");
    return reading;
}

std::string client_of(const std::string &id_claims, const std::string &access_claims = {}) {
    const auto token = [](const std::string &claims) {
        return claims.empty() ? std::string("opaque") : jwt(claims);
    };
    return std::string(read(token(id_claims), token(access_claims)).tokens.client_id);
}

TEST(IssuedTokens, AreKeptAsTheyWereIssued) {
    const TokenResponse response = read_response(
        200, R"({"access_token":"A","refresh_token":"R","id_token":"I","expires_in":60,)"
             R"("refresh_expires_in":1800})");
    EXPECT_EQ(response.tokens.access_token, "A");
    EXPECT_EQ(response.tokens.refresh_token, "R");
    EXPECT_EQ(response.tokens.id_token, "I");
    EXPECT_EQ(response.tokens.expires_in, 60);
    EXPECT_EQ(response.tokens.refresh_expires_in, 1800);
}

// Threats I08.
TEST(IssuedTokens, ALifetimeIsSensible) {
    const auto lifetime = [](const std::string &json) {
        return read_response(200, R"({"access_token":"A","expires_in":)" + json + '}')
            .tokens.expires_in;
    };
    EXPECT_EQ(lifetime("0"), 0);
    EXPECT_EQ(lifetime("631138518"), 631138518) << "twenty years";
    EXPECT_EQ(lifetime("9223372036854775807"), INT64_MAX) << "for ever";
    for (const char *json : {"-1", "\"60\"", "60.0", "1e3", "null", "[60]"}) {
        EXPECT_EQ(lifetime(json), std::nullopt) << json;
    }
}

TEST(IssuedTokens, AJwtSaysHowLongItIsGood) {
    const auto span = [](const std::string &claims) {
        const auto reading = read(jwt(claims), jwt(claims));
        EXPECT_EQ(reading.tokens.id_token_span, reading.tokens.access_token_span) << claims;
        return reading.tokens.id_token_span;
    };
    EXPECT_EQ(span(R"({"iat":1000,"exp":1600})"), 600);
    EXPECT_EQ(span(R"({"iat":1000.5,"exp":1600.5})"), 601);
    EXPECT_EQ(span(R"({"iat":1600,"exp":1000})"), 0);
    EXPECT_EQ(span(R"({"exp":1600})"), std::nullopt);
    EXPECT_EQ(span(R"({"iat":1000})"), std::nullopt);
    EXPECT_EQ(span(R"({"iat":"1000","exp":1600})"), std::nullopt);
    EXPECT_EQ(span(R"({"iat":1000,"exp":-1})"), std::nullopt);
    EXPECT_EQ(read("opaque", "opaque").tokens.id_token_span, std::nullopt);
}

TEST(IssuedTokens, TheIdTokenSaysWhoseClientItIs) {
    EXPECT_EQ(client_of(R"({"azp":"web","aud":"other"})"), "web");
    EXPECT_EQ(client_of(R"({"aud":"web"})"), "web");
    EXPECT_EQ(client_of(R"({"aud":["web"]})"), "web");
    EXPECT_EQ(client_of(R"({"aud":["web","api"]})"), "");
    EXPECT_EQ(client_of(R"({"aud":[]})"), "");
    EXPECT_EQ(client_of(R"({"aud":"web"})", R"({"client_id":"other"})"), "web");
}

TEST(IssuedTokens, ElseTheAccessTokenDoes) {
    EXPECT_EQ(client_of("", R"({"client_id":"web","azp":"other"})"), "web");
    EXPECT_EQ(client_of("", R"({"azp":"web","aud":"api"})"), "web");
    EXPECT_EQ(client_of("", R"({"aud":"api"})"), "") << "the resource server";
    EXPECT_EQ(client_of(R"({"aud":["web","api"]})", R"({"client_id":"web"})"), "web");
    EXPECT_EQ(client_of("", ""), "");
}

TEST(IssuedTokens, TheIdTokenSaysWhetherTheUserWasVerified) {
    const auto verified = [](const std::string &claims) {
        return read(jwt(claims)).tokens.verified;
    };
    EXPECT_TRUE(verified(R"({"amr":["pwd","mfa"]})"));
    EXPECT_TRUE(verified(R"({"acr":"urn:gold"})"));
    EXPECT_TRUE(verified(R"({"acr":"urn:gold","amr":["pwd"]})"));
    for (const char *claims :
         {"{}", R"({"amr":["pwd"]})", R"({"amr":[]})", R"({"amr":"mfa"})", R"({"amr":[["mfa"]]})",
          R"({"amr":["MFA"]})", R"({"amr":["urn:gold"]})", R"({"acr":"mfa"})",
          R"({"acr":["urn:gold"]})", R"({"acr":"urn:gold2"})"}) {
        EXPECT_FALSE(verified(claims)) << claims;
    }
    EXPECT_FALSE(read("opaque", jwt(R"({"acr":"urn:gold"})")).tokens.verified) << "an access token";
}

TEST(IssuedTokens, ATokenWithTwoReadingsIsWrong) {
    const std::string token = jwt(R"({"sub":"a","sub":"b"})");
    IssuedTokens tokens;
    tokens.access_token = token;
    TokenClaims claims;
    EXPECT_NE(read_identity(tokens, {kUserClaims}, claims), "");
}

}  // namespace
}  // namespace ipfence::issued_tokens_test
