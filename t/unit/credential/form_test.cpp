#include "engine/credential/form.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace ipfence::form_test {
namespace {

// Owns the storage, which is as large as it must be and no larger.
class ParsedForm {
  public:
    explicit ParsedForm(std::string_view body)
        : storage_(Form::storage_size(body.size())), form_(Form::parse(body, storage_)) {}

    const Result<Form, Refusal> *operator->() const { return &form_; }
    const Result<Form, Refusal> &operator*() const { return form_; }

    std::string value(std::string_view name) const {
        return form_ ? std::string(form_->find(name).value_or("(absent)")) : "(refused)";
    }

  private:
    std::vector<char> storage_;
    Result<Form, Refusal> form_;
};

std::string many_parameters(std::size_t count) {
    std::string body;
    for (std::size_t i = 0; i < count; ++i) {
        body += (i == 0 ? "p" : "&p") + std::to_string(i) + "=v";
    }
    return body;
}

void expect_refused(std::string_view body, std::string_view description) {
    const ParsedForm form(body);
    ASSERT_FALSE((*form).ok()) << body;
    EXPECT_EQ((*form).error().description, description) << body;
}

TEST(Form, ReadsParameters) {
    const ParsedForm form("grant_type=refresh_token&refresh_token=R%2bT&client_id=my+app&scope=");
    ASSERT_TRUE((*form).ok());
    EXPECT_EQ(form.value("grant_type"), "refresh_token");
    EXPECT_EQ(form.value("refresh_token"), "R+T");
    EXPECT_EQ(form.value("client_id"), "my app");
    EXPECT_EQ(form.value("scope"), "");
    EXPECT_EQ(form.value("code"), "(absent)");
    EXPECT_EQ((*form)->parameters().size(), 4U);
}

// In its place in the storage, once.
TEST(Form, AValueIsDecodedTheSameHoweverOftenItIsAskedFor) {
    const ParsedForm form("code=%2541%2b&scope=a+b&user_code=plain");
    ASSERT_TRUE((*form).ok());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ((*form)->find(KnownParameter::code), "%41+");
        EXPECT_EQ(form.value("code"), "%41+");
        EXPECT_EQ((*form)->parameters()[1].value, "a b");
        EXPECT_EQ((*form)->find(KnownParameter::user_code), "plain");
    }
    EXPECT_TRUE((*form)->escaped().contains(KnownParameter::code));
    EXPECT_TRUE((*form)->escaped().contains(KnownParameter::scope));
    EXPECT_FALSE((*form)->escaped().contains(KnownParameter::user_code));
}

TEST(Form, OnlyOneHasTheStorage) {
    std::string storage(Form::storage_size(20), '.');
    auto parsed = Form::parse("code=%2541&state=s", storage);
    ASSERT_TRUE(parsed);
    const Form form = std::move(*parsed);
    EXPECT_EQ(form.find(KnownParameter::code), "%41");
    EXPECT_EQ(form.find("state"), "s");
    EXPECT_TRUE(parsed->parameters().empty());
    EXPECT_FALSE(parsed->find(KnownParameter::code));
    EXPECT_FALSE(parsed->escaped().contains(KnownParameter::code));
}

TEST(Form, AnEmptyBodyHasNoParameters) {
    const ParsedForm form("");
    ASSERT_TRUE((*form).ok());
    EXPECT_TRUE((*form)->parameters().empty());
}

TEST(Form, SplitsAtTheFirstEqualsSign) {
    EXPECT_EQ(ParsedForm("a=b=c").value("a"), "b=c");
    EXPECT_EQ(ParsedForm("a==").value("a"), "=");
    EXPECT_EQ(ParsedForm("a=%26b%3dc").value("a"), "&b=c");
}

TEST(Form, EscapedNamesAreTheNames) {
    EXPECT_EQ(ParsedForm("client%5Fid=app").value("client_id"), "app");
    expect_refused("client_id=app&client%5fid=relaxed", "a parameter is repeated");
}

TEST(Form, MayEndWithASeparator) {
    const ParsedForm form("a=b&c=&");
    ASSERT_TRUE((*form).ok());
    EXPECT_EQ((*form)->parameters().size(), 2U);
    EXPECT_EQ(form.value("c"), "");
}

TEST(Form, EmptyPiecesAreRefused) {
    for (const char *body : {"&", "&&", "a=b&&", "&a=b", "a=b&&c=d", "a&", "client_id",
                             "a=b&client_id", "x", "{\"client_id\":\"app\"}", "<xml/>"}) {
        expect_refused(body, "a parameter has no value, or the body is not a form");
    }
    for (const char *body : {"=", "=x", "a=b&=x", "a=b&="}) {
        expect_refused(body, "a parameter has no name");
    }
}

TEST(Form, RawBytesThatMustBeEscapedAreRefused) {
    for (int code = 0; code < 0x100; ++code) {
        const char byte = static_cast<char>(code);
        const std::string body = std::string("x=a") + byte + 'b';
        const bool printable = code > 0x20 && code < 0x7f;
        const bool means_something = byte == '%' || byte == '&' || byte == ';';
        EXPECT_EQ((*ParsedForm(body)).ok(), printable && !means_something) << code;
    }
    expect_refused("a=b;client_id=relaxed", "the body has a byte that a form must escape");
    expect_refused("a=b&amp;client_id=relaxed", "the body has a byte that a form must escape");
    expect_refused("a=b\r\n", "the body has a byte that a form must escape");
    expect_refused("a=b\x7f", "the body has a byte that a form must escape");
    EXPECT_EQ(ParsedForm("a=b%3bc").value("a"), "b;c");
}

TEST(Form, DecodedControlBytesAreRefusedInEveryParameter) {
    for (const char *name : {"client_id", "password", "unheard_of"}) {
        for (const char *escape : {"%00", "%01", "%09", "%0a", "%0D", "%1f", "%7f"}) {
            expect_refused(std::string(name) + "=a" + escape,
                           "a parameter value has a control byte");
        }
        for (const char *escape : {"%20", "%7e", "%80", "%ff", "%C3%A9"}) {
            EXPECT_TRUE((*ParsedForm(std::string(name) + "=a" + escape)).ok()) << name << escape;
        }
    }
    expect_refused("client_id%00=x",
                   "a parameter name has characters that parsers read differently");
    expect_refused("%0aclient_id=x",
                   "a parameter name has characters that parsers read differently");
}

TEST(Form, BadEscapesAreRefused) {
    expect_refused("a=%", "a parameter value is badly encoded");
    expect_refused("a=%4&b=c", "a parameter value is badly encoded");
    expect_refused("a=%zz", "a parameter value is badly encoded");
    expect_refused("a=%u0061", "a parameter value is badly encoded");
    expect_refused("%=a", "a parameter name is badly encoded");
    expect_refused("a%6=a", "a parameter name is badly encoded");
}

// Threats D03: PHP, Rails and qs make `client_id` of these.
TEST(Form, NamesHavePlainCharactersOnly) {
    for (const char *name :
         {"client_id[]", "client_id%5B%5D", "client_id[0]", "a[client_id]", "client%20id",
          "client+id", "+client_id", "client_id+", "%2bclient_id", "client_id%FF", "%C5%BFcope",
          "%EF%BB%BFclient_id", "a:b", "a/b", "$a"}) {
        expect_refused(std::string(name) + "=x",
                       "a parameter name has characters that parsers read differently");
    }
    for (const char *name : {"a", "A", "0", "_", "x.y", "x-y", "X_9"}) {
        EXPECT_TRUE((*ParsedForm(std::string(name) + "=x")).ok()) << name;
    }
}

// Threats D03 and D04: PHP makes underscores of dots, ASP.NET ignores case.
TEST(Form, VariantSpellingsOfKnownNamesAreRefused) {
    for (const char *known : {"grant_type",
                              "client_id",
                              "client_secret",
                              "client_assertion",
                              "client_assertion_type",
                              "username",
                              "password",
                              "code",
                              "redirect_uri",
                              "code_verifier",
                              "refresh_token",
                              "scope",
                              "assertion",
                              "device_code",
                              "subject_token",
                              "subject_token_type",
                              "actor_token",
                              "actor_token_type",
                              "requested_token_type",
                              "audience",
                              "resource"}) {
        EXPECT_EQ(ParsedForm(std::string(known) + "=x").value(known), "x");
        std::string upper(known);
        upper[0] = static_cast<char>(upper[0] - 'a' + 'A');
        std::string dotted(known);
        std::ranges::replace(dotted, '_', '.');
        std::string dashed(known);
        std::ranges::replace(dashed, '_', '-');
        for (const std::string &variant : {upper, dotted, dashed}) {
            if (variant != known) {
                expect_refused(variant + "=x",
                               "a parameter name is a variant spelling of an OAuth parameter");
            }
        }
    }
    for (const char *harmless : {"Client_Idx=x", "clientid=x", "client__id=x", "tenant.id=x"}) {
        EXPECT_TRUE((*ParsedForm(harmless)).ok()) << harmless;
    }
}

// qs with `allowDots` reads the first one as client_id.
TEST(Form, NamesThatBeginOrEndWithADotAreRefused) {
    for (const char *name : {".client_id", "client_id.", ".", "..", ".x.y", "x.y."}) {
        expect_refused(std::string(name) + "=x", "a parameter name begins or ends with a dot");
    }
    EXPECT_TRUE((*ParsedForm("x.y=z")).ok());
}

TEST(Form, TheMethodIsNotReplaced) {
    for (const char *name : {"_method", "_METHOD", ".method", "-Method"}) {
        expect_refused(std::string(name) + "=GET", "the method must not be overridden");
    }
    EXPECT_TRUE((*ParsedForm("method=GET")).ok());
}

TEST(Form, RepeatedNamesAreRefused) {
    expect_refused("client_id=a&client_id=b", "a parameter is repeated");
    expect_refused("client_id=a&client_id=a", "a parameter is repeated");
    expect_refused("client_id=a&x=1&client_id=", "a parameter is repeated");
    expect_refused("scope=a&scope=b", "a parameter is repeated");
    expect_refused("x=1&x=2", "a parameter is repeated");
}

// Threats D29: RFC 8707, section 2, and RFC 8693, section 2.1.
TEST(Form, ResourceAndAudienceMayRepeat) {
    const ParsedForm form("resource=a&audience=c&resource=b&audience=d");
    ASSERT_TRUE((*form).ok());
    EXPECT_EQ((*form)->parameters().size(), 4U);
    EXPECT_EQ(form.value("resource"), "a");
    EXPECT_EQ(form.value("audience"), "c");
}

// Threats D13.
TEST(Form, TheNumberOfParametersIsBounded) {
    EXPECT_TRUE((*ParsedForm(many_parameters(Form::kMaxParameters))).ok());
    expect_refused(many_parameters(Form::kMaxParameters + 1),
                   "the request has too many parameters");
    expect_refused(many_parameters(60'000), "the request has too many parameters");
    std::string resources = "resource=a";
    for (std::size_t i = 0; i < Form::kMaxParameters; ++i) {
        resources += "&resource=a";
    }
    expect_refused(resources, "the request has too many parameters");
}

// Threats D20: what comes after a long padding counts.
TEST(Form, LongValuesHideNothing) {
    const std::string padding(900'000, 'x');
    EXPECT_EQ(ParsedForm("pad=" + padding + "&client_id=app").value("client_id"), "app");
    expect_refused("client_id=app&pad=" + padding + "&client_id=relaxed",
                   "a parameter is repeated");
}

}  // namespace
}  // namespace ipfence::form_test
