#include "engine/credential/jwt.hpp"

#include <gtest/gtest.h>

#include <string>

#include "t/unit/credential/encoding.hpp"

namespace ipfence::jwt_test {
namespace {

using Kind = UnverifiedJwt::Kind;

constexpr const char *kHeader = R"({"alg":"RS256","typ":"JWT"})";
constexpr const char *kClaims = R"({"iss":"https://idp.example","sub":"alice"})";

Kind kind_of(std::string_view token) {
    const UnverifiedJwt read = read_unverified_jwt(token);
    EXPECT_EQ(read.claims.has_value(), read.kind == Kind::claims) << token;
    return read.kind;
}

std::string subject_of(std::string_view payload) {
    const UnverifiedJwt read = read_unverified_jwt(jwt(payload, kHeader));
    return read.claims ? std::string(read.claims->text("sub").value_or("(none)")) : "(unread)";
}

std::string nested(int depth) {
    return R"({"sub":"alice","x":)" + std::string(static_cast<std::size_t>(depth - 1), '[') +
           std::string(static_cast<std::size_t>(depth - 1), ']') + '}';
}

TEST(Jwt, ReadsTheClaimsOfAJws) {
    // RFC 7519, section 3.1.
    const UnverifiedJwt token = read_unverified_jwt(
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
        "VlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    ASSERT_EQ(token.kind, Kind::claims);
    EXPECT_EQ(token.claims->text("iss"), "joe");
    EXPECT_TRUE(token.claims->has("exp"));
    EXPECT_FALSE(token.claims->text("exp"));
    EXPECT_FALSE(token.claims->has("sub"));
}

// Whoever verifies refuses it; nobody vouches for any of them here (threats E08).
TEST(Jwt, AnUnsignedOneIsReadAsWell) {
    // RFC 7519, section 6.1.
    EXPECT_EQ(
        kind_of("eyJhbGciOiJub25lIn0."
                "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc"
                "19yb290Ijp0cnVlfQ."),
        Kind::claims);
}

TEST(Jwt, WhatIsNoJwsIsOpaque) {
    for (const std::string &token : {
             std::string(),
             std::string("."),
             std::string(".."),
             std::string("..."),
             std::string("2YotnFZFEjr1zCsicMWpAA"),
             std::string("tGzv3JOkF0XG5Qx2TlKWIA.two"),
             std::string("three.opaque.parts"),
             std::string("v4.public.eyJzdWIiOiJhbGljZSJ9"),    // PASETO
             base64url(R"({"user":1})") + ".1700000000.c2ln",  // signed, but no JWS
             base64url(kHeader) + "." + base64url(kClaims),
             jwt(kClaims, kHeader) + ".four",
             std::string(R"({"alg":"none"}.{"sub":"alice"}.)"),
         }) {
        EXPECT_EQ(kind_of(token), Kind::opaque) << token;
    }
}

// Threats G09: nothing is decrypted.
TEST(Jwt, AJweIsOpaque) {
    EXPECT_EQ(
        kind_of(base64url(R"({"alg":"RSA-OAEP","enc":"A256GCM"})") + ".a2V5.aXY.Y2lwaGVy.dGFn"),
        Kind::opaque);
    EXPECT_EQ(kind_of(base64url(R"({"alg":"dir","enc":"A256GCM"})") + "..aXY.Y2lwaGVy.dGFn"),
              Kind::opaque);
    EXPECT_EQ(kind_of(base64url(R"({"alg":"PBES2-HS256+A128KW","p2c":2147483648})") + ".a.b.c.d"),
              Kind::opaque);
}

// Threats G11: another text that decodes to the same bytes.
TEST(Jwt, AnotherSpellingIsAmbiguous) {
    const std::string header = base64url(R"({"alg":"none"})");
    ASSERT_TRUE(header.ends_with("n0")) << "the last character has bits to spare";
    const std::string claims = base64url(R"({"sub":"alice"})");
    const std::string signature = base64url("s");
    ASSERT_EQ(signature, "cw");
    ASSERT_EQ(kind_of(header + '.' + claims + '.' + signature), Kind::claims);

    const std::string other_header = header.substr(0, header.size() - 1) + '1';
    for (const std::string &token : {
             other_header + '.' + claims + '.' + signature,
             header + "=." + claims + '.' + signature,
             header + "==." + claims + '.' + signature,
             header + "%3d." + claims + '.' + signature,
             header + "\n." + claims + '.' + signature,
             ' ' + header + '.' + claims + '.' + signature,
             "!" + header + '.' + claims + '.' + signature,
             header + '.' + claims + "=." + signature,
             header + '.' + claims + "==." + signature,
             header + ".!" + claims + '.' + signature,
             header + '.' + claims + ".cx",
             header + '.' + claims + ".cw==",
             header + '.' + claims + ".cw ",
             header + '.' + claims + ".cw\n",
             header + '.' + claims + ".c",
             header + '.' + claims + ".+/+/",
         }) {
        EXPECT_EQ(kind_of(token), Kind::ambiguous) << token;
    }
    EXPECT_EQ(kind_of(header + '.' + claims + ".-_-_"), Kind::claims);
}

// A header in the alphabet of base64 is one too, to a lenient reader.
TEST(Jwt, AHeaderInTheOtherAlphabetIsAmbiguous) {
    const std::string header = R"({"alg":"none","kid":">>>???"})";
    ASSERT_NE(base64(header).find_first_of("+/"), std::string::npos);
    EXPECT_EQ(kind_of(jwt(kClaims, header)), Kind::claims);
    EXPECT_EQ(kind_of(base64(header) + '.' + base64url(kClaims) + '.'), Kind::ambiguous);
}

// Threats G12.
TEST(Jwt, MembersThatAreGivenTwiceAreAmbiguous) {
    for (const char *payload :
         {R"({"sub":"bob","sub":"alice"})", R"({"sub":"bob","s\u0075b":"alice"})",
          R"({"sub":"alice","sub":"alice"})", R"({"sub":"a","x":{"y":1,"y":2}})"}) {
        EXPECT_EQ(kind_of(jwt(payload, kHeader)), Kind::ambiguous) << payload;
    }
    for (const char *header :
         {R"({"alg":"RS256","alg":"none"})", R"({"alg":"RS256","\u0061lg":"none"})",
          R"({"\u0061lg":"none","\u0061lg":"none"})"}) {
        EXPECT_EQ(kind_of(jwt(kClaims, header)), Kind::ambiguous) << header;
    }
    EXPECT_EQ(subject_of(R"({"sub":"alice","act":{"sub":"robot"}})"), "alice");
    EXPECT_EQ(subject_of(R"({"s\u0075b":"alice"})"), "alice");
}

// Go's encoding/json takes any of these for `sub` or `iss`.
TEST(Jwt, PartiesInVariantSpellingsAreAmbiguous) {
    for (const char *payload :
         {R"({"sub":"bob","Sub":"alice"})", R"({"SUB":"alice"})", "{\"\u017fub\":\"alice\"}",
          R"({"\u017fub":"alice"})", R"({"iss":"a","ISS":"b"})", "{\"is\u017f\":\"b\"}",
          "{\"i\u017f\u017f\":\"b\"}"}) {
        EXPECT_EQ(kind_of(jwt(payload, kHeader)), Kind::ambiguous) << payload;
    }
    EXPECT_EQ(subject_of(R"({"sub":"alice","Name":"A","name":"B","subject":"x","su":1,"SUBS":2})"),
              "alice");
    EXPECT_EQ(subject_of(R"({"sub":"alice","act":{"SUB":"robot"}})"), "alice");
}

TEST(Jwt, APartThatIsNoJsonObjectIsAmbiguous) {
    const std::string deep = R"({"a":)" + std::string(3000, '[') + std::string(3000, ']') + '}';
    for (const std::string &payload : {std::string(),
                                       std::string("[]"),
                                       std::string("\"alice\""),
                                       std::string("null"),
                                       std::string("{"),
                                       std::string(R"({"sub":"alice"} x)"),
                                       std::string(R"({"sub":"alice"}{})"),
                                       std::string(R"({"sub":"alice",})"),
                                       std::string(R"({'sub':'alice'})"),
                                       std::string(R"({"sub":"alice"/**/})"),
                                       std::string("\xef\xbb\xbf{\"sub\":\"alice\"}"),
                                       std::string("{\"sub\":\"\xff\"}"),
                                       std::string(R"({"sub":"\ud800"})"),
                                       std::string(R"({"sub":"alice\u0000"})"),
                                       std::string(R"({"a\u0000b":1})"),
                                       std::string("{\"sub\":\"a\0\"}", 11),
                                       std::string("{\0\"\0}\0", 6),
                                       std::string(R"({"exp":NaN})"),
                                       std::string(R"({"exp":1e400})"),
                                       jwt(kClaims, kHeader),
                                       deep}) {
        EXPECT_EQ(kind_of(jwt(payload, kHeader)), Kind::ambiguous) << payload.substr(0, 80);
    }
    for (const char *header : {R"({"alg":null})", R"({"alg":1})", R"({"alg":["RS256"]})",
                               R"({"alg":""})", R"({"alg":"RS256"} x)", R"([{"alg":"RS256"}])",
                               R"({"alg":"RS256\u0000"})", "\xef\xbb\xbf{\"alg\":\"RS256\"}"}) {
        EXPECT_EQ(kind_of(jwt(kClaims, header)), Kind::ambiguous) << header;
    }
    EXPECT_EQ(subject_of(" {\"sub\" :\n\"alice\"}\t"), "alice");
    EXPECT_EQ(subject_of(R"({"sub":"\ud83d\ude00"})"), "\U0001f600");
}

// Threats M04.
TEST(Jwt, NestingIsBounded) {
    EXPECT_EQ(kind_of(jwt(nested(Claims::kMaxDepth), kHeader)), Kind::claims);
    EXPECT_EQ(kind_of(jwt(nested(Claims::kMaxDepth + 1), kHeader)), Kind::ambiguous);
    EXPECT_EQ(subject_of(R"({"sub":"alice","x":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["})"),
              "alice");
    std::string objects = "1";
    for (int depth = 0; depth < Claims::kMaxDepth; ++depth) {
        objects = R"({"x":)" + objects + '}';
    }
    EXPECT_TRUE(Claims::parse(objects));
    EXPECT_FALSE(Claims::parse(R"({"x":)" + objects + '}'));
}

// Threats G09, and RFC 7797: the payload is another text than the one between the dots.
TEST(Jwt, APayloadThatIsNotWhatItSeemsIsAmbiguous) {
    for (const char *header : {R"({"alg":"RS256","zip":"DEF"})", R"({"alg":"RS256","b64":false})",
                               R"({"alg":"RS256","b64":false,"crit":["b64"]})"}) {
        EXPECT_EQ(kind_of(jwt(kClaims, header)), Kind::ambiguous) << header;
    }
    EXPECT_EQ(kind_of(jwt(kClaims, R"({"alg":"RS256","kid":"b64","x":"zip"})")), Kind::claims);
}

// A header that was read before is not read again; any other is.
TEST(Jwt, EachHeaderIsReadAsIfItWereTheFirst) {
    const std::string hiding = R"({"alg":"RS256","zip":"DEF"})";
    const std::string longer =
        R"({"alg":"RS256","typ":"JWT","x":")" + std::string(300, 'x') + "\"}";
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(kind_of('.' + base64url(kClaims) + '.'), Kind::opaque);
        EXPECT_EQ(kind_of(jwt(kClaims, kHeader)), Kind::claims);
        EXPECT_EQ(kind_of(jwt(R"({"sub":"a","sub":"b"})", kHeader)), Kind::ambiguous);
        EXPECT_EQ(kind_of('.' + base64url(kClaims) + '.'), Kind::opaque);
        EXPECT_EQ(kind_of(jwt(kClaims, hiding)), Kind::ambiguous);
        EXPECT_EQ(kind_of(jwt(kClaims, kHeader)), Kind::claims);
        EXPECT_EQ(kind_of(base64url(kHeader).substr(1) + '.' + base64url(kClaims) + '.'),
                  Kind::opaque);
        EXPECT_EQ(kind_of(base64url(kHeader) + "A." + base64url(kClaims) + '.'), Kind::ambiguous);
        EXPECT_EQ(kind_of(jwt(kClaims, longer)), Kind::claims);
    }
}

TEST(Claims, TextIsReadableText) {
    EXPECT_EQ(subject_of(R"({"sub":"J\u00fcrgen"})"), "J\u00fcrgen");
    for (const char *payload : {R"({})", R"({"sub":""})", R"({"sub":1})", R"({"sub":null})",
                                R"({"sub":["alice"]})", R"({"sub":{"a":"alice"}})",
                                R"({"sub":"alice\n"})", R"({"sub":"\u007f"})", R"({"sub":true})"}) {
        EXPECT_EQ(subject_of(payload), "(none)") << payload;
    }
}

TEST(Claims, AreOneJsonObject) {
    EXPECT_TRUE(Claims::parse("{}"));
    for (const char *json : {"", " ", "null", "[]", "1", "\"{}\"", "{}{}", "{"}) {
        EXPECT_FALSE(Claims::parse(json)) << json;
    }
}

// Only the bytes of the view count, whatever follows them (threats M15).
TEST(Claims, EndWithTheView) {
    const std::string_view json = R"({"sub":"alice"}garbage)";
    EXPECT_TRUE(Claims::parse(json.substr(0, json.find("garbage"))));
    EXPECT_FALSE(Claims::parse(json));
}

}  // namespace
}  // namespace ipfence::jwt_test
