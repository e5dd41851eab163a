// Which app a token request is of, when it says so in up to three places (threats.md E).

#include <gtest/gtest.h>

#include <string>

#include "engine/credential/token_request.hpp"
#include "t/unit/credential/encoding.hpp"
#include "t/unit/credential/request_reading.hpp"

namespace ipfence::client_identity_test {
namespace {

constexpr const char *kJwtType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr const char *kDisagree = "the request names more than one client";
constexpr const char *kNoReading = "the client_assertion is not a JWT with one reading";
constexpr const char *kNotItself =
    "the client_assertion must have the client as issuer and subject";
constexpr const char *kHalfAssertion =
    "client_assertion and its type must be a JWT bearer assertion";

std::string claims_of(std::string_view client) {
    return R"({"iss":")" + std::string(client) + R"(","sub":")" + std::string(client) + R"("})";
}

ReadRequest read_client_assertion(std::string_view assertion, std::string_view type = kJwtType) {
    return read_request(form({{"grant_type", "client_credentials"},
                              {"client_assertion_type", type},
                              {"client_assertion", assertion}}));
}

TEST(ClientIdentity, EachPlaceNamesTheClient) {
    EXPECT_EQ(read_request("grant_type=x&client_id=app").client_id, "app");
    EXPECT_EQ(read_request("grant_type=x", basic("app:s")).client_id, "app");
    EXPECT_EQ(read_client_assertion(jwt(claims_of("app"))).client_id, "app");
    EXPECT_EQ(read_request("grant_type=x").client_id, "");
}

TEST(ClientIdentity, AllPlacesMayAgree) {
    const std::string body = form({{"grant_type", "authorization_code"},
                                   {"client_id", "caf\u00e9:1"},
                                   {"client_assertion_type", kJwtType},
                                   {"client_assertion", jwt(claims_of("caf\\u00e9:1"))}});
    const ReadRequest request = read_request(body, basic("caf%C3%A9%3A1:s"));
    EXPECT_EQ(request.refusal, "");
    EXPECT_EQ(request.client_id, "caf\u00e9:1");
    EXPECT_EQ(request.raw_client_id, "caf%C3%A9%3A1");
}

// Threats E01.
TEST(ClientIdentity, PlacesThatDisagreeAreRefused) {
    const auto read = [](std::string_view in_body, std::string_view in_assertion,
                         const std::string &authorization) {
        std::string body = "grant_type=x";
        if (!in_body.empty()) {
            body += '&' + form({{"client_id", in_body}});
        }
        if (!in_assertion.empty()) {
            body += '&' + form({{"client_assertion_type", kJwtType},
                                {"client_assertion", jwt(claims_of(in_assertion))}});
        }
        return read_request(body, authorization).refusal;
    };
    EXPECT_EQ(read("relaxed", "", basic("app:s")), kDisagree);
    EXPECT_EQ(read("relaxed", "app", ""), kDisagree);
    EXPECT_EQ(read("", "app", basic("relaxed:s")), kDisagree);
    EXPECT_EQ(read("app", "app", basic("relaxed:s")), kDisagree);
    EXPECT_EQ(read("app", "relaxed", basic("app:s")), kDisagree);
    EXPECT_EQ(read("App", "", basic("app:s")), kDisagree);
    EXPECT_EQ(read("app ", "", basic("app:s")), kDisagree);
    EXPECT_EQ(read("app", "app", basic("app:s")), "");
}

// Threats E03: what the body says agrees with the form-decoded reading, never with the raw one.
TEST(ClientIdentity, BasicIsFormDecoded) {
    EXPECT_EQ(read_request("grant_type=x&client_id=a+b", basic("a+b:s")).raw_client_id, "a+b");
    EXPECT_EQ(read_request("grant_type=x&client_id=a%2Bb", basic("a+b:s")).refusal, kDisagree);
    EXPECT_EQ(read_request("grant_type=x&client_id=a%2Bb", basic("a%2Bb:s")).client_id, "a+b");
    EXPECT_EQ(read_request("grant_type=x", basic("app:s")).raw_client_id, "");
}

TEST(ClientIdentity, AnUnreadableClientIdIsRefused) {
    for (const char *client_id : {"", "%ff", "%C0%AF"}) {
        EXPECT_EQ(read_request(std::string("grant_type=x&client_id=") + client_id).refusal,
                  "the client_id is empty or not readable text")
            << client_id;
    }
    EXPECT_EQ(read_request("grant_type=x&client_id=caf%C3%A9").client_id, "caf\u00e9");
}

TEST(ClientIdentity, BadAuthorizationIsRefused) {
    for (const std::string &authorization :
         {std::string("Bearer x"), std::string("Basic"), std::string("Basic ?"), basic("app"),
          basic(":s"), basic("%zz:s"), basic("app:s") + ", Bearer y"}) {
        EXPECT_NE(read_request("grant_type=x&client_id=app", authorization).refusal, "")
            << authorization;
    }
}

// Threats E08: the issuer and the subject of RFC 7523, section 3, are the client.
TEST(ClientIdentity, AnAssertionSpeaksForItself) {
    for (const char *claims :
         {R"({"iss":"app","sub":"relaxed"})", R"({"sub":"relaxed"})", R"({"iss":"app"})", "{}",
          R"({"iss":"app","sub":["app"]})", R"({"iss":["app"],"sub":"app"})",
          R"({"iss":"","sub":""})", R"({"iss":"app","sub":"App"})", R"({"iss":"a\n","sub":"a\n"})",
          R"({"iss":1,"sub":1})"}) {
        EXPECT_EQ(read_client_assertion(jwt(claims)).refusal, kNotItself) << claims;
    }
}

TEST(ClientIdentity, AnAssertionHasOneReading) {
    const std::string jwe = base64url(R"({"alg":"dir","enc":"A256GCM"})") + "..aXY.Y2lwaGVy.dGFn";
    for (const std::string &assertion :
         {std::string(), std::string("opaque"), jwe, jwt("[]"), jwt(claims_of("app")) + "=",
          jwt(R"({"iss":"app","sub":"app","sub":"relaxed"})"),
          jwt(R"({"iss":"relaxed","sub":"relaxed","SUB":"app","ISS":"app"})"),
          jwt(R"({"iss":"relaxed","sub":"relaxed","\u017fub":"app"})")}) {
        EXPECT_EQ(read_client_assertion(assertion).refusal, kNoReading) << assertion;
    }
    // A body that names the client as well mends nothing.
    EXPECT_EQ(read_request(form({{"grant_type", "x"},
                                 {"client_id", "app"},
                                 {"client_assertion_type", kJwtType},
                                 {"client_assertion", jwe}}))
                  .refusal,
              kNoReading);
}

TEST(ClientIdentity, AnAssertionHasItsType) {
    const std::string assertion = jwt(claims_of("app"));
    for (const char *type : {"", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
                             "URN:ietf:params:oauth:client-assertion-type:jwt-bearer", "jwt"}) {
        EXPECT_EQ(read_client_assertion(assertion, type).refusal, kHalfAssertion) << type;
    }
    EXPECT_EQ(read_request(form({{"grant_type", "x"}, {"client_assertion", assertion}})).refusal,
              kHalfAssertion);
    EXPECT_EQ(
        read_request(form({{"grant_type", "x"}, {"client_assertion_type", kJwtType}})).refusal,
        kHalfAssertion);
    EXPECT_EQ(read_request(form({{"grant_type", "x"}, {"client_assertion_type", ""}})).refusal,
              kHalfAssertion);
}

}  // namespace
}  // namespace ipfence::client_identity_test
