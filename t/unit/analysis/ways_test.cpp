// Ways to the provider: which locations are listed, and which are not.

#include <gtest/gtest.h>

#include "t/unit/analysis/site_files.hpp"

namespace ipfence::ways_test {
namespace {

std::string rules_of(const SiteText &site) {
    const TemporaryFiles files;
    return broken_rules(files, site);
}

// What the lint says of another server, which has no kind, beside the guarded one.
std::string beside(std::string_view text, std::string_view http = "") {
    const std::string all =
        std::string(http) + " server { listen 127.0.0.1:80; " + std::string(text) + " }";
    return rules_of({.http = all});
}

TEST(Ways, TheSiteOfTheTestsIsClean) {
    EXPECT_EQ(rules_of({}), "");
}

// threats.md N16.
TEST(Ways, AnAddressOfTheProviderIsTheProvider) {
    for (const char *pass :
         {"proxy_pass http://127.0.0.1:3000;", "proxy_pass http://localhost:3000/x;",
          "proxy_pass https://[::1]:3000;", "proxy_pass $scheme://localhost:3000;",
          "grpc_pass 127.0.0.1:3000;", "grpc_pass grpc://localhost:3000;",
          "fastcgi_pass 127.0.0.1:3000;", "uwsgi_pass localhost:3000;",
          "scgi_pass 127.0.0.1:3000;"}) {
        EXPECT_EQ(beside("location / { " + std::string(pass) + " }"), "unguarded-location") << pass;
    }
    EXPECT_EQ(beside("location / { proxy_pass http://127.0.0.1:3001; }"), "");
    EXPECT_EQ(beside("location / { proxy_pass http://elsewhere.example; }"), "");
}

TEST(Ways, ATunnelIsLikeAStreamServer) {
    EXPECT_EQ(beside("location / { tunnel_pass provider; }"), "unguarded-stream");
    EXPECT_EQ(beside("location / { ipfence resource; tunnel_pass 127.0.0.1:3000; }"),
              "unguarded-stream");
    EXPECT_EQ(beside("location / { tunnel_pass; }"), "unknown-target");
    EXPECT_EQ(beside("location / { tunnel_pass other.example:443; }"), "");
}

TEST(Ways, AnotherUpstreamWithTheSameServerIsTheProvider) {
    const char *other = "upstream other { server 192.0.2.1:80; server localhost:3000 backup; }";
    EXPECT_EQ(beside("location / { proxy_pass http://OTHER; }", other), "unguarded-location");
    EXPECT_EQ(beside("location / { proxy_pass http://other/; }", "upstream other { server a:1; }"),
              "");
    EXPECT_EQ(beside("location / { fastcgi_pass other; }",
                     "upstream other { server 127.0.0.1:3000; ipfence_guard; }"),
              "refused-location");
}

TEST(Ways, ASocketIsTheProviderHoweverItIsSpelled) {
    const SiteText site{.http =
                            "server { listen 127.0.0.1:80; location / { "
                            "proxy_pass http://unix://run/p.sock:/api; } }",
                        .upstream = "server unix:/run/p.sock;"};
    EXPECT_EQ(rules_of(site), "unguarded-location");
}

TEST(Ways, WhatAGuardedLocationPassesToIsTheProvider) {
    const SiteText site{.http =
                            "server { listen 127.0.0.1:80; location / { "
                            "proxy_pass http://api.example/v1; } }",
                        .server =
                            "location /api { ipfence resource; proxy_pass "
                            "http://API.example; }"};
    EXPECT_EQ(rules_of(site), "unguarded-location unguarded-upstream");
}

TEST(Ways, TheGuardStopsWhatHasNoDecision) {
    EXPECT_EQ(beside("location / { proxy_pass http://provider; }"), "refused-location");
    EXPECT_EQ(beside("ipfence off; location / { proxy_pass http://provider; }"), "refused-location")
        << "an inherited off is no decision";
    EXPECT_EQ(rules_of({.server = "location /a { ipfence off; proxy_pass http://provider; "
                                  "location /a/b { proxy_pass http://provider; } }"}),
              "off-location refused-location");
}

TEST(Ways, TheGuardOnlyWatchesWhatIsMonitored) {
    EXPECT_EQ(beside("ipfence_mode monitor; location / { proxy_pass http://provider; }"),
              "unguarded-location");
    EXPECT_EQ(rules_of({.http = "ipfence_mode monitor;",
                        .server = "location /a { internal; ipfence off; "
                                  "proxy_pass http://provider; }"}),
              "monitor-mode");
}

TEST(Ways, OffIsListedUnlessOnlyNginxComesThere) {
    const auto with = [](std::string_view location) { return rules_of({.server = location}); };
    EXPECT_EQ(with("location /a { ipfence off; proxy_pass http://provider; }"), "off-location");
    EXPECT_EQ(with("location /a { internal; ipfence off; proxy_pass http://provider; }"), "");
    EXPECT_EQ(with("location @a { ipfence off; proxy_pass http://provider; }"), "");
    EXPECT_EQ(with("location @a { ipfence off; proxy_pass http://127.0.0.1:3000; }"),
              "off-location")
        << "without a guard nobody stops a request that was denied before";
}

TEST(Ways, KindsAreInheritedAsNginxDoes) {
    const auto with = [](std::string_view location) { return rules_of({.server = location}); };
    constexpr const char *kDoor = "proxy_pass http://127.0.0.1:3000;";
    const std::string door(kDoor);
    // Under the server's own "ipfence $kind" only the missing guard is worth a word.
    EXPECT_EQ(with("location /a { location /a/b { " + door + " } }"), "unguarded-upstream");
    EXPECT_EQ(with("location /a { ipfence off; location /a/b { " + door + " } }"),
              "unguarded-location");
    EXPECT_EQ(with("location /a { ipfence off; location /a/b { ipfence token; " + door + " } }"),
              "unguarded-upstream");
    EXPECT_EQ(with("location /a { ipfence off; if ($http_x) { " + door + " } }"), "off-location");
    EXPECT_EQ(with("location /a { ipfence off; limit_except GET { " + door + " } }"),
              "off-location");
    EXPECT_EQ(with("location /a { ipfence token; if ($http_x) { " + door + " } }"),
              "unguarded-upstream");
    EXPECT_EQ(with("location /a { ipfence off; } location /a/b { " + door + " }"),
              "unguarded-upstream");
    EXPECT_EQ(rules_of({.http = "ipfence token; server { listen 127.0.0.1:80; location / { " +
                                door + " } }"}),
              "default-server unguarded-upstream");
}

TEST(Ways, VariablesWithConstantValuesAreFollowed) {
    EXPECT_EQ(beside("set $b 127.0.0.1:3000; location / { proxy_pass http://$b$request_uri; }"),
              "unguarded-location");
    EXPECT_EQ(beside("set $b http://provider; location / { proxy_pass $b; }"), "refused-location");
    EXPECT_EQ(beside("location / { proxy_pass http://$b/$1; }",
                     "map $host $b { default elsewhere.example; a.example localhost:3000; }"),
              "unguarded-location");
    EXPECT_EQ(beside("location / { proxy_pass http://$b; }",
                     "map $host $b { default elsewhere.example; proxy localhost:3000; }"),
              "unguarded-location");
    EXPECT_EQ(beside("set $b elsewhere.example; location ~ ^/(?<b>.+)$ { proxy_pass http://$b; }"),
              "unknown-target");
    EXPECT_EQ(beside("set $b elsewhere.example; location / { proxy_pass http://$b; }"), "");
    EXPECT_EQ(beside("location / { proxy_pass http://$arg_b; }"), "unknown-target");
    EXPECT_EQ(beside("location ~ ^/(.*)$ { proxy_pass http://$1; }"), "unknown-target");
}

// threats.md K15.
TEST(Ways, AGuardedLocationForwardsWhereTheFileSays) {
    for (const char *harmless : {"http://provider$request_uri", "http://provider/$1",
                                 "http://provider$uri$is_args$args", "$scheme://provider"}) {
        EXPECT_EQ(rules_of({.pass = harmless}), "") << harmless;
    }
    for (const char *chosen : {"http://$http_x_backend", "http://$host", "http://provider/$arg_u",
                               "http://provider/${cookie_u}", "$made_elsewhere"}) {
        EXPECT_EQ(rules_of({.pass = chosen}), "variable-target") << chosen;
    }
}

TEST(Ways, AProviderWithoutAGuardIsNamedOnce) {
    EXPECT_EQ(rules_of({.server = "location /a { proxy_pass http://provider; } "
                                  "location /b { proxy_pass http://provider; }",
                        .guard = ""}),
              "unguarded-upstream");
    EXPECT_EQ(rules_of({.guard = "", .pass = "http://192.0.2.1"}), "unguarded-upstream");
}

// threats.md K16.
TEST(Ways, AStreamServerIsADoor) {
    const auto with = [](std::string_view stream) { return rules_of({.main = stream}); };
    EXPECT_EQ(with("stream { server { listen 1; proxy_pass localhost:3000; } }"),
              "unguarded-stream");
    EXPECT_EQ(with("stream { upstream s { server 127.0.0.1:3000; } server { proxy_pass s; } }"),
              "unguarded-stream");
    EXPECT_EQ(with("stream { upstream provider { server 192.0.2.9:1; } "
                   "server { proxy_pass provider; } }"),
              "")
        << "the upstreams of stream are others";
    EXPECT_EQ(with("stream { server { proxy_pass $ssl_preread_server_name:443; } }"),
              "unknown-target");
    EXPECT_EQ(with("stream { server { proxy_pass 127.0.0.1:5432; } }"), "");
}

TEST(Ways, SubrequestsLeadingThereAreNamed) {
    const TemporaryFiles files;
    const SiteText site{.http =
                            "server { listen 127.0.0.1:80; location /a { mirror /m; }\n"
                            "location /m { internal; proxy_pass http://127.0.0.1:3000; } }"};
    files.write("nginx.conf", site.text());
    const auto report = lint(files.path("nginx.conf"));
    ASSERT_TRUE(report);
    ASSERT_EQ(report->findings.size(), 1U);
    EXPECT_EQ(report->findings[0].rule->name, "unguarded-location");
    EXPECT_EQ(report->findings[0].place.line, 7U);
    EXPECT_EQ(report->findings[0].what,
              "\"proxy_pass http://127.0.0.1:3000\" in location /m of the server at 127.0.0.1:80, "
              "to which \"mirror\" leads in line 6");
}

TEST(Ways, AConfigurationWithoutTheGateIsAnError) {
    const TemporaryFiles files;
    for (const char *text : {"", "http { server { location / { proxy_pass http://a; } } }",
                             "http { ipfence off; server { location / { proxy_pass http://a; } } }",
                             "http { ipfence token; server { location / { return 200; } } }"}) {
        files.write("nginx.conf", text);
        const auto report = lint(files.path("nginx.conf"));
        ASSERT_TRUE(report) << text;
        ASSERT_EQ(report->findings.size(), 1U) << text;
        EXPECT_EQ(report->findings[0].rule->name, "nothing-guarded") << text;
    }
}

TEST(Ways, BlocksInOddPlacesAndWithoutArgumentsDoNotCrash) {
    const TemporaryFiles files;
    for (const char *text :
         {"http;", "http { upstream; upstream { server; } server; location { proxy_pass; } }",
          "http { location / { ipfence token; proxy_pass http://a; error_page; error_page 403; } }",
          "http { ipfence token; server { proxy_pass http://a; error_page 403 @x; mirror; ssi; "
          "listen; server_name; set_real_ip_from; proxy_set_header; stub_status; } }",
          "http { ipfence; server { location { proxy_pass; proxy_pass http://; location ~; } } }",
          "stream { server { proxy_pass; } server; proxy_pass x; } stream;",
          "http { if { ipfence token; proxy_pass unix:; set_real_ip_from /; } "
          "limit_except { ipfence token; scgi_pass [; stub_status; } }",
          "http { map; map { } geo { x; } set $; set $ x; map x $ { y; } ipfence $; }",
          "http { ipfence_policy; ipfence_zone; ipfence_device_cookie; ipfence_jwks; "
          "ipfence token; proxy_pass http://x; }"}) {
        files.write("nginx.conf", text);
        EXPECT_TRUE(lint(files.path("nginx.conf")).ok()) << text;
    }
}

}  // namespace
}  // namespace ipfence::ways_test
