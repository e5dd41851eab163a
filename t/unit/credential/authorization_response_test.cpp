#include "engine/credential/authorization_response.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "t/unit/credential/encoding.hpp"

namespace ipfence::authorization_response_test {
namespace {

using std::string_view;
using Kind = AuthorizationResponse::Kind;

const std::vector<std::string> kUserClaims{"sub"};
const std::vector<std::string> kVerified{"mfa"};

AuthorizationResponse read(unsigned status, string_view location, string_view body = {},
                           bool is_html = false, bool coded = false) {
    return read_authorization_response(status, coded, location, is_html, body,
                                       {kUserClaims, {}, kVerified, {}});
}

// "nothing", "unreadable", or what is issued, in a fixed order.
std::string summary(const AuthorizationResponse &response) {
    switch (response.kind) {
        case Kind::nothing:
            return "nothing";
        case Kind::unreadable:
            EXPECT_FALSE(response.problem.empty());
            return "unreadable";
        case Kind::issues:
            break;
    }
    std::string text;
    const auto add = [&text](string_view name, string_view value) {
        text += value.empty() ? "" : std::string(name) + "=" + std::string(value) + " ";
    };
    add("code", response.code);
    add("access", response.tokens.access_token);
    add("refresh", response.tokens.refresh_token);
    add("user", response.tokens.user);
    add("client", response.tokens.client_id);
    return text;
}

std::string redirect(string_view location) {
    return summary(read(302, location));
}

std::string page(string_view body) {
    return summary(read(200, {}, body, true));
}

const std::string kAlice = jwt(R"({"sub":"alice","aud":"web","amr":["pwd","mfa"]})");

// What follows such a header is not the answer's body, but the answer (or whatever a client makes
// of it).
TEST(AuthorizationResponse, IsUnreadableWithAStatusOfNoAnswer) {
    for (const unsigned status : {0U, 99U, 100U, 103U, 199U, 600U, 999U}) {
        EXPECT_EQ(summary(read(status, "/next", "HTTP/1.1 302 Found")), "unreadable") << status;
    }
    EXPECT_EQ(summary(read(200, {}, "a page")), "nothing");
    EXPECT_EQ(summary(read(599, {}, "an error")), "nothing");
}

TEST(AuthorizationResponse, ReadsARedirect) {
    EXPECT_EQ(redirect("https://app/cb?code=C&state=s&iss=https%3A%2F%2Fid"), "code=C ");
    EXPECT_EQ(redirect("https://app/cb#access_token=A&token_type=Bearer&expires_in=60"),
              "access=A ");
    EXPECT_EQ(redirect("https://app/cb#code=C&id_token=" + kAlice),
              "code=C user=alice client=web ");
    EXPECT_EQ(redirect("com.example.app:/cb?code=C%2B1"), "code=C+1 ");
    EXPECT_EQ(redirect("https://app/cb?x=1#code=C"), "code=C ");
    EXPECT_EQ(redirect("/interaction/abc?code_challenge=x&response_type=code"), "nothing");
    EXPECT_EQ(redirect("https://app/cb?error=access_denied&state=s"), "nothing");
    EXPECT_EQ(redirect("https://app/cb?next=%3Fcode%3DC"), "nothing");
    EXPECT_EQ(redirect(""), "nothing");
    const auto response =
        read(302, "https://app/cb#access_token=A&expires_in=60&id_token=" + kAlice);
    EXPECT_EQ(response.tokens.expires_in, 60);
    EXPECT_TRUE(response.tokens.verified);
    EXPECT_EQ(response.tokens.id_token, kAlice);
}

TEST(AuthorizationResponse, ARedirectWithTwoReadingsIsUnreadable) {
    for (const string_view location :
         {"https://app/cb?code=a&code=b", "https://app/cb?code=a#code=b", "https://app/cb?Code=a",
          "https://app/cb?code[]=a", "https://app/cb?x=1;code=a", "https://app/cb#access_token=%zz",
          "https://app/cb?code=%0a"}) {
        EXPECT_EQ(redirect(location), "unreadable") << location;
    }
    EXPECT_EQ(redirect("https://app/cb#id_token=" + jwt(R"({"sub":"a","sub":"b"})")), "unreadable");
}

TEST(AuthorizationResponse, OpensAResponseObject) {
    EXPECT_EQ(redirect("https://app/cb?response=" + jwt(R"({"iss":"x","code":"C"})")), "code=C ");
    EXPECT_EQ(redirect("https://app/cb#response=" + jwt(R"({"access_token":"A"})")), "access=A ");
    EXPECT_EQ(redirect("https://app/cb?response=a.b.c.d.e"), "unreadable") << "encrypted";
    EXPECT_EQ(redirect("https://app/cb?response=" + jwt(R"({"code":1})")), "unreadable");
    EXPECT_EQ(redirect("https://app/cb?code=C&response=" + jwt(R"({"code":"D"})")), "unreadable");
    EXPECT_EQ(redirect("https://app/cb?response=whatever"), "nothing");
}

TEST(AuthorizationResponse, ReadsAFormPostPage) {
    EXPECT_EQ(page("<input type=hidden name=code value=C><input type=hidden name=state value=s>"),
              "code=C ");
    EXPECT_EQ(page("<input name=access_token value=A><input name=refresh_token value=R>"
                   "<input name=expires_in value=60><input name=id_token value=" +
                   kAlice + ">"),
              "access=A refresh=R user=alice client=web ");
    EXPECT_EQ(page("<input name=response value=" + jwt(R"({"code":"C"})") + ">"), "code=C ");
    EXPECT_EQ(page("<h1>Log in</h1><input name=code>"), "nothing");
    EXPECT_EQ(page("<input name=code value=a><input name=code value=b>"), "unreadable");
    EXPECT_EQ(page("<input name=expires_in value=60>"), "nothing") << "of no token";
}

TEST(AuthorizationResponse, ALifetimeIsSensible) {
    const auto lifetime = [](const std::string &text) {
        return read(302, "https://app/cb#access_token=A&expires_in=" + text).tokens.expires_in;
    };
    EXPECT_EQ(lifetime("0"), 0);
    EXPECT_EQ(lifetime("3600"), 3600);
    EXPECT_EQ(lifetime("99999999999"), 99'999'999'999);
    for (const char *text : {"", "-1", "+1", "1.5", "1e3", "60x", "9223372036854775808"}) {
        EXPECT_EQ(lifetime(text), std::nullopt) << text;
    }
}

TEST(AuthorizationResponse, OtherAnswers) {
    EXPECT_EQ(summary(read(200, {}, R"({"error":"x"})")), "nothing");
    EXPECT_EQ(summary(read(200, {}, R"({"access_token":"x"})")), "unreadable");
    EXPECT_EQ(summary(read(400, {}, R"({"id_token":1})")), "unreadable");
    EXPECT_EQ(summary(read(200, {}, R"({"code":"C"})")), "unreadable");
    EXPECT_EQ(summary(read(400, {}, "access_token=x")), "nothing");
    EXPECT_EQ(summary(read(200, {}, "\x1f\x8b...", true, true)), "unreadable") << "compressed";
    EXPECT_EQ(summary(read(200, {}, "", true, true)), "nothing") << "compressed, but empty";
    EXPECT_EQ(summary(read(302, "https://app/cb?code=C", "", false, true)), "code=C ");
}

TEST(AuthorizationResponse, AnErrorMayHaveACodeOfItsOwn) {
    EXPECT_EQ(summary(read(404, {}, R"({"code":5,"message":"Not Found"})")), "nothing");
    EXPECT_EQ(summary(read(200, {}, R"({"code":5})")), "nothing");
    EXPECT_EQ(summary(read(400, {}, R"({"code":"invalid_request"})")), "nothing");
}

TEST(AuthorizationResponse, JsonIsReadWhateverItsType) {
    EXPECT_EQ(page(R"({"access_token":"T"})"), "unreadable");
    EXPECT_EQ(page(R"({"code":"0","message":"ok"})"), "nothing") << "of a script";
    EXPECT_EQ(page(R"({"login":"form"})"), "nothing");
}

TEST(AuthorizationResponse, ARedirectWithoutAnAddressIsAPage) {
    const string_view form = "<input type=hidden name=code value=C>";
    EXPECT_EQ(summary(read(302, {}, form, true)), "code=C ");
    EXPECT_EQ(summary(read(302, "https://id/login", form, true)), "nothing");
}

// What an input's name is may be in another part.
TEST(AuthorizationResponse, APartOfAPageIsUnreadable) {
    constexpr std::string_view kPart = "token\" value=\"T\"></form>";
    EXPECT_EQ(read_authorization_response(206, false, "", true, kPart, {}).kind,
              AuthorizationResponse::Kind::unreadable);
    EXPECT_EQ(read_authorization_response(206, false, "", false, kPart, {}).kind,
              AuthorizationResponse::Kind::nothing);
}

}  // namespace
}  // namespace ipfence::authorization_response_test
