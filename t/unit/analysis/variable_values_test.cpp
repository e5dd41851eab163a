#include "engine/analysis/variable_values.hpp"

#include <gtest/gtest.h>

#include "engine/analysis/configuration_reader.hpp"
#include "t/unit/policy/temporary_files.hpp"

namespace ipfence::variable_values_test {
namespace {

// The values of `text` in a configuration, in brackets; "unknown" when the request decides.
std::string values(std::string_view configuration, std::string_view text) {
    const TemporaryFiles files;
    files.write("nginx.conf", configuration);
    const auto read = read_nginx_configuration(files.path("nginx.conf"));
    if (!read) {
        return read.error().message;
    }
    const auto expanded = VariableValues(*read).expand(text);
    if (!expanded) {
        return "unknown";
    }
    std::string all;
    for (const std::string &value : *expanded) {
        all += '[' + value + ']';
    }
    return all;
}

TEST(VariableValues, AConstantIsItself) {
    EXPECT_EQ(values("", "provider"), "[provider]");
    EXPECT_EQ(values("", ""), "[]");
    EXPECT_EQ(values("", "a$"), "[a$]");
    EXPECT_EQ(values("", "a${"), "[a${]");
}

TEST(VariableValues, SetAndMapGiveThem) {
    EXPECT_EQ(values("http { server { set $b one; } }", "http://$b:80"), "[http://one:80]");
    EXPECT_EQ(values("set $b one; x { set $b two; }", "${b}s"), "[ones][twos]");
    EXPECT_EQ(values("map $uri $k { default off; volatile; hostnames; ~^/t token; }", "$k"),
              "[off][token]");
    EXPECT_EQ(values("map $uri $k { /t token; }", "$k"), "[token][]") << "no default: empty";
    EXPECT_EQ(values("split_clients $a $k { 50% one; * two; }", "$k"), "[one][two]");
    EXPECT_EQ(values("geo $k { default one; ranges; 10.0.0.0-10.0.0.1 two; }", "$k"), "[one][two]");
}

TEST(VariableValues, AKeyOfAMapMayBeAnyWord) {
    EXPECT_EQ(values("map $a $k { default off; proxy one; delete two; ranges three; }", "$k"),
              "[off][one][two][three]");
    EXPECT_EQ(values("geo $k { default one; proxy 10.0.0.1; delete 10.0.0.2; }", "$k"), "[one]");
}

TEST(VariableValues, NamesAreWithoutRegardToCase) {
    EXPECT_EQ(values("set $B one; x { set $b two; }", "${B}"), "[one][two]");
    const NginxConfiguration empty{};
    const VariableValues none(empty);
    EXPECT_TRUE(none.is_client_chosen("$HTTP_X_User"));
    EXPECT_TRUE(none.is_client_chosen("${Arg_u}"));
}

TEST(VariableValues, ANamedGroupIsWhatTheRequestSays) {
    EXPECT_EQ(values("set $b one; location ~ ^/(?<b>.+)$ { }", "$b"), "unknown");
    EXPECT_EQ(values("set $b one; server { server_name ~^(?P<b>.+)\\.example$; }", "$b"),
              "unknown");
    EXPECT_EQ(values("set $b one; rewrite \"^/(?'b'.+)$\" /;", "$b"), "unknown");
    EXPECT_EQ(values("set $b one; map $uri $k { ~^/(?<B>.+)$ x; }", "$b"), "unknown");
    EXPECT_EQ(values("set $b one; location ~ (?<=b)(?<!b)(?:b)(?<bc>.) { }", "$b"), "[one]");
}

TEST(VariableValues, ValuesOfValues) {
    EXPECT_EQ(values("set $a $b; set $b ${c}x; set $c one;", "$a"), "[onex]");
    EXPECT_EQ(values("set $a 1; set $a 2;", "$a$a"), "[11][12][21][22]");
    EXPECT_EQ(values("", "$scheme://p"), "[http://p][https://p]");
}

TEST(VariableValues, WhatARequestSaysIsUnknown) {
    EXPECT_EQ(values("", "$arg_u"), "unknown");
    EXPECT_EQ(values("set $a $http_x;", "$a"), "unknown");
    EXPECT_EQ(values("map $uri $k { default off; ~^/(.*) $1; }", "$k"), "unknown");
    EXPECT_EQ(values("set $a x; auth_request_set $a $upstream_http_x;", "$a"), "unknown");
    EXPECT_EQ(values("js_set $a module.function;", "$a"), "unknown");
}

TEST(VariableValues, NoExpansionCostsMuch) {
    EXPECT_EQ(values("set $a $a;", "$a"), "unknown");
    EXPECT_EQ(values("set $a $b; set $b $a;", "$a"), "unknown");
    EXPECT_EQ(values("set $a b$a$a$a;", "$a"), "unknown");

    // Each of eight variables is five hundred times the next: 500^8 words, all of them empty.
    std::string nested;
    for (char name = 'a'; name < 'h'; ++name) {
        nested += std::string("set $") + name + ' ';
        for (int i = 0; i < 500; ++i) {
            nested += std::string("$") + static_cast<char>(name + 1);
        }
        nested += ";\n";
    }
    EXPECT_EQ(values(nested + "set $h '';", "$a"), "unknown");
    EXPECT_EQ(values(nested + "split_clients $x $h { }", "$a"), "unknown");

    std::string many = "map $uri $m {\n";
    for (std::size_t i = 0; i <= VariableValues::kMaxValues; ++i) {
        many += "/" + std::to_string(i) + " x;\n";
    }
    EXPECT_EQ(values(many + "}", "$m"), "unknown");
}

}  // namespace
}  // namespace ipfence::variable_values_test
