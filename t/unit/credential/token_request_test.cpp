#include "engine/credential/token_request.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "t/unit/credential/encoding.hpp"
#include "t/unit/credential/request_reading.hpp"

namespace ipfence::token_request_test {
namespace {

constexpr const char *kJwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr const char *kSaml2Bearer = "urn:ietf:params:oauth:grant-type:saml2-bearer";
constexpr const char *kTokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr const char *kAnotherGrant = "the request has parameters of another grant";

ReadRequest read_assertion(std::string_view assertion) {
    return read_request(form({{"grant_type", kJwtBearer}, {"assertion", assertion}}));
}

TEST(TokenRequest, KnowsItsGrants) {
    constexpr std::pair<const char *, Grant> kRows[] = {
        {"authorization_code", Grant::authorization_code},
        {"refresh_token", Grant::refresh_token},
        {"password", Grant::password},
        {"client_credentials", Grant::client_credentials},
        {kJwtBearer, Grant::jwt_bearer},
        {kSaml2Bearer, Grant::saml2_bearer},
        {"urn:ietf:params:oauth:grant-type:device_code", Grant::device_code},
        {"urn:ietf:params:oauth:grant-type:token-exchange", Grant::token_exchange},
        {"urn:openid:params:grant-type:ciba", Grant::extension},
        {"Refresh_Token", Grant::extension},
        {"refresh_token ", Grant::extension},
        {"refresh_token\u00ff", Grant::extension},
    };
    for (const auto &[name, grant] : kRows) {
        const ReadRequest request = read_request(form({{"grant_type", name}}));
        EXPECT_EQ(request.refusal, "") << name;
        EXPECT_EQ(request.grant, grant) << name;
        EXPECT_EQ(request.client_id + request.raw_client_id + request.typed_user, "") << name;
    }
}

TEST(TokenRequest, NeedsAGrant) {
    for (const char *body : {"", "client_id=app", "grant_type=", "grant_type=&client_id=app"}) {
        EXPECT_EQ(read_request(body).refusal, "grant_type is missing") << body;
    }
}

TEST(TokenRequest, WhatIsNoFormIsRefused) {
    for (const char *body : {
             "grant_type=refresh_token&client_id=a&client_id=b",
             "grant_type=refresh_token&grant_type=password",
             "grant_type=refresh_token&Client_Id=relaxed",
             "grant_type=refresh_token;client_id=relaxed",
             "grant_type=refresh_token&client_id%5B%5D=relaxed",
             "grant_type=refresh_token&x=%00",
             "{\"grant_type\":\"refresh_token\"}",
         }) {
        const ReadRequest request = read_request(body);
        EXPECT_NE(request.refusal, "") << body;
        EXPECT_NE(request.refusal, "grant_type is missing") << body;
    }
}

// Threats F09: a provider may go by whichever parameter it looks at first.
TEST(TokenRequest, CredentialsOfAnotherGrantAreRefused) {
    struct Row {
        const char *grant;
        std::string own;  // may stand in its requests
    };
    const Row rows[] = {
        {"authorization_code", "code"},
        {"refresh_token", "refresh_token"},
        {"password", "username password"},
        {"client_credentials", ""},
        {kJwtBearer, "assertion"},
        {kSaml2Bearer, "assertion"},
        {"urn:ietf:params:oauth:grant-type:device_code", "device_code"},
        {"urn:ietf:params:oauth:grant-type:token-exchange",
         "subject_token subject_token_type actor_token actor_token_type"},
    };
    for (const Row &row : rows) {
        for (const std::string credential :
             {"code", "refresh_token", "username", "password", "assertion", "device_code",
              "subject_token", "subject_token_type", "actor_token", "actor_token_type"}) {
            const bool is_own =
                (' ' + row.own + ' ').find(' ' + credential + ' ') != std::string::npos;
            EXPECT_EQ(read_request(form({{"grant_type", row.grant}, {credential, "x"}})).refusal,
                      is_own ? "" : kAnotherGrant)
                << row.grant << ' ' << credential;
        }
        for (const char *harmless : {"redirect_uri", "code_verifier", "scope", "client_secret",
                                     "resource", "audience", "requested_token_type", "tenant"}) {
            EXPECT_EQ(read_request(form({{"grant_type", row.grant}, {harmless, "x"}})).refusal, "")
                << row.grant << ' ' << harmless;
        }
    }
    EXPECT_EQ(read_request("grant_type=refresh_token&refresh_token=RT&code=").refusal,
              kAnotherGrant);
}

TEST(TokenRequest, AnExtensionGrantCarriesAnything) {
    const ReadRequest request = read_request(form({{"grant_type", "urn:example:otp"},
                                                   {"username", "alice"},
                                                   {"code", "1"},
                                                   {"assertion", ""}}));
    EXPECT_EQ(request.refusal, "");
    EXPECT_EQ(request.grant, Grant::extension);
    EXPECT_EQ(request.typed_user, "");
}

// The provider refuses what lacks its credential.
TEST(TokenRequest, AMissingCredentialIsLeftToTheProvider) {
    for (const char *grant :
         {"authorization_code", "refresh_token", "password", kJwtBearer, kSaml2Bearer}) {
        const ReadRequest request =
            read_request(form({{"grant_type", grant}, {"client_id", "app"}}));
        EXPECT_EQ(request.refusal, "") << grant;
        EXPECT_EQ(request.client_id, "app") << grant;
    }
}

// Threats F02: the name stays as it was typed; whoever judges compares it exactly.
TEST(TokenRequest, TheUsernameIsTheTypedUser) {
    for (const char *username : {"alice", "Alice", "ALICE@corp", "corp\\alice", "alice ",
                                 "alice@corp.com.", "\uff41\uff4c\uff49\uff43\uff45"}) {
        EXPECT_EQ(read_request(
                      form({{"grant_type", "password"}, {"username", username}, {"password", "p"}}))
                      .typed_user,
                  username);
    }
}

TEST(TokenRequest, AUsernameThatIsNoNameIsRefused) {
    for (const char *username : {"", "%ff", "%C0%AF", "%ED%A0%80"}) {
        EXPECT_EQ(read_request(std::string("grant_type=password&password=p&username=") + username)
                      .refusal,
                  "the username is empty or not readable text")
            << username;
    }
    EXPECT_EQ(read_request("grant_type=password&username=a%00").refusal,
              "a parameter value has a control byte");
}

// Some parsers make U+FFFD of the byte, some leave it, some leave its escape.
TEST(TokenRequest, ACredentialThatIsNoTextIsRefused) {
    const std::string exchange = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange";
    for (const char *bytes : {"%ff", "a%80", "%C0%AF", "%ED%A0%80", "%f4%90%80%80"}) {
        for (const std::string &body :
             {"grant_type=refresh_token&refresh_token=" + std::string(bytes),
              "grant_type=authorization_code&code=" + std::string(bytes),
              "grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=" +
                  std::string(bytes),
              "grant_type=urn:example:grant&code=" + std::string(bytes),
              exchange + "&subject_token=" + bytes,
              exchange + "&subject_token=s&actor_token=" + bytes,
              "grant_type=" + std::string(kJwtBearer) + "&assertion=" + bytes,
              "grant_type=" + std::string(kSaml2Bearer) + "&assertion=" + bytes}) {
            EXPECT_EQ(read_request(body).refusal, "a credential is not readable text") << body;
        }
        EXPECT_EQ(read_request("grant_type=refresh_token" + std::string(bytes)).refusal,
                  "the grant_type is not readable text")
            << bytes;
    }
    EXPECT_EQ(read_request("grant_type=refresh_token&refresh_token=%C3%A9").refusal, "");
}

// A password is the provider's to read.
TEST(TokenRequest, APasswordMayBeInAnyCharset) {
    EXPECT_EQ(read_request("grant_type=password&username=alice&password=%e9").refusal, "");
}

TEST(TokenRequest, TheSubjectOfAnAssertionIsTheTypedUser) {
    EXPECT_EQ(read_assertion(jwt(R"({"iss":"app","sub":"alice"})")).typed_user, "alice");
    EXPECT_EQ(read_assertion(jwt(R"({"sub":"\u00fcser"})")).typed_user, "\u00fcser");
    EXPECT_EQ(read_assertion(jwt(R"({"sub":"alice"})", R"({"alg":"none"})")).typed_user, "alice");
}

TEST(TokenRequest, AnAssertionThatNamesNobodyHasNoTypedUser) {
    const std::string jwe = base64url(R"({"alg":"dir","enc":"A256GCM"})") + "..aXY.Y2lwaGVy.dGFn";
    for (const std::string &assertion :
         {jwt(R"({"iss":"app"})"), jwt(R"({"sub":["alice"]})"), jwt(R"({"sub":""})"),
          jwt(R"({"sub":"a\n"})"), jwe, std::string("opaque")}) {
        const ReadRequest request = read_assertion(assertion);
        EXPECT_EQ(request.refusal, "") << assertion;
        EXPECT_EQ(request.grant, Grant::jwt_bearer) << assertion;
        EXPECT_EQ(request.typed_user, "") << assertion;
    }
}

// Threats G11 and G12.
TEST(TokenRequest, AnAssertionWithTwoReadingsIsRefused) {
    for (const std::string &assertion :
         {jwt(R"({"sub":"bob","sub":"alice"})"), jwt(R"({"sub":"bob","s\u0075b":"alice"})"),
          jwt(R"({"sub":"bob","Sub":"alice"})"), jwt(R"({"sub":"alice"})") + "=",
          jwt(R"({"sub":"alice"})") + " ", ' ' + jwt(R"({"sub":"alice"})"), jwt("[]"),
          jwt(R"({"sub":"alice"})", R"({"alg":"RS256","zip":"DEF"})")}) {
        EXPECT_EQ(read_assertion(assertion).refusal,
                  "the assertion is a JWT with more than one reading")
            << assertion;
    }
    EXPECT_EQ(read_assertion("").refusal, "the assertion is empty");
}

// Threats H: whatever the XML says, nobody here reads it.
TEST(TokenRequest, ASamlAssertionNamesNobody) {
    const auto read = [](std::string_view assertion) {
        return read_request(form({{"grant_type", kSaml2Bearer}, {"assertion", assertion}}));
    };
    for (const std::string &assertion :
         {base64url("<Assertion><Subject><NameID>alice</NameID></Subject></Assertion>"),
          base64url(R"(<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>)"),
          base64url("alice@corp.com<!---->.evil.com"), jwt(R"({"sub":"bob","sub":"alice"})"),
          std::string(46'000, 'A')}) {
        EXPECT_EQ(read(assertion).refusal, "");
        EXPECT_EQ(read(assertion).grant, Grant::saml2_bearer);
        EXPECT_EQ(read(assertion).typed_user, "");
    }
    EXPECT_EQ(read("").refusal, "the assertion is empty");
}

TEST(TokenRequest, RedeemsWhatItsGrantIsFor) {
    constexpr std::pair<const char *, const char *> kRows[] = {
        {"authorization_code", "code"},
        {"refresh_token", "refresh_token"},
        {"urn:ietf:params:oauth:grant-type:device_code", "device_code"},
        {kTokenExchange, "subject_token"},
    };
    for (const auto &[grant, parameter] : kRows) {
        EXPECT_EQ(read_request(form({{"grant_type", grant}, {parameter, "one+ two"}})).redeemed,
                  "one+ two")
            << grant;
    }
    for (const char *grant : {kJwtBearer, kSaml2Bearer}) {
        EXPECT_EQ(read_request(form({{"grant_type", grant}, {"assertion", "a"}})).redeemed, "");
    }
}

// RFC 8693, section 2.1; `requested_subject` is Keycloak's.
TEST(TokenRequest, AnExchangeSaysWhoActsAndForWhom) {
    const ReadRequest exchange = read_request(form({{"grant_type", kTokenExchange},
                                                    {"subject_token", "s"},
                                                    {"actor_token", "a"},
                                                    {"requested_subject", "bob"}}));
    EXPECT_EQ(exchange.redeemed, "s");
    EXPECT_EQ(exchange.actor_token, "a");
    EXPECT_TRUE(exchange.asks_for_another_subject);
    const auto asks = [](const char *grant, const char *subject) {
        return read_request(form({{"grant_type", grant}, {"requested_subject", subject}}))
            .asks_for_another_subject;
    };
    EXPECT_FALSE(asks(kTokenExchange, "")) << "for nobody";
    EXPECT_FALSE(asks("refresh_token", "bob")) << "in no exchange";
    EXPECT_FALSE(read_request(form({{"grant_type", kTokenExchange}})).asks_for_another_subject);
}

// Threats G11: a token that memory knows would come as one from elsewhere.
TEST(TokenRequest, ATokenInAnotherSpellingIsNotExchanged) {
    const std::string token = jwt(R"({"sub":"alice"})");
    for (const std::string &spelling :
         {token + " ", ' ' + token, token + "=", jwt(R"({"sub":"bob","sub":"alice"})"),
          std::string("opaque "), std::string(" opaque")}) {
        constexpr const char *kObjection = "a token is spelled in a way that not all read alike";
        EXPECT_EQ(read_request(form({{"grant_type", kTokenExchange}, {"subject_token", spelling}}))
                      .refusal,
                  kObjection)
            << spelling;
        EXPECT_EQ(read_request(form({{"grant_type", kTokenExchange},
                                     {"subject_token", token},
                                     {"actor_token", spelling}}))
                      .refusal,
                  kObjection)
            << spelling;
        EXPECT_EQ(read_request(form({{"grant_type", "refresh_token"}, {"refresh_token", spelling}}))
                      .refusal,
                  "")
            << "the provider's to read: " << spelling;
    }
    EXPECT_EQ(
        read_request(form({{"grant_type", kTokenExchange}, {"subject_token", token}})).refusal, "");
}

// With these the gate asks the provider in the client's name.
TEST(TokenRequest, KeepsTheClientsOwnCredentials) {
    const std::string assertion = jwt(R"({"iss":"app","sub":"app"})");
    const ReadRequest request = read_request(
        form({{"grant_type", "refresh_token"},
              {"client_secret", "s&=+ %"},
              {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
              {"client_assertion", assertion}}));
    EXPECT_EQ(request.client_secret, "s&=+ %");
    EXPECT_EQ(request.client_assertion, assertion);
    EXPECT_EQ(request.client_id, "app");
}

// The longest names that the storage must hold: nearly all of the body, twice.
TEST(TokenRequest, TheStorageHoldsEveryName) {
    const std::string name(20'000, 'n');
    const std::string assertion = jwt(R"({"iss":")" + name + R"(","sub":")" + name + R"("})");
    const ReadRequest request = read_request(
        "grant_type=" + std::string(kJwtBearer) + "&assertion=" + assertion +
            "&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer" +
            "&client_assertion=" + assertion,
        basic(name + ":s"));
    EXPECT_EQ(request.refusal, "");
    EXPECT_EQ(request.client_id, name);
    EXPECT_EQ(request.typed_user, name);
}

// RFC 6749, section 5.2: %x20-21 / %x23-5B / %x5D-7E.
TEST(TokenRequest, RefusalsAreFitForAnErrorDescription) {
    for (const auto &[body, authorization] :
         std::initializer_list<std::pair<std::string, std::string>>{
             {"", ""},
             {"&", ""},
             {"=x", ""},
             {"a=%", ""},
             {"%=a", ""},
             {"a=\xff", ""},
             {"a=%00", ""},
             {"a[]=1", ""},
             {"_method=GET", ""},
             {"Code=1", ""},
             {"a=1&a=1", ""},
             {"grant_type=password&code=1", ""},
             {"grant_type=x&client_id=", ""},
             {"grant_type=x", "Bearer x"},
             {"grant_type=x", "Basic ?"},
             {"grant_type=x", "Basic Zg=="},
             {"grant_type=x", basic(":")},
             {"grant_type=x", basic("\n:")},
             {"grant_type=x&client_id=a", basic("b:")},
             {"grant_type=x&client_assertion=a", ""},
             {"grant_type=password&username=", ""}}) {
        const std::string refusal = read_request(body, authorization).refusal;
        EXPECT_NE(refusal, "") << body;
        EXPECT_TRUE(std::ranges::all_of(refusal, [](char byte) {
            return byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';
        })) << refusal;
    }
}

}  // namespace
}  // namespace ipfence::token_request_test
