// Whom the tokens of an answer name.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "engine/credential/token_response.hpp"
#include "t/unit/credential/encoding.hpp"
#include "t/unit/credential/response_reading.hpp"

namespace ipfence::response_identity_test {
namespace {

using Kind = TokenResponse::Kind;

constexpr const char *kOpaque = "2YotnFZFEjr1zCsicMWpAA";
const std::string kEncrypted =
    base64url(R"({"alg":"RSA-OAEP","enc":"A256GCM"})") + ".a2V5.aXY.Y2lwaGVy.dGFn";

TokenResponse read_tokens(const std::optional<std::string> &id_token,
                          const std::string &access_token) {
    std::string body = R"({"access_token":")" + access_token + '"';
    if (id_token) {
        body += R"(,"id_token":")" + *id_token + '"';
    }
    return read_response(200, body + '}');
}

std::string user_of(const std::optional<std::string> &id_token, const std::string &access_token) {
    const TokenResponse response = read_tokens(id_token, access_token);
    EXPECT_EQ(response.kind, Kind::tokens);
    EXPECT_TRUE(response.tokens.user.empty() || !response.tokens.is_user_unclear);
    return response.tokens.is_user_unclear ? "(unclear)"
           : response.tokens.user.empty()  ? "(nobody)"
                                           : std::string(response.tokens.user);
}

TEST(ResponseIdentity, TheIdTokenNamesTheUser) {
    EXPECT_EQ(user_of(jwt(R"({"sub":"alice"})"), kOpaque), "alice");
    EXPECT_EQ(user_of(jwt(R"({"sub":"\u00fcser \ud83d\ude00"})"), kOpaque), "\u00fcser \U0001f600");
    EXPECT_EQ(user_of(jwt(R"({"sub":"alice"})", R"({"alg":"none"})"), kOpaque), "alice");
}

TEST(ResponseIdentity, TheFirstUsableClaimIsTaken) {
    EXPECT_EQ(user_of(jwt(R"({"sub":"1","email":"alice@example.com"})"), kOpaque),
              "alice@example.com");
    EXPECT_EQ(user_of(jwt(R"({"sub":"1","email":""})"), kOpaque), "1");
    EXPECT_EQ(user_of(jwt(R"({"sub":"1","email":null})"), kOpaque), "1");
}

// Semantics.md, "Unknown is not unrestricted": the other claim could name somebody who may more.
TEST(ResponseIdentity, NoOtherClaimStandsInForOneThatCannotBeRead) {
    const std::string access_token = jwt(R"({"sub":"1","email":"alice@example.com"})");
    for (const char *value : {"42", "true", R"(["alice"])", R"({"of":"alice"})", R"("alice\n")"}) {
        const std::string token = jwt(R"({"sub":"1","email":)" + std::string(value) + '}');
        EXPECT_EQ(user_of(token, kOpaque), "(unclear)") << value;
        EXPECT_EQ(user_of(token, access_token), "(unclear)") << value;
        EXPECT_EQ(user_of(std::nullopt, token), "(unclear)") << value;
    }
}

TEST(ResponseIdentity, AnAccessTokenNamesTheUserWhereNoIdTokenDoes) {
    const std::string access_token = jwt(R"({"sub":"alice"})", R"({"alg":"RS256","typ":"at+jwt"})");
    EXPECT_EQ(user_of(std::nullopt, access_token), "alice");
    EXPECT_EQ(user_of(jwt(R"({"aud":"app"})"), access_token), "alice");
    EXPECT_EQ(user_of(jwt(R"({"sub":null})"), access_token), "alice");
    EXPECT_EQ(user_of(kEncrypted, access_token), "alice");
    EXPECT_EQ(user_of(std::string(kOpaque), access_token), "alice");
}

TEST(ResponseIdentity, TokensMayNameNobody) {
    EXPECT_EQ(user_of(std::nullopt, kOpaque), "(nobody)");
    EXPECT_EQ(user_of(std::nullopt, jwt(R"({"aud":"api"})")), "(nobody)");
    EXPECT_EQ(user_of(jwt(R"({"sub":""})"), jwt(R"({"sub":null})")), "(nobody)");
    EXPECT_EQ(user_of(kEncrypted, kEncrypted), "(nobody)");
    EXPECT_EQ(user_of(std::nullopt, "three.opaque.parts"), "(nobody)");
    EXPECT_EQ(user_of(std::nullopt, "v4.public.eyJzdWIiOiJhbGljZSJ9"), "(nobody)");
}

// Threats G19.
TEST(ResponseIdentity, TokensThatNameDifferentUsersDisagree) {
    EXPECT_EQ(user_of(jwt(R"({"sub":"alice"})"), jwt(R"({"sub":"bob"})")), "(unclear)");
    EXPECT_EQ(user_of(jwt(R"({"sub":"alice"})"), jwt(R"({"sub":"Alice"})")), "(unclear)");
    EXPECT_EQ(user_of(jwt(R"({"email":"a","sub":"1"})"), jwt(R"({"email":"b","sub":"1"})")),
              "(unclear)");
}

TEST(ResponseIdentity, OnlyTheSameClaimIsCompared) {
    EXPECT_EQ(user_of(jwt(R"({"sub":"alice"})"), jwt(R"({"sub":"alice"})")), "alice");
    EXPECT_EQ(user_of(jwt(R"({"email":"a","sub":"1"})"), jwt(R"({"sub":"2"})")), "a");
    EXPECT_EQ(user_of(jwt(R"({"sub":"1"})"), jwt(R"({"email":"a","sub":"1"})")), "1");
    EXPECT_EQ(user_of(jwt(R"({"sub":"alice"})"), jwt(R"({"sub":["bob"]})")), "alice");
}

// Threats G11 and G12.
TEST(ResponseIdentity, ATokenWithTwoReadingsMakesTheAnswerUnreadable) {
    const std::string good = jwt(R"({"sub":"alice"})");
    for (const std::string &bad :
         {jwt(R"({"sub":"alice","sub":"bob"})"), jwt(R"({"sub":"alice","SUB":"bob"})"), good + '=',
          jwt("[]"), jwt(R"({"sub":"alice"})", R"({"alg":"RS256","zip":"DEF"})")}) {
        EXPECT_EQ(read_tokens(bad, kOpaque).kind, Kind::unreadable) << bad;
        EXPECT_EQ(read_tokens(bad, good).kind, Kind::unreadable) << bad;
        EXPECT_EQ(read_tokens(good, bad).kind, Kind::unreadable) << bad;
        EXPECT_EQ(read_tokens(std::nullopt, bad).kind, Kind::unreadable) << bad;
        EXPECT_EQ(read_tokens(bad, good).tokens.user, "") << bad;
    }
    EXPECT_EQ(read_tokens(good, good).kind, Kind::tokens);
}

// A refresh token is for the provider only, whatever it looks like.
TEST(ResponseIdentity, ARefreshTokenSaysNothing) {
    for (const std::string &refresh_token :
         {jwt(R"({"sub":"bob"})"), jwt(R"({"sub":"bob","sub":"alice"})"), std::string(kOpaque)}) {
        const TokenResponse response =
            read_response(200, R"({"refresh_token":")" + refresh_token + R"(","id_token":")" +
                                   jwt(R"({"sub":"alice"})") + R"("})");
        EXPECT_EQ(response.kind, Kind::tokens);
        EXPECT_EQ(response.tokens.user, "alice");
    }
    EXPECT_EQ(
        read_response(200, R"({"refresh_token":")" + jwt(R"({"sub":"bob"})") + R"("})").tokens.user,
        "");
}

TEST(ResponseIdentity, UsersOfErrorsWithTokensAreReadAsWell) {
    EXPECT_EQ(read_response(400, R"({"error":"x","id_token":")" + jwt(R"({"sub":"alice"})") + "\"}")
                  .tokens.user,
              "alice");
}

TEST(ResponseIdentity, TheProfileIsClaimed) {
    const auto claimed = [](const std::optional<std::string> &id_token,
                            const std::string &access_token) {
        const TokenResponse response = read_tokens(id_token, access_token);
        EXPECT_TRUE(response.tokens.profile_claimed || response.tokens.claimed_profile.empty());
        return response.tokens.profile_claimed
                   ? "claimed: " + std::string(response.tokens.claimed_profile)
                   : "not claimed";
    };
    EXPECT_EQ(claimed(jwt(R"({"group":"office"})"), kOpaque), "claimed: office");
    EXPECT_EQ(claimed(std::nullopt, jwt(R"({"group":"office"})")), "claimed: office");
    EXPECT_EQ(claimed(jwt(R"({"sub":"a"})"), jwt(R"({"group":"office"})")), "claimed: office");
    EXPECT_EQ(claimed(jwt(R"({"group":"office"})"), jwt(R"({"group":"home"})")), "claimed: office");
    EXPECT_EQ(claimed(jwt(R"({"group":["office"]})"), jwt(R"({"group":"home"})")), "claimed: ");
    for (const char *claims :
         {R"({"group":null})", R"({"group":""})", R"({"group":1})", R"({"group":{}})"}) {
        EXPECT_EQ(claimed(jwt(claims), kOpaque), "claimed: ") << claims;
    }
    EXPECT_EQ(claimed(jwt(R"({"sub":"a"})"), kOpaque), "not claimed");
    EXPECT_EQ(claimed(std::nullopt, kOpaque), "not claimed");
}

TEST(ResponseIdentity, WithoutClaimsToLookForNobodyIsNamed) {
    const std::string body = R"({"id_token":")" + jwt(R"({"":"x","sub":"alice"})") + "\"}";
    const TokenResponse response = read_token_response(200, false, "", body, {{}, ""});
    EXPECT_EQ(response.kind, Kind::tokens);
    EXPECT_EQ(response.tokens.user, "");
    EXPECT_FALSE(response.tokens.profile_claimed);
}

}  // namespace
}  // namespace ipfence::response_identity_test
