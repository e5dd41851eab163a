#include "engine/credential/token_response.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "t/unit/credential/encoding.hpp"
#include "t/unit/credential/response_reading.hpp"

namespace ipfence::token_response_test {
namespace {

using Kind = TokenResponse::Kind;

void expect_kind(Kind kind, unsigned status, std::string_view body,
                 std::string_view location = {}) {
    const TokenResponse response = read_response(status, body, location);
    EXPECT_EQ(response.kind, kind) << status << ' ' << location << ' ' << body.substr(0, 100);
    EXPECT_EQ(response.problem.empty(), kind != Kind::unreadable) << response.problem;
    EXPECT_EQ(response.tokens.user, "");
}

// Threats I06: by content, whatever the status.
TEST(TokenResponse, TokensCountWhateverTheStatus) {
    for (const unsigned status : {200U, 201U, 202U, 206U, 302U, 400U, 401U, 500U, 503U}) {
        for (const char *body :
             {R"({"access_token":"a"})", R"({"refresh_token":"r"})", R"({"id_token":"i"})",
              R"({"access_token":"a","refresh_token":"r","id_token":"i","token_type":"Bearer"})",
              R"({"error":"invalid_grant","access_token":"a"})", R"({"\u0061ccess_token":"a"})"}) {
            expect_kind(Kind::tokens, status, body);
        }
    }
}

TEST(TokenResponse, ARefreshTokenForOfflineAccessOutlivesLogout) {
    const auto outlives = [](std::string_view more) {
        const std::string body = R"({"access_token":"a",)" + std::string(more) + '}';
        return read_response(200, body).tokens.outlive_logout;
    };
    for (const char *scope : {"offline_access", "openid offline_access", "offline_access email"}) {
        EXPECT_TRUE(outlives(R"("refresh_token":"r","scope":")" + std::string(scope) + '"'));
    }
    for (const char *more : {R"("refresh_token":"r")", R"("scope":"offline_access")",
                             R"("refresh_token":"r","scope":"openid offline_accesses")",
                             R"("refresh_token":"r","scope":"not_offline_access")",
                             R"("refresh_token":"r","scope":["offline_access"])",
                             R"("refresh_token":null,"scope":"offline_access")"}) {
        EXPECT_FALSE(outlives(more)) << more;
    }
}

// RFC 8693, section 2.2.1.
TEST(TokenResponse, AnExchangeMayIssueARefreshToken) {
    const auto tokens = [](std::string_view type) {
        const std::string body = R"({"access_token":"r","scope":"offline_access",)"
                                 R"("issued_token_type":)" +
                                 std::string(type) + '}';
        const TokenResponse response = read_response(200, body);
        return std::pair(response.tokens.access_token_refreshes, response.tokens.outlive_logout);
    };
    EXPECT_EQ(tokens(R"("urn:ietf:params:oauth:token-type:refresh_token")"), std::pair(true, true));
    for (const char *other : {R"("urn:ietf:params:oauth:token-type:access_token")", R"("")", "null",
                              R"(["urn:ietf:params:oauth:token-type:refresh_token"])"}) {
        EXPECT_EQ(tokens(other), std::pair(false, false)) << other;
    }
}

TEST(TokenResponse, ErrorsIssueNothing) {
    for (const unsigned status : {200U, 400U, 401U, 500U, 599U}) {
        expect_kind(Kind::no_token, status, R"({"error":"invalid_grant"})");
        expect_kind(Kind::no_token, status, R"({"error":"authorization_pending","interval":5})");
        expect_kind(
            Kind::no_token, status,
            R"({"error":"invalid_request","error_description":"refresh_token is missing"})");
    }
    for (const char *body :
         {"", "{}", "null", "[]", "[1", "Bad Gateway", "<html><p>Sorry</p></html>",
          "<script>\"\\u003cb\\u003e\"</script>", "\n <p>\\u0041</p>", "\xef\xbb\xbf<p>\\u0041</p>",
          "{\"a\":1,\"a\":2}", "\xff", R"({"message":"no"} x)", R"(C:\users)"}) {
        expect_kind(Kind::no_token, 400, body);
        expect_kind(Kind::no_token, 503, body);
    }
}

TEST(TokenResponse, ASuccessThatSaysNothingIsUnreadable) {
    for (const char *body :
         {"", "{}", "null", "[]", "\"access_token\"", R"({"token_type":"Bearer"})",
          R"({"error":null})", R"({"error":""})", R"({"error":1})", R"({"active":true})",
          R"({"data":{"access_token":"a"}})", R"([{"access_token":"a"}])",
          R"({"Access_Token":"a"})"}) {
        for (const unsigned status : {200U, 201U, 204U, 299U}) {
            expect_kind(Kind::unreadable, status, body);
        }
    }
}

// Threats I07.
TEST(TokenResponse, ATokenIsAStringThatIsNotEmpty) {
    for (const char *member : {"access_token", "refresh_token", "id_token"}) {
        for (const char *value : {"null", "1", "{}", "[]", "\"\"", "true", "[\"a\"]",
                                  "{\"a\":\"b\"}", "\"a\\nb\"", "\"\\u007f\""}) {
            const std::string bad = '"' + std::string(member) + "\":" + value;
            expect_kind(Kind::unreadable, 200, '{' + bad + '}');
            expect_kind(Kind::unreadable, 400, '{' + bad + '}');
        }
    }
    expect_kind(Kind::unreadable, 200, R"({"access_token":"a","id_token":1})");
    expect_kind(Kind::unreadable, 200, R"({"access_token":null,"refresh_token":"a"})");
    expect_kind(Kind::tokens, 200, R"({"access_token":"a","expires_in":null,"scope":1})");
    expect_kind(Kind::tokens, 200, R"({"access_token":")" + std::string(2'000'000, 'x') + "\"}");
}

// For whoever revokes them.
TEST(TokenResponse, TheTokensOfAnUnreadableAnswerAreKeptWhereTheyCanBeTold) {
    const auto tokens_of = [](const std::string &body) {
        const TokenResponse response = read_token_response(200, false, {}, body, {});
        EXPECT_EQ(response.kind, Kind::unreadable) << body;
        return std::string(response.tokens.access_token) + ' ' +
               std::string(response.tokens.refresh_token);
    };
    EXPECT_EQ(tokens_of(R"({"access_token":"a","refresh_token":"r","id_token":1})"), "a r");
    EXPECT_EQ(tokens_of(R"({"access_token":"a","refresh_token":1})"), "a ");
    EXPECT_EQ(tokens_of(R"({"access_token":{},"refresh_token":"r"})"), " r");
    EXPECT_EQ(tokens_of(R"({"access_token":"a","access_token":"b"})"), " ");
}

// As serializers write what is not there.
TEST(TokenResponse, BesideATokenOthersMayBeNone) {
    for (const char *none : {"null", "\"\""}) {
        for (const char *member : {"refresh_token", "id_token"}) {
            expect_kind(Kind::tokens, 200,
                        R"({"access_token":"a",")" + std::string(member) + "\":" + none + '}');
        }
        expect_kind(Kind::unreadable, 200,
                    R"({"refresh_token":)" + std::string(none) + R"(,"id_token":null})");
    }
}

// Threats I07 and I08: two readers might not read the same.
TEST(TokenResponse, ASuccessIsStrictJson) {
    for (const std::string &body :
         {std::string(R"({"access_token":"a","access_token":"b"})"),
          std::string(R"({"access_token":"a","\u0061ccess_token":"b"})"),
          std::string(R"({"access_token":"a","x":{"y":1,"y":2}})"),
          std::string("\xef\xbb\xbf{\"access_token\":\"a\"}"),
          std::string(")]}'\n{\"access_token\":\"a\"}"),
          std::string("callback({\"access_token\":\"a\"})"),
          std::string("while(1);{\"access_token\":\"a\"}"),
          std::string("{\"access_token\":\"a\xff\"}"),
          std::string(R"({"access_token":"a\u0000"})"),
          std::string("{\"access_token\":\"a\0\"}", 20),
          std::string(R"({"access_token":"\ud800"})"),
          std::string(R"({"access_token":"a"} x)"),
          std::string(R"({"access_token":"a"}{})"),
          std::string(R"({"access_token":"a",})"),
          std::string(R"({'access_token':'a'})"),
          std::string(R"({"access_token":"a")"),
          std::string(R"({"access_token":"a)"),
          std::string("access_token=a&token_type=Bearer"),
          std::string("<access_token>a</access_token>"),
          std::string(R"({"access_token":"a","expires_in":1e400})"),
          R"({"access_token":"a","x":)" + std::string(40, '[') + std::string(40, ']') + '}'}) {
        expect_kind(Kind::unreadable, 200, body);
        // What is no JSON to us, but mentions a token, may be one to somebody, whatever the status.
        expect_kind(Kind::unreadable, 400, body);
    }
    expect_kind(Kind::tokens, 200, " {\"access_token\" :\r\n\t\"a\", \"expires_in\": -1} \n");
    expect_kind(Kind::tokens, 200, R"({"access_token":"a","expires_in":"3600","x":1e300})");
}

TEST(TokenResponse, AnErrorThatHidesItsMembersMayCarryAToken) {
    for (const std::string &body :
         {std::string(R"({"\u0061ccess_token":"a","x":1,"x":2})"),
          std::string(R"([{"access\u005ftoken":"a"}])"), std::string(R"( {"id\u005ftoken":"a"} x)"),
          std::string("\xef\xbb\xbf{\"id\\u005ftoken\":\"a\"}"),
          std::string(")]}'\n{\"id\\u005ftoken\":\"a\"}"),
          std::string("callback({\"id\\u005ftoken\":\"a\"})"),
          std::string("{\0\"\0i\0d\0_\0t\0o\0k\0e\0n\0\"\0", 22)}) {
        expect_kind(Kind::unreadable, 400, body);
        expect_kind(Kind::unreadable, 500, body);
    }
    expect_kind(Kind::no_token, 400, R"({"error":"x","error_description":"\u0041 \u003c"})");
}

TEST(TokenResponse, APageThatMentionsATokenMayCarryIt) {
    // Threats I15: response_mode=form_post.
    expect_kind(Kind::unreadable, 400, R"(<input type="hidden" name="access_token" value="a">)");
    expect_kind(Kind::unreadable, 500, "<p>the refresh_token was refused</p>");
    expect_kind(Kind::no_token, 500, "<p>the refresh token was refused</p>");
}

// Threats I01 and G09: nothing is inflated.
TEST(TokenResponse, AContentCodingIsUnreadable) {
    for (const unsigned status : {200U, 302U, 400U, 500U}) {
        for (const char *body :
             {"\x1f\x8b\x08", R"({"error":"x"})", R"({"access_token":"a"})", ""}) {
            const TokenResponse response = read_response(status, body, "", true);
            EXPECT_EQ(response.kind, Kind::unreadable) << status << ' ' << body;
            EXPECT_NE(response.problem, "");
        }
    }
}

TEST(TokenResponse, AStatusThatIsNoAnswerIsUnreadable) {
    for (const unsigned status : {0U, 9U, 100U, 101U, 103U, 199U, 600U, 999U}) {
        expect_kind(Kind::unreadable, status, R"({"error":"x"})");
        expect_kind(Kind::unreadable, status, "");
    }
}

// Threats I06 and I14.
TEST(TokenResponse, ARedirectMayHandOutTokens) {
    for (const char *location :
         {"https://app.example/cb?code=c", "https://app.example/cb?state=s&code=c",
          "https://app.example/cb#access_token=a&token_type=Bearer",
          "com.example.app://cb#id_token=i", "/cb?x=1#refresh_token=r", "/cb?x=1;code=c",
          "/cb#?access_token=a", "?code", "#code=", "/cb??code=c", "/cb?a#b&code=c", "/cb?c%6fde=c",
          "/cb?x=1&access%5Ftoken=a"}) {
        for (const unsigned status : {301U, 302U, 303U, 307U, 308U}) {
            expect_kind(Kind::unreadable, status, "", location);
            expect_kind(Kind::unreadable, status, "<p>Moved</p>", location);
        }
    }
    for (const char *location :
         {"", "/login", "/code=1", "https://idp.example/error?error_code=7&error=denied",
          "/access_token=1/x", "/cb?state=code=c", "/cb?error=x&next=%2Fcb%3Fcode%3D1",
          "/cb?codes=1&my_code=2#top", "?", "#", "/cb?&&"}) {
        expect_kind(Kind::no_token, 302, "", location);
        expect_kind(Kind::no_token, 307, "<p>Moved</p>", location);
    }
    expect_kind(Kind::tokens, 302, R"({"access_token":"a"})", "/login");
    expect_kind(Kind::unreadable, 302, R"(access_token=a)", "/login");
    expect_kind(Kind::tokens, 200, R"({"access_token":"a"})", "/cb?code=c");
}

TEST(TokenResponse, ProblemsRepeatNothing) {
    for (const char *body :
         {R"({"access_token":["s3cret"]})", R"({"access_token":"s3cret)", "s3cret"}) {
        EXPECT_EQ(read_response(200, body).problem.find("s3cret"), std::string_view::npos);
    }
}

}  // namespace
}  // namespace ipfence::token_response_test
