#include "engine/credential/authorization_request.hpp"

#include <gtest/gtest.h>

#include <string>

#include "t/unit/credential/encoding.hpp"

namespace ipfence::authorization_request_test {
namespace {

// The client_id, "(none)", or "refused".
std::string client_of(const std::string &parameters) {
    std::string storage(2 * parameters.size(), '\0');
    const auto request = parse_authorization_request(parameters, storage);
    if (!request) {
        EXPECT_FALSE(request.error().description.empty());
        return "refused";
    }
    return request->client_id.empty() ? "(none)" : std::string(request->client_id);
}

TEST(AuthorizationRequest, NamesItsClient) {
    EXPECT_EQ(client_of("response_type=code&client_id=web&scope=openid+email"), "web");
    EXPECT_EQ(client_of("client%5fid=a%2Fb+c"), "a/b c");
    EXPECT_EQ(client_of(""), "(none)");
    EXPECT_EQ(client_of("state=x"), "(none)");
}

TEST(AuthorizationRequest, OtherParametersMayLookAsTheyLike) {
    EXPECT_EQ(
        client_of(
            "client_id=web&claims=%7B%22a%22%3A1%7D&ui_locales=de&ui_locales=en&x[]=1&y=%zz;z"),
        "web");
    EXPECT_EQ(client_of("client_id=web&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Ax"),
              "web");
}

TEST(AuthorizationRequest, SaysWhetherTheUserIsToBeAsked) {
    const auto asks = [](const std::string &parameters) {
        std::string storage(2 * parameters.size(), '\0');
        const auto request = parse_authorization_request(parameters, storage);
        return request->asks_for_user && !request->may_keep_session;
    };
    EXPECT_TRUE(asks("client_id=web&prompt=login"));
    EXPECT_TRUE(asks("client_id=web&prompt=consent+select_account+login"));
    EXPECT_FALSE(asks("client_id=web&prompt=none"));
    EXPECT_FALSE(asks("client_id=login"));
    EXPECT_TRUE(asks("request=" + jwt(R"({"prompt":"login"})")));
    EXPECT_FALSE(asks("request=" + jwt(R"({"prompt":"none"})")));
}

// What a provider ignores must not keep the session's user from being decided.
TEST(AuthorizationRequest, AsksNobodyWhereAProviderMayGoByTheSession) {
    const auto asks = [](const std::string &parameters) {
        std::string storage(2 * parameters.size(), '\0');
        const auto request = parse_authorization_request(parameters, storage);
        return request->asks_for_user && !request->may_keep_session;
    };
    for (const char *prompt :
         {"nologin", "logins", "LOGIN", "login%20none", "consent", "select_account", "create",
          "consent+select_account", "login,consent", "", "login%2bconsent"}) {
        EXPECT_FALSE(asks(std::string("client_id=web&prompt=") + prompt)) << prompt;
    }
    EXPECT_TRUE(asks("prompt=+login"));
    EXPECT_FALSE(asks("prompt=login&request=" + jwt(R"({"prompt":"none"})"))) << "RFC 9101";
    EXPECT_FALSE(asks("prompt=login&request=" + jwt(R"({"scope":"openid"})")));
    EXPECT_FALSE(asks("prompt=login&request=a.b.c.d.e")) << "encrypted";
    EXPECT_FALSE(asks("prompt=login&request_uri=urn%3Ax"));
    EXPECT_TRUE(asks("request=" + jwt(R"({"prompt":"consent login"})")));
    EXPECT_FALSE(asks("prompt=login&g_continue")) << "Glewlwyd";
    EXPECT_FALSE(asks("g_continue=&prompt=login&g_continue"));
    EXPECT_FALSE(asks("prompt=login&g%5fcontinue"));
    EXPECT_TRUE(asks("prompt=login&state=g_continue&login_hint=a%40b"));
}

// What providers and clients really add.
TEST(AuthorizationRequest, ARealRequestIsRead) {
    EXPECT_EQ(
        client_of("scope=openid%20profile&state=eyJhIjoxfQ%3D%3D&response_type=code%20id_token&"
                  "client_id=https%3A%2F%2Fapp.example%2F&redirect_uri=https://app.example/cb?x=1&"
                  "nonce=n&code_challenge=E9Mel&code_challenge_method=S256&resource=a&resource=b&"
                  "acr_values=urn:a+urn:b&login_hint=a%40b.example&id_token_hint=a.b.c&"
                  "claims_locales=&kc_idp_hint=x&ui_locales=&dpop_jkt=x&utm.source=mail&_ga=1"),
        "https://app.example/");
}

TEST(AuthorizationRequest, TwoReadingsAreRefused) {
    for (const std::string parameters :
         {"client_id=web&client_id=web", "client_id=web&client_id=other",
          "client_id=web&Client_Id=x", "client_id=web&client.id=x", "client_id=web&client_id[]=x",
          "client_id=web;client_id=x", "x=1;client%5fid=x", "client_id[%zz]=x",
          "client_id=", "client_id=%00", "client_id=%ff", "client_id=%zz", "request=a&request=b",
          "client_id=web&request_uri=a&request_uri=b"}) {
        EXPECT_EQ(client_of(parameters), "refused") << parameters;
    }
}

TEST(AuthorizationRequest, ARequestObjectNamesTheSameClient) {
    const auto with = [](const std::string &claims) {
        return client_of("client_id=web&request=" + jwt(claims));
    };
    EXPECT_EQ(with(R"({"client_id":"web"})"), "web");
    EXPECT_EQ(with(R"({"scope":"openid"})"), "web");
    EXPECT_EQ(with(R"({"client_id":"other"})"), "refused");
    EXPECT_EQ(with(R"({"client_id":["web"]})"), "refused");
    EXPECT_EQ(with(R"({"client_id":"web","client_id":"other"})"), "refused");
    EXPECT_EQ(client_of("request=" + jwt(R"({"client_id":"web"})")), "refused");
    EXPECT_EQ(client_of("client_id=web&request=a.b.c.d.e"), "web") << "encrypted";
}

}  // namespace
}  // namespace ipfence::authorization_request_test
