#include "engine/credential/basic.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "t/unit/credential/encoding.hpp"

namespace ipfence::basic_test {
namespace {

struct Client {
    std::string client_id;
    std::string raw_client_id;
    std::string refusal;
};

Client parsed(std::string_view authorization) {
    std::vector<char> storage(2 * authorization.size());
    const auto client = parse_basic(authorization, storage);
    if (!client) {
        return {"", "", std::string(client.error().description)};
    }
    return {std::string(client->client_id), std::string(client->raw_client_id), ""};
}

void expect_client(std::string_view authorization, std::string_view client_id,
                   std::string_view raw_client_id) {
    const Client client = parsed(authorization);
    EXPECT_EQ(client.refusal, "") << authorization;
    EXPECT_EQ(client.client_id, client_id) << authorization;
    EXPECT_EQ(client.raw_client_id, raw_client_id) << authorization;
}

// RFC 7617, section 2.
TEST(Basic, ReadsTheExampleOfTheRfc) {
    expect_client("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "Aladdin");
    expect_client("basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "Aladdin");
    expect_client("BASIC   QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "Aladdin");
}

// Threats E03: some providers form-decode, many do not.
TEST(Basic, KeepsBothReadingsOfTheClient) {
    expect_client(basic("my%3Aapp:s"), "my:app", "my%3Aapp");
    expect_client(basic("a+b:s"), "a b", "a+b");
    expect_client(basic("caf%C3%A9:s"), "caf\u00e9", "caf%C3%A9");
    expect_client(basic("a%2Bb:s"), "a+b", "a%2Bb");
}

TEST(Basic, AClientThatNobodyEscapedIsRead) {
    expect_client(basic("caf\u00e9:s"), "caf\u00e9", "caf\u00e9");
    expect_client(basic("my app;1:s"), "my app;1", "my app;1");
    expect_client(basic("https://app.example/?a=b:s"), "https", "https");
}

TEST(Basic, TheFirstColonEndsTheClient) {
    expect_client(basic("my:app:s"), "my", "my");
    expect_client(basic("app:"), "app", "app");
    expect_client(basic("app::"), "app", "app");
}

TEST(Basic, AnotherSchemeIsRefused) {
    for (const char *authorization :
         {"", "Basic", "Bearer QTpi", "BasicQTpi", "Basi QTpi", " Basic QTpi", "Basic\tQTpi",
          "Basic2 QTpi", "Digest username=\"a\"", "DPoP x"}) {
        EXPECT_EQ(parsed(authorization).refusal, "the Authorization scheme must be Basic")
            << authorization;
    }
}

// Threats E04 and B11.
TEST(Basic, BadBase64IsRefused) {
    for (const char *authorization :
         {"Basic QTpi=", "Basic QTp", "Basic QTpi\n", "Basic QTpi ", "Basic QTpi, Bearer y",
          "Basic QT pi", "Basic QTo", "Basic QTp=", "Basic Zm86_w==", "Basic QTpi====", "Basic ???",
          "Basic ==="}) {
        EXPECT_EQ(parsed(authorization).refusal, "the Authorization header is not canonical base64")
            << authorization;
    }
    expect_client("Basic QTpi", "A", "A");
    expect_client("Basic QTo=", "A", "A");
}

TEST(Basic, CredentialsWithoutColonAreRefused) {
    for (const std::string &authorization : {basic("app"), basic(""), std::string("Basic ")}) {
        EXPECT_EQ(parsed(authorization).refusal, "the Authorization header has no colon")
            << authorization;
    }
}

TEST(Basic, ControlBytesAreRefused) {
    for (const std::string_view credentials :
         {std::string_view("app\0:s", 6), std::string_view("app:s\0", 6),
          std::string_view("a\nb:s"), std::string_view("app:s\x7f"),
          std::string_view("app:s\r\n")}) {
        EXPECT_EQ(parsed(basic(credentials)).refusal,
                  "the Authorization header has a control byte");
    }
}

TEST(Basic, AClientThatIsNoNameIsRefused) {
    for (const char *credentials : {":s", ":", "%00:s", "a%0ab:s", "%7f:s", "caf\xe9:s", "caf%E9:s",
                                    "%C0%AF:s", "100%:s", "%4:s", "%zz:s"}) {
        EXPECT_EQ(parsed(basic(credentials)).refusal,
                  "the Authorization header names no readable client")
            << credentials;
    }
}

TEST(Basic, LongCredentialsAreRead) {
    const std::string client_id(8192, 'a');
    expect_client(basic(client_id + ":s"), client_id, client_id);
}

}  // namespace
}  // namespace ipfence::basic_test
