#include "engine/credential/presented_token.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace ipfence::presented_token_test {
namespace {

using std::string_view;

// "token: T", "none", "foreign", or "refused".
std::string token_in(string_view authorization, string_view query = {}, string_view form = {}) {
    std::string storage(query.size() + form.size(), '\0');
    const auto token = find_presented_token(authorization, query, form, storage);
    if (!token) {
        EXPECT_FALSE(token.error().description.empty());
        return "refused";
    }
    switch (token->kind) {
        case PresentedToken::Kind::none:
            return "none";
        case PresentedToken::Kind::token:
            return "token: " + std::string(token->token);
        case PresentedToken::Kind::foreign:
            break;
    }
    return "foreign";
}

TEST(PresentedToken, IsFoundWhereItMayBe) {
    EXPECT_EQ(token_in(""), "none");
    EXPECT_EQ(token_in("Bearer abc.def-_~+/=="), "token: abc.def-_~+/==");
    EXPECT_EQ(token_in("bearer abc"), "token: abc");
    EXPECT_EQ(token_in("DPoP abc"), "token: abc");
    EXPECT_EQ(token_in("Bearer  abc"), "token: abc");
    EXPECT_EQ(token_in("", "a=1&access_token=abc"), "token: abc");
    EXPECT_EQ(token_in("", "%61ccess_token=a%62c"), "token: abc");
    EXPECT_EQ(token_in("", "", "access_token=abc&b=2"), "token: abc");
}

TEST(PresentedToken, IsFoundAsOthersHaveIt) {
    EXPECT_EQ(token_in("Bearer 00D5!AQ.e_"), "token: 00D5!AQ.e_");
    EXPECT_EQ(token_in("Bearer 17|secret"), "token: 17|secret");
    EXPECT_EQ(token_in("OAuth abc"), "token: abc");
    EXPECT_EQ(token_in("oauth  a:b"), "token: a:b");
    EXPECT_EQ(token_in("", "oauth_token=00D5%21AQ&version=latest"), "token: 00D5!AQ");
    EXPECT_EQ(token_in("", "", "oauth_token=abc"), "token: abc");
    EXPECT_EQ(token_in("", "bearer_token=abc"), "token: abc");
    EXPECT_EQ(token_in("OAuth oauth_token=\"a\", oauth_signature=\"b\""), "foreign");
    EXPECT_EQ(token_in("OAuth"), "foreign");
}

TEST(PresentedToken, OtherParametersMayLookAsTheyLike) {
    EXPECT_EQ(token_in("Bearer abc", "a[]=1&a[]=2&b=%zz&;c&&=&access_tokens=x&token=y"),
              "token: abc");
    EXPECT_EQ(token_in("Bearer abc", "", "filter[x]=1;y=2&%ff=%00"), "token: abc");
}

TEST(PresentedToken, MoreThanOneIsRefused) {
    EXPECT_EQ(token_in("Bearer abc", "access_token=abc"), "refused");
    EXPECT_EQ(token_in("Bearer abc", "", "access_token=abc"), "refused");
    EXPECT_EQ(token_in("", "access_token=a", "access_token=a"), "refused");
    EXPECT_EQ(token_in("", "access_token=a&access_token=a"), "refused");
    EXPECT_EQ(token_in("Basic abc", "access_token=a"), "refused");
    EXPECT_EQ(token_in("Bearer abc", "oauth_token=abc"), "refused");
    EXPECT_EQ(token_in("", "oauth_token=a&access_token=a"), "refused");
    EXPECT_EQ(token_in("", "oauth_token=a", "access_token=a"), "refused");
    EXPECT_EQ(token_in("", "bearer_token=a", "access_token=a"), "refused");
}

TEST(PresentedToken, TwoReadingsAreRefused) {
    for (const string_view header :
         {"Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer a, Bearer b", "Bearer \"a\"",
          "Bearer a\tb", "Basic a, Bearer b", "Basic a,bearer b", "Bearer\ta", "Bearer \xc3\xa9"}) {
        EXPECT_EQ(token_in(header), "refused") << header;
        EXPECT_EQ(token_in(header, "a=1"), "refused") << header << " beside a query";
        EXPECT_EQ(token_in(header, "", "a=1"), "refused") << header << " beside a form";
    }
    for (const string_view query :
         {"Access_Token=a", "ACCESS_TOKEN=a", "access.token=a", "access-token=a",
          "access_token[]=a", "access_token[0]=a", "+access_token=a", "access_token%00=a",
          "access_token+=a", "x=1;access_token=a", "access%20token=a", "access_token=%zz",
          "access_token=%0a", "access_token=", "access_token", "access_token=a+b",
          "access_token=a%2cb"}) {
        EXPECT_EQ(token_in("", query), "refused") << query;
        EXPECT_EQ(token_in("", "", query), "refused") << query;
    }
}

TEST(PresentedToken, AnotherSchemeSaysNothing) {
    EXPECT_EQ(token_in("Basic YTpi"), "foreign");
    EXPECT_EQ(token_in("Negotiate abc="), "foreign");
    EXPECT_EQ(token_in("Digest username=\"a\", realm=\"b\""), "foreign");
    EXPECT_EQ(token_in("BearerX abc"), "foreign");
}

}  // namespace
}  // namespace ipfence::presented_token_test
