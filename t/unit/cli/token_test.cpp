#include <gtest/gtest.h>

#include <cstdint>
#include <ctime>
#include <utility>

#include "engine/cli/moment.hpp"
#include "t/unit/cli/program.hpp"
#include "t/unit/credential/encoding.hpp"
#include "t/unit/signature/signing_key.hpp"

namespace ipfence::test::token_test {
namespace {

bool has(const std::string &text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string claims(std::int64_t lifetime, const std::string &more = R"("sub":"alice")") {
    return R"({"exp":)" + std::to_string(std::time(nullptr) + lifetime) + ',' + more + '}';
}

const SigningKey &key() {
    return SigningKey::of("ES256");
}

std::string token_of(std::string_view payload, std::string_view more = R"("kid":"k1")") {
    return key().token("ES256", payload, more);
}

// A file with the public key of `token_of`.
class KeyFile {
  public:
    std::string path() const { return path_; }

  private:
    Files files_;
    std::string path_ = files_.write("jwks.json", key_set(key().jwk(R"("kid":"k1")")));
};

Completed verify(const std::string &token) {
    const KeyFile keys;
    return call({"token", "--jwks", keys.path(), token});
}

TEST(Token, IsShownAndVerified) {
    const Completed shown = verify(token_of(claims(3630)));
    EXPECT_EQ(shown.exit_code, 0);
    EXPECT_EQ(shown.errors, "");
    EXPECT_TRUE(
        shown.output.starts_with("Header\n{\n  \"alg\": \"ES256\",\n  \"kid\": \"k1\"\n}\n"))
        << shown.output;
    EXPECT_TRUE(has(shown.output, "\nClaims\n{\n  \"exp\": ")) << shown.output;
    EXPECT_TRUE(has(shown.output, "\n  \"sub\": \"alice\"\n}\n")) << shown.output;
    EXPECT_TRUE(has(shown.output, " UTC, in 1 hour\n")) << shown.output;
    EXPECT_TRUE(
        shown.output.ends_with("\nVerification\n"
                               "  signature  verifies with the key \"k1\"\n"
                               "  token      verified\n"))
        << shown.output;
}

TEST(Token, ComesFromStandardInputToo) {
    const KeyFile keys;
    const std::string token = token_of(claims(60));
    const std::string shown = call({"token", "--jwks", keys.path(), token}).output;
    for (const char *end : {"", "\n", "\r\n", " \n\n"}) {
        const Completed piped = call({"token", "--jwks", keys.path(), "-"}, token + end);
        EXPECT_EQ(piped.exit_code, 0) << piped.errors;
        EXPECT_TRUE(has(piped.output, "  token      verified\n")) << piped.output;
    }
    EXPECT_TRUE(has(shown, "  token      verified\n"));
    EXPECT_EQ(call({"token", "-", "--jwks", keys.path()}, token).exit_code, 0);
}

TEST(Token, WithoutKeysIsNotVerified) {
    const Completed shown = call({"token", token_of(claims(60))});
    EXPECT_EQ(shown.exit_code, 1);
    EXPECT_TRUE(has(shown.output, "\"sub\": \"alice\"")) << shown.output;
    EXPECT_TRUE(has(shown.output, "  signature  not checked: --jwks FILE was not given\n"));
    EXPECT_TRUE(has(shown.output, "  token      not verified\n"));
    EXPECT_EQ(shown.errors, "");
}

TEST(Token, SaysWhyTheSignatureDoesNotVerify) {
    const std::string token = token_of(claims(60));
    const std::string forged = token.substr(0, token.find('.')) + '.' +
                               base64url(claims(60, R"("sub":"mallory")")) +
                               token.substr(token.rfind('.'));
    const Completed shown = verify(forged);
    EXPECT_EQ(shown.exit_code, 1);
    EXPECT_TRUE(has(shown.output, "\"sub\": \"mallory\"")) << shown.output;
    EXPECT_TRUE(has(shown.output, "  signature  does not verify: the signature does not verify\n"))
        << shown.output;

    const auto reason_of = [](const std::string &other) {
        const Completed refused = verify(other);
        EXPECT_EQ(refused.exit_code, 1) << other;
        return refused.output;
    };
    EXPECT_TRUE(has(reason_of(token_of(claims(60), R"("kid":"k2")")),
                    "does not verify: no key has the token's kid\n"));
    EXPECT_TRUE(has(reason_of(SigningKey::of("RS256").token("RS256", claims(60), R"("kid":"k1")")),
                    "does not verify: the algorithm is not the key's\n"));
    EXPECT_TRUE(has(reason_of(jwt(claims(60), R"({"alg":"none"})")),
                    "does not verify: the algorithm is none, symmetric or unknown\n"));
    EXPECT_TRUE(has(reason_of(token_of(claims(60), R"("jwk":{})")),
                    "does not verify: the header has a parameter that is not accepted\n"));
}

TEST(Token, ThatIsNotValidNowIsNotVerified) {
    const Completed expired = verify(token_of(claims(-7300)));
    EXPECT_EQ(expired.exit_code, 1);
    EXPECT_TRUE(has(expired.output, " UTC, 2 hours ago\n")) << expired.output;
    EXPECT_TRUE(has(expired.output, "  signature  verifies with the key \"k1\"\n"));
    EXPECT_TRUE(has(expired.output, "  token      not verified: the token has expired\n"));

    const std::string tomorrow = std::to_string(std::time(nullptr) + 90000);
    const Completed early = verify(token_of(claims(99999, "\"nbf\":" + tomorrow)));
    EXPECT_EQ(early.exit_code, 1);
    EXPECT_TRUE(has(early.output, "  not before (nbf)  ")) << early.output;
    EXPECT_TRUE(has(early.output, " UTC, in 1 day\n")) << early.output;
    EXPECT_TRUE(has(early.output, "  token      not verified: the token is from the future\n"));

    const Completed endless = verify(token_of(R"({"sub":"alice","iat":"now"})"));
    EXPECT_EQ(endless.exit_code, 1);
    EXPECT_TRUE(has(endless.output, "  expires (exp)     missing\n")) << endless.output;
    EXPECT_TRUE(has(endless.output, "  issued (iat)      no number of seconds in range\n"));
    EXPECT_TRUE(has(endless.output, "  token      not verified: exp is missing or no time\n"));
}

TEST(Token, TimesMayHaveAFraction) {
    const std::string later = std::to_string(std::time(nullptr) + 7300) + ".5";
    const Completed shown = verify(token_of(R"({"iat":1700000000.25,"exp":)" + later + '}'));
    EXPECT_EQ(shown.exit_code, 0) << shown.output;
    EXPECT_TRUE(has(shown.output, "\"exp\": " + later)) << shown.output;
    EXPECT_TRUE(has(shown.output, " UTC, in 2 hours\n")) << shown.output;
    EXPECT_TRUE(has(shown.output, "  issued (iat)      2023-11-14 22:13:21 UTC, ")) << shown.output;
}

TEST(Token, WithAPayloadThatIsNoClaimsIsNotVerified) {
    for (const std::string &payload : {std::string("Payload"), std::string(), std::string("[]"),
                                       claims(60, R"("sub":"bob","sub":"alice")")}) {
        const Completed shown = verify(token_of(payload));
        EXPECT_EQ(shown.exit_code, 1) << payload;
        EXPECT_TRUE(has(shown.output, "Claims\nnot a JSON object with unique members\n"))
            << shown.output;
        EXPECT_FALSE(has(shown.output, "Times")) << shown.output;
        EXPECT_TRUE(has(shown.output, "  signature  verifies with the key \"k1\"\n"));
        EXPECT_TRUE(has(shown.output, "  token      not verified: "));
    }
}

// A token is anybody's: what it says may not command the terminal that shows it.
TEST(Token, SaysNothingToTheTerminal) {
    const std::string payload = claims(
        60, "\"sub\":\"\\u001b[2J\\u009b2J\\u202e\",\"name\":\"J\u00fcrgen\",\"a\\u0007\":1");
    const Completed shown = verify(token_of(payload));
    EXPECT_EQ(shown.exit_code, 0) << shown.output;
    for (const char byte : shown.output) {
        EXPECT_TRUE(byte == '\n' || (byte >= 0x20 && byte < 0x7f)) << static_cast<int>(byte);
    }
    EXPECT_TRUE(has(shown.output, "\\u001B[2J\\u009B2J\\u202E")) << shown.output;
}

TEST(Token, ThatIsNoneIsAFault) {
    for (const std::string &text :
         {std::string("opaque"), std::string("a.b"), token_of(claims(60)) + ".x",
          std::string("three.opaque parts.="), token_of(claims(60)) + '=',
          std::string(17 * 1024, 'x'), std::string("")}) {
        const Completed refused = verify(text);
        EXPECT_EQ(refused.exit_code, 1) << text;
        EXPECT_EQ(refused.output, "") << text;
        EXPECT_TRUE(refused.errors.starts_with("ipfence: ")) << refused.errors;
        EXPECT_FALSE(has(refused.errors, "opaque")) << "the message repeats the token";
    }
    EXPECT_EQ(call({"token", "-"}, std::string(1 << 20, 'x')).errors,
              "ipfence: the token is larger than 16 KiB\n");
    EXPECT_EQ(call({"token", "-"}, "").errors, "ipfence: the token has not three parts\n");
}

TEST(Token, KeysThatCannotBeReadAreAFault) {
    const Files files;
    const std::string token = token_of(claims(60));
    const std::string weak = files.write("weak.json", key_set(SigningKey::rsa(1024).jwk()));
    const std::string empty = files.write("empty.json", "");
    for (const auto &[file, reason] : std::vector<std::pair<std::string, std::string>>{
             {files.path("missing.json"), ": cannot be opened: "},
             {files.path("."), ": cannot be read: "},
             {empty, ": the key set is no JSON: line 1: "},
             {weak, ": keys[0]: an RSA key has 2048 to 8192 bits\n"}}) {
        const Completed refused = call({"token", "--jwks", file, token});
        EXPECT_EQ(refused.exit_code, 1) << file;
        EXPECT_TRUE(refused.errors.starts_with("ipfence: " + file + reason)) << refused.errors;
        EXPECT_TRUE(has(refused.output, "\"alg\": \"ES256\"")) << refused.output;
        EXPECT_TRUE(has(refused.output, "\"sub\": \"alice\"")) << refused.output;
        EXPECT_TRUE(has(refused.output, "\nTimes\n  expires (exp)     ")) << refused.output;
        EXPECT_TRUE(has(refused.output, "\n  signature  not checked: ")) << refused.output;
        EXPECT_TRUE(has(refused.output, file.substr(file.rfind('/') + 1))) << refused.output;
        EXPECT_TRUE(refused.output.ends_with("\n  token      not verified\n")) << refused.output;
    }
    const Completed opaque = call({"token", "--jwks", empty, "opaque"});
    EXPECT_EQ(opaque.exit_code, 1);
    EXPECT_EQ(opaque.output, "");
}

TEST(Token, HasHelpAndExitsWithTwoWhenCalledWrongly) {
    const Completed help = call({"token", "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_TRUE(has(help.output, "--jwks FILE")) << help.output;
    EXPECT_TRUE(has(help.output, "TOKEN")) << help.output;
    EXPECT_TRUE(has(call({"--help"}).output, "\n  token "));
    for (const std::vector<std::string> &arguments : {std::vector<std::string>{"token"},
                                                      {"token", "a", "b"},
                                                      {"token", "--jwks"},
                                                      {"token", "--keys", "a", "b"}}) {
        const Completed wrong = call(arguments);
        EXPECT_EQ(wrong.exit_code, 2);
        EXPECT_EQ(wrong.output, "");
    }
}

TEST(Token, OutputThatCannotBeWrittenIsAFault) {
    const KeyFile keys;
    EXPECT_EQ(call_with_files({"token", "--jwks", keys.path(), token_of(claims(60))}, "/dev/null",
                              "/dev/full")
                  .exit_code,
              1);
}

TEST(Moment, IsReadInItsLargestUnit) {
    using cli::moment_text;
    constexpr std::int64_t kNow = 1'800'000'000;
    EXPECT_EQ(moment_text(kNow, kNow), "2027-01-15 08:00:00 UTC, now");
    EXPECT_EQ(moment_text(kNow + 1, kNow), "2027-01-15 08:00:01 UTC, in 1 second");
    EXPECT_EQ(moment_text(kNow - 59, kNow), "2027-01-15 07:59:01 UTC, 59 seconds ago");
    EXPECT_EQ(moment_text(kNow + 60, kNow), "2027-01-15 08:01:00 UTC, in 1 minute");
    EXPECT_EQ(moment_text(kNow - 7199, kNow), "2027-01-15 06:00:01 UTC, 1 hour ago");
    EXPECT_EQ(moment_text(kNow + 48 * 3600, kNow), "2027-01-17 08:00:00 UTC, in 2 days");
    EXPECT_EQ(moment_text(0, kNow), "1970-01-01 00:00:00 UTC, 57 years ago");
    EXPECT_EQ(moment_text(-1, kNow), "-1, out of range");
    EXPECT_EQ(moment_text(INT64_MAX, kNow), "9223372036854775807, out of range");
}

}  // namespace
}  // namespace ipfence::test::token_test
