#include "engine/credential/cookies.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ipfence::cookies_test {
namespace {

using std::string_view;

// "one: VALUE", "absent" or "ambiguous".
std::string find(std::vector<string_view> lines, string_view name = "sid") {
    const CookieValue cookie = find_cookie(lines, name);
    EXPECT_EQ(cookie.value.empty(), cookie.kind != CookieValue::Kind::one);
    switch (cookie.kind) {
        case CookieValue::Kind::absent:
            return "absent";
        case CookieValue::Kind::one:
            return "one: " + std::string(cookie.value);
        case CookieValue::Kind::ambiguous:
            break;
    }
    return "ambiguous";
}

TEST(FindCookie, FindsTheOneAmongOthers) {
    EXPECT_EQ(find({"sid=abc"}), "one: abc");
    EXPECT_EQ(find({"a=1; sid=abc; b=2"}), "one: abc");
    EXPECT_EQ(find({"a=1;sid=abc;b=2"}), "one: abc");
    EXPECT_EQ(find({"a=1", "sid=abc"}), "one: abc") << "HTTP/2 crumbs";
    EXPECT_EQ(find({"sid=a=b=="}), "one: a=b==");
    EXPECT_EQ(find({"sid.sig=x; sid=abc"}), "one: abc");
    EXPECT_EQ(find({"xsid=1; sidx=2"}), "absent");
    EXPECT_EQ(find({}), "absent");
    EXPECT_EQ(find({"sid="}), "absent");
    EXPECT_EQ(find({"sid=abc; sid="}), "one: abc") << "who has none there is nobody";
    EXPECT_EQ(find({"sid=; sid=abc"}), "one: abc");
    EXPECT_EQ(find({"sid"}), "absent");
}

TEST(FindCookie, OtherCookiesMayLookAsTheyLike) {
    EXPECT_EQ(find({"_ga=GA1.1.1.2; sid=abc; prefs={\"a\":1,\"b\":[2]}"}), "one: abc");
    EXPECT_EQ(find({"quoted=\"x y\"; sid=abc"}), "one: abc");
    EXPECT_EQ(find({"list=1,2,3; sid=abc"}), "one: abc");
    EXPECT_EQ(find({"=nameless; ; sid=abc"}), "one: abc");
}

TEST(FindCookie, IsAmbiguousWhereParsersDiffer) {
    EXPECT_EQ(find({"sid=evil; sid=good"}), "ambiguous");
    EXPECT_EQ(find({"sid=evil", "sid=good"}), "ambiguous");
    EXPECT_EQ(find({"sid=same; sid=same"}), "one: same");
    EXPECT_EQ(find({"sid=\"abc\""}), "ambiguous");
    EXPECT_EQ(find({"sid=a b"}), "ambiguous");
    EXPECT_EQ(find({"sid=a,b"}), "ambiguous");
    EXPECT_EQ(find({"sid=a\\b"}), "ambiguous");
    EXPECT_EQ(find({"sid=a\xc3\xa9"}), "ambiguous");
    EXPECT_EQ(find({"sid=a\tb"}), "ambiguous");
    EXPECT_EQ(find({"sid =abc"}), "ambiguous");
    EXPECT_EQ(find({"SID=abc"}), "ambiguous");
    EXPECT_EQ(find({"other=\"a; sid=evil; b\""}), "ambiguous") << "inside quotes for some";
    EXPECT_EQ(find({"$Version=1; sid=abc"}), "ambiguous");
    EXPECT_EQ(find({"a=b, sid=evil"}), "ambiguous") << "a comma separates for some";
    EXPECT_EQ(find({"a=b, sid=evil; sid=good"}), "ambiguous");
}

// threats.md J05: what RFC 2109 and lenient trimming make of it.
TEST(FindCookie, IsAmbiguousWhereOlderRulesReadIt) {
    EXPECT_EQ(find({"$Version=1; sid=\"a; b\""}), "ambiguous");
    EXPECT_EQ(find({"$Version=1; other=\"x; sid=evil; y\"; sid=good"}), "ambiguous");
    EXPECT_EQ(find({"sid=\"a; b\""}), "ambiguous");
    EXPECT_EQ(find({"other=1, sid=evil; sid=good"}), "ambiguous");
    EXPECT_EQ(find({"sid =evil; sid=good"}), "ambiguous");
    EXPECT_EQ(find({"sid=good\t"}), "ambiguous") << "for some the tabulator is part of it";
    EXPECT_EQ(find({"a=1;\tsid=evil; sid=good"}), "ambiguous");
    EXPECT_EQ(find({"\xe2\x80\x80sid=evil; sid=good"}), "ambiguous") << "U+2000, a space for some";
    EXPECT_EQ(find({"\xc2\xa0sid=evil; sid=good"}), "ambiguous") << "U+00A0";
    EXPECT_EQ(find({"\x0bsid=evil; sid=good"}), "ambiguous");
    EXPECT_EQ(find({"\xe2\x80\x80other=1; sid=good"}), "one: good");
}

TEST(FindCookie, IsAmbiguousWithAnyByteThatACookieMayNotHave) {
    for (int byte = 1; byte < 256; ++byte) {
        const std::string line = "sid=a" + std::string(1, static_cast<char>(byte)) + "b";
        const bool may_have =
            byte > 0x20 && byte < 0x7f && byte != '"' && byte != ',' && byte != ';' && byte != '\\';
        const std::string expected = may_have      ? "one: " + line.substr(4)
                                     : byte == ';' ? "one: a"
                                                   : "ambiguous";
        EXPECT_EQ(find({line}), expected) << byte;
    }
}

// What is around a name is a space to some parser, whatever it is.
TEST(FindCookie, IsAmbiguousWithAnythingInvisibleAroundItsName) {
    for (int byte = 1; byte < 256; ++byte) {
        const std::string around(1, static_cast<char>(byte));
        const bool is_visible = byte > 0x20 && byte < 0x7f;
        const bool separates = byte == ';' || byte == ',';
        if (byte != ' ' && !separates) {
            EXPECT_EQ(find({around + "sid=evil"}), is_visible ? "absent" : "ambiguous") << byte;
        }
        if (byte != '=' && byte != '[' && byte != ';') {
            EXPECT_EQ(find({"sid" + around + "=evil"}), is_visible ? "absent" : "ambiguous")
                << byte;
        }
        const bool is_blank = byte == ' ' || (byte >= '\t' && byte <= '\r');
        if (!separates) {
            EXPECT_EQ(find({"x=y" + around + "sid=evil"}), is_blank ? "ambiguous" : "absent")
                << byte;
        }
    }
}

// Python's SimpleCookie ends a cookie at a blank, too.
TEST(FindCookie, IsAmbiguousWhereABlankSeparatesForSome) {
    for (const string_view line :
         {"sid=good; x=y sid=evil", "x=y sid=evil; sid=good", "sid=good; x=y\tsid=evil",
          "sid=good; x=y\vsid=evil", "sid=good; x=y  sid  =  evil", "sid=good; x=\"q\" sid=\"e\"",
          "sid=good; x=a=b SID=evil; z=1", "x=y sid=evil"}) {
        EXPECT_EQ(find({line}), "ambiguous") << line;
    }
    for (const string_view line :
         {"sid=good; x=y sidx=1", "sid=good; x=y xsid=1", "sid=good; x=your sid is here",
          "sid=good; x=y sid", "sid=good; x = y z = 1", "sid=good; x=sid=y z"}) {
        EXPECT_EQ(find({line}), "one: good") << line;
    }
}

TEST(FindCookie, CountsCookies) {
    std::string many;
    for (int i = 0; i < 63; ++i) {
        many += "a=1; ";
    }
    EXPECT_EQ(find({many + "sid=abc"}), "one: abc");
    EXPECT_EQ(find({many + "b=2; sid=abc"}), "ambiguous");
}

TEST(Cookies, ANameIsReadAsPhpAndPerlDo) {
    const auto kind = [](std::string_view line) {
        return find_cookie(std::span(&line, 1), "my_sid").kind;
    };
    for (const char *line : {"my.sid=x", "my sid=x", "my[sid=x", "my_sid[]=x", "my%5Fsid=x",
                             "%6dy_sid=x", "%4Dy.sid=x", "a=1,%6dy_sid=x", "my_sid=x; my.sid=x"}) {
        EXPECT_EQ(kind(line), CookieValue::Kind::ambiguous) << line;
    }
    for (const char *line : {"my_si=x", "my_sids=x", "a.my_sid=x", "my%zzsid=x", "my%=x", "%=x"}) {
        EXPECT_EQ(kind(line), CookieValue::Kind::absent) << line;
    }
    EXPECT_EQ(kind("my_sid=x; other.sid=y"), CookieValue::Kind::one);
}

// What find_cookie calls ambiguous may be a session all the same.
TEST(Cookies, AreReadInAnyWay) {
    const auto readings = [](std::string_view line) {
        const CookieReadings found = read_cookie_in_any_way(std::span(&line, 1), "sid");
        std::string all = found.are_too_many ? "too many" : "";
        for (const std::string &value : std::span(found.values).first(found.count)) {
            all += "[" + value + "]";
        }
        return all;
    };
    EXPECT_EQ(readings("a=b; sid=x; c"), "[x]");
    EXPECT_EQ(readings("sid=x; sid=y; sid=x"), "[x][y]");
    EXPECT_EQ(readings("sid=\"x\"; SID = y;\tsid=z\t"), "[x][y][z]");
    EXPECT_EQ(readings("a=b,sid=x; $Version=1"), "[x]");
    EXPECT_EQ(readings(R"(sid="\170y\"\z\\")"), R"([xy"z\][\170y\"\z\\])") << "to Python";
    EXPECT_EQ(readings(R"(sid="\18\400\17")"), R"([1840017][\18\400\17])") << "is not octal there";
    EXPECT_EQ(readings(R"(sid="\"; sid=\170)"), R"([\][\170])");
    EXPECT_EQ(readings("sid=x; a=b sid=y"), "[x][y]") << "to Python a blank separates";
    EXPECT_EQ(readings("a=b\tc=d sid = \"y\" sid=z; e=f"), R"(["y" sid=z][y][z])");
    EXPECT_EQ(readings("asid=x; sid; sid=; sid.sig=y"), "");
    EXPECT_EQ(readings("sid=\"; sid=\"\""), "[\"]") << "one quote is between none";
    EXPECT_EQ(readings("sid=\"x; sid=y\""), "[\"x][y\"]");
    EXPECT_EQ(readings("sid=1;sid=2;sid=3;sid=4;sid=5;sid=6;sid=7;sid=8;sid=1"),
              "[1][2][3][4][5][6][7][8]");
    EXPECT_EQ(readings("sid=1;sid=2;sid=3;sid=4;sid=5;sid=6;sid=7;sid=8;sid=9").substr(0, 8),
              "too many");
}

TEST(Cookies, AValueIsReadWithoutItsEscapes) {
    EXPECT_EQ(decode_cookie_value("plain+value"), "plain+value");
    EXPECT_EQ(decode_cookie_value("s%3Aa%2eb"), "s:a.b");
    EXPECT_EQ(decode_cookie_value("%zz%4%"), "%zz%4%");
}

}  // namespace
}  // namespace ipfence::cookies_test
