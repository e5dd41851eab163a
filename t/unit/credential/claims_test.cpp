// Claims against jansson, a second reader of the same texts: what one takes the other takes, and
// both find the same in it.

#include "engine/credential/claims.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/credential/json_reading.hpp"
#include "engine/json.hpp"
#include "t/unit/credential/encoding.hpp"

namespace ipfence::claims_test {
namespace {

bool is_deeper_than(const json_t *value, int levels) {
    const bool is_container = json_is_object(value) || json_is_array(value);
    if (is_container && levels == 0) {
        return true;
    }
    const char *name = nullptr;
    std::size_t index = 0;
    json_t *inner = nullptr;
    json_object_foreach(const_cast<json_t *>(value), name, inner) {
        if (is_deeper_than(inner, levels - 1)) {
            return true;
        }
    }
    json_array_foreach(value, index, inner) {
        if (is_deeper_than(inner, levels - 1)) {
            return true;
        }
    }
    return false;
}

OwnedJson read_by_jansson(const std::string &text) {
    OwnedJson value(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr));
    return json_is_object(value.get()) && !is_deeper_than(value.get(), Claims::kMaxDepth)
               ? std::move(value)
               : nullptr;
}

void expect_same_reading(const std::string &text) {
    const auto expected = read_by_jansson(text);
    const auto claims = Claims::parse(text);
    if (text.find('\0') != std::string::npos) {
        EXPECT_FALSE(claims) << "jansson takes some NUL for the end of a number or text";
        return;
    }
    ASSERT_EQ(claims.has_value(), expected != nullptr) << text;
    const char *name = nullptr;
    json_t *value = nullptr;
    json_object_foreach(expected.get(), name, value) {
        EXPECT_TRUE(claims->has(name)) << text;
        EXPECT_EQ(claims->is_true(name), json_is_true(value)) << text;
        EXPECT_EQ(claims->integer(name),
                  json_is_integer(value) ? std::optional(json_integer_value(value)) : std::nullopt)
            << text;
        if (const auto found = claims->text(name)) {
            ASSERT_TRUE(json_is_string(value)) << text;
            EXPECT_EQ(*found,
                      std::string_view(json_string_value(value), json_string_length(value)));
        }
    }
}

std::string nested(int depth, char open, char close) {
    return R"({"a":)" + std::string(static_cast<std::size_t>(depth), open) +
           std::string(static_cast<std::size_t>(depth), close) + '}';
}

const std::vector<std::string> &texts() {
    static const std::vector<std::string> texts{
        R"({})",
        R"({"sub":"alice","exp":1900000000,"email_verified":true,"amr":["mfa","otp"]})",
        R"({"sub":"a","sub":"b"})",
        R"({"sub":"a","s\u0075b":"b"})",
        R"({"a":{"b":1,"b":2}})",
        R"({"a":[{"b":1,"b":2}]})",
        "{\"sub\":\"a\\u0000b\"}",
        "{\"su\\u0000b\":\"a\"}",
        R"({"a":"\ud800"})",
        R"({"a":"\ud83d\ude00"})",
        R"({"a":"\udc00\ud800"})",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\xc0\xaf\"}",
        "\xef\xbb\xbf{}",
        "{\"a\":\"x\ny\"}",
        "{\"a\":\"x\\ny\"}",
        R"({"a":9223372036854775807})",
        R"({"a":9223372036854775808})",
        R"({"a":18446744073709551615})",
        R"({"a":-9223372036854775808})",
        R"({"a":-9223372036854775809})",
        R"({"a":1e400})",
        R"({"a":1e3})",
        R"({"a":1.0})",
        R"({"a":-0})",
        R"({"a":01})",
        R"({"a":.5})",
        R"({"a":+1})",
        R"({"a":NaN})",
        R"({"a":1,})",
        R"({,"a":1})",
        R"({"a":1} x)",
        R"({"a":1}{"b":2})",
        R"({'a':1})",
        R"({a:1})",
        R"({"a":/**/1})",
        R"({"a":null,"b":false,"c":true,"d":"","e":[],"f":{}})",
        R"([])",
        R"("x")",
        R"(1)",
        "",
        " \t\r\n",
        " { } ",
        std::string("{}\0", 3),
        std::string("{\"a\":1\0}", 8),
        nested(Claims::kMaxDepth - 1, '[', ']'),
        nested(Claims::kMaxDepth, '[', ']'),
        nested(3000, '[', ']'),
        nested(100000, '[', ']'),
    };
    return texts;
}

TEST(Claims, NothingHasNoAddress) {
    EXPECT_FALSE(Claims::parse(std::string_view()));
}

TEST(Claims, ReadsWhatJanssonReads) {
    for (const std::string &text : texts()) {
        expect_same_reading(text);
    }
}

TEST(Claims, ReadsMutatedTextsAsJanssonDoes) {
    std::mt19937 random(1);
    const std::string bytes = "{}[]\",:\\u0des1-. \n\xc3\xa9\xed\x80";
    for (int round = 0; round < 60000; ++round) {
        std::string text = texts()[random() % texts().size()];
        if (text.size() > 200) {
            continue;
        }
        for (std::size_t change = random() % 3; change != 0 && !text.empty(); --change) {
            const std::size_t at = random() % text.size();
            switch (random() % 3) {
                case 0:
                    text[at] = bytes[random() % bytes.size()];
                    break;
                case 1:
                    text.erase(at, 1);
                    break;
                default:
                    text.insert(at, 1, bytes[random() % bytes.size()]);
            }
        }
        expect_same_reading(text);
    }
}

TEST(Claims, FindsARepeatedNameAmongMany) {
    std::string unique = "{";
    for (int number = 0; number < 1000; ++number) {
        unique += "\"name" + std::to_string(number) + "\":1,";
    }
    EXPECT_TRUE(Claims::parse(unique + R"("last":1})"));
    EXPECT_FALSE(Claims::parse(unique + R"("name0":1})"));
}

TEST(Claims, TimesAreNumbersInRange) {
    using enum Claims::Rounding;
    struct Case {
        std::string_view json;
        std::optional<std::int64_t> rounded_down;
        std::optional<std::int64_t> rounded_up;
    };
    constexpr std::int64_t kLatest = Claims::kLatestTime;
    const Case cases[] = {
        {"0", 0, 0},
        {"1796095144", 1796095144, 1796095144},
        {"1796095144.5", 1796095144, 1796095145},
        {"1796095144.000001", 1796095144, 1796095145},
        {"1796095144.0", 1796095144, 1796095144},
        {"1e10", 10'000'000'000, 10'000'000'000},
        {"-0.0", 0, 0},
        {"1099511627776", kLatest, kLatest},
        {"1099511627775.5", kLatest - 1, kLatest},
        {"1099511627777", {}, {}},
        {"1099511627776.5", {}, {}},
        {"-1", {}, {}},
        {"-0.5", {}, {}},
        {"1e308", {}, {}},
        {"-1e308", {}, {}},
        {"9223372036854775807", {}, {}},
        {"\"1796095144\"", {}, {}},
        {"null", {}, {}},
        {"true", {}, {}},
        {"[1]", {}, {}},
    };
    for (const Case &expected : cases) {
        const auto claims = Claims::parse(R"({"exp":)" + std::string(expected.json) + '}');
        ASSERT_TRUE(claims) << expected.json;
        EXPECT_EQ(claims->time("exp", down), expected.rounded_down) << expected.json;
        EXPECT_EQ(claims->time("exp", up), expected.rounded_up) << expected.json;
        EXPECT_EQ(claims->time("nbf", up), std::nullopt);
    }
    for (const char *no_number : {"1e400", "-1e400", "NaN", "Infinity"}) {
        EXPECT_FALSE(Claims::parse(R"({"exp":)" + std::string(no_number) + '}')) << no_number;
    }
}

TEST(Claims, StaysValidWhenOthersAreRead) {
    const auto first = Claims::parse(R"({"sub":"alice","aud":["x","","y",1,"z\u0001"]})");
    const auto second = Claims::parse(R"({"sub":"bob"})");
    EXPECT_EQ(first->text("sub"), "alice");
    EXPECT_EQ(second->text("sub"), "bob");
    EXPECT_EQ(first->texts("aud"), (std::vector<std::string_view>{"x", "y"}));
    EXPECT_TRUE(second->texts("aud").empty());
}

// With and without an escape, of which the reader makes a difference.
TEST(Claims, NoTextHasAControlByte) {
    for (const std::string &other : {std::string("x"), std::string("\\/")}) {
        for (const std::string &text :
             {std::string("\x7f"), std::string("a\x7f"), std::string("\\n"), std::string("\\u001f"),
              std::string("\\u007f")}) {
            const auto claims = Claims::parse(R"({"a":")" + other + R"(","b":")" + text +
                                              R"(","c":[")" + text + "\"]}");
            ASSERT_TRUE(claims) << text;
            EXPECT_TRUE(claims->text("a")) << text;
            EXPECT_FALSE(claims->text("b")) << text;
            EXPECT_TRUE(claims->texts("c").empty()) << text;
        }
    }
}

TEST(Claims, AreReadFromBase64Url) {
    EXPECT_EQ(Claims::parse_base64url(base64url(R"({"sub":"alice"})"))->text("sub"), "alice");
    for (const std::string &text : {std::string(), base64url("{}") + '=', base64url("{} ") + 'A',
                                    base64url("[]"), base64url("{} {}"), std::string("e30\n")}) {
        EXPECT_FALSE(Claims::parse_base64url(text)) << text;
    }
    EXPECT_TRUE(Claims::parse_base64url("e30"));
}

// Buffers are used again: of texts that are larger, smaller, or no JSON at all.
TEST(Claims, SayNothingOfTextsThatWereReadBefore) {
    for (const std::size_t size : {1, 100, 20'000, 1, 200'000, 50, 20'000}) {
        const std::string text(size, 'x');
        const auto claims = Claims::parse(R"({"sub":")" + text + R"(","list":[")" + text + "\"]}");
        ASSERT_TRUE(claims) << size;
        const auto others = {Claims::parse("{}"), Claims::parse_base64url("e30"),
                             Claims::parse(R"({"aud":1})")};
        for (const auto &other : others) {
            EXPECT_FALSE(other->has("sub"));
        }
        EXPECT_FALSE(Claims::parse(text));
        EXPECT_FALSE(Claims::parse(R"({"sub":"a","sub":"b"})"));
        EXPECT_EQ(claims->text("sub"), text);
        EXPECT_EQ(claims->texts("list"), std::vector<std::string_view>{text});
    }
}

// What was read may be a token: nothing of it waits in a buffer for the next text.
TEST(JsonReading, LeavesNothingInItsBuffers) {
    const std::string text = R"({"access_token":"a-secret-token"})";
    auto reading = JsonReading::begin();
    const JsonReading *first = reading.get();
    std::ranges::copy(text, reading->room_for(2 * text.size()).begin());
    ASSERT_TRUE(reading->read_object(text.size()));
    const auto is_zero = [](char byte) { return byte == 0; };
    EXPECT_TRUE(std::ranges::all_of(reading->room_for(2 * text.size()), is_zero));
    const std::string_view token = reading->find("access_token")->value.get_string().value_unsafe();
    EXPECT_EQ(token, "a-secret-token");
    JsonReading::end(std::move(reading));
    EXPECT_TRUE(std::ranges::all_of(token, is_zero)) << "the buffer is kept";
    reading = JsonReading::begin();
    EXPECT_EQ(reading.get(), first);
    EXPECT_TRUE(reading->members().empty());
    JsonReading::end(std::move(reading));
}

TEST(Claims, KnowsVariantsOfAName) {
    EXPECT_FALSE(Claims::parse(R"({"":1,"i":2,"is":3,"Iso":4})")->has_variant_of("iss"));
    EXPECT_TRUE(Claims::parse("{\"\u017fub\":1}")->has_variant_of("sub"));
    EXPECT_TRUE(Claims::parse(R"({"Sub":1})")->has_variant_of("sub"));
    EXPECT_TRUE(Claims::parse("{\"i\u017fs\":1}")->has_variant_of("iss"));
    EXPECT_FALSE(Claims::parse(R"({"sub":1,"subs":1})")->has_variant_of("sub"));
    EXPECT_TRUE(Claims::parse("{\"\u212aid\":1}")->has_variant_of("kid")) << "the sign of kelvin";
    EXPECT_FALSE(Claims::parse("{\"\u212aub\":1}")->has_variant_of("sub"));
}

// Threats M04: a number of so many digits takes microseconds, and is another one to each reader.
TEST(Claims, ManyLongNumbersAreNotRead) {
    const auto with = [](std::size_t count, const std::string &value) {
        std::string text = R"({"a":[)";
        for (std::size_t index = 0; index < count; ++index) {
            text += (index == 0 ? "" : ",") + value;
        }
        return Claims::parse(text + "]}").has_value();
    };
    for (const char *number :
         {"9007199254740993.000000000001", "0.00000000000000000001", "-1234567890.1234567890e-200",
          " 12345678901234.56789012345678901"}) {
        EXPECT_TRUE(with(15, number)) << number;
        EXPECT_FALSE(with(34, number)) << number;
        EXPECT_FALSE(with(1000, number)) << number;
    }
    EXPECT_TRUE(with(1000, "52.520006599999998")) << "as programs write them";
    EXPECT_TRUE(with(1000, "9223372036854775807"));
    EXPECT_TRUE(with(1000, R"("123456789012345678901")")) << "names of people at Google";
}

}  // namespace
}  // namespace ipfence::claims_test
