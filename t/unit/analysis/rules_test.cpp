// Every rule: a configuration that breaks it, and one like it that does not.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "t/unit/analysis/every_rule.hpp"
#include "t/unit/analysis/site_files.hpp"

namespace ipfence::rules_test {
namespace {

struct Case {
    std::string_view broken;  // the rules, in the order of the lines
    SiteText site;
};

const std::vector<Case> &cases() {
    static const std::vector<Case> all{
        {"satisfy-any", {.location = "satisfy any;"}},
        {"", {.location = "satisfy all;"}},
        {"satisfy-any", {.http = "satisfy any;"}},
        {"", {.http = "satisfy any;", .server = "satisfy all;"}},

        {"mirror", {.location = "mirror /m;"}},
        {"mirror", {.server = "mirror /m;"}},
        {"", {.server = "mirror /m;", .location = "mirror off;"}},
        {"", {.server = "location /other { mirror /m; }"}},

        {"ssi", {.http = "ssi on;"}},
        {"", {.http = "ssi off;"}},
        {"ssi", {.location = "if ($arg_x) { ssi on; }"}},
        {"post-action", {.location = "post_action /p;"}},
        {"", {.location = "post_action off;"}},
        // threats.md K15; of proxy_pass, see ways_test.cpp.
        {"changed-body", {.location = "proxy_set_body x;"}},
        {"changed-body", {.location = "proxy_pass_request_body off;"}},
        {"changed-body", {.location = "fastcgi_pass_request_body off;"}},
        {"changed-body", {.location = "scgi_pass_request_body off;"}},
        {"changed-body", {.location = "uwsgi_pass_request_body off;"}},
        {"", {.location = "proxy_pass_request_body on;"}},
        {"changed-method", {.http = "proxy_method GET;"}},
        {"",
         {.server = "location /other { ipfence off; proxy_method GET; "
                    "proxy_pass http://other.example; }"}},
        {"unjudged-parts", {.location = "early_hints $is_document;"}},
        {"unjudged-parts", {.http = "proxy_pass_trailers on;"}},
        {"", {.http = "proxy_pass_trailers off;"}},
        // threats.md I19, I20.
        {"cached-answers", {.location = "proxy_cache zone;"}},
        {"", {.http = "proxy_cache zone;", .location = "proxy_cache off;"}},
        {"cached-answers", {.location = "proxy_store on;"}},
        {"cached-answers", {.http = "proxy_store /data$uri;"}},
        {"cached-answers", {.location = "fastcgi_store on;"}},
        {"cached-answers", {.location = "scgi_store on;"}},
        {"cached-answers", {.location = "uwsgi_store on;"}},
        {"", {.location = "proxy_store off;"}},

        {"retried-requests", {.location = "proxy_next_upstream error timeout non_idempotent;"}},
        {"retried-requests", {.http = "proxy_next_upstream non_idempotent error;"}},
        {"", {.http = "proxy_next_upstream error timeout http_502;"}},

        {"monitor-mode", {.server = "ipfence_mode monitor;"}},
        {"monitor-mode", {.http = "ipfence_mode monitor until=2026-11-29T15:00:00Z;"}},
        {"", {.http = "ipfence_mode monitor;", .server = "ipfence_mode enforce;"}},
        {"missing-zone", {.zone = ""}},
        {"answered-before", {.server = "location = /asked { ipfence resource; return 204; }"}},
        {"answered-before", {.server = "location = /asked { ipfence $kind; return 204; }"}},
        {"", {.server = "location = /asked { ipfence resource; try_files /none =204; }"}},
        {"", {.server = "location = /asked { ipfence off; return 204; }"}},
        {"", {.server = "location = /health { return 204; }"}},
        {"",
         {.server = "location = /asked { ipfence resource; if ($arg_x) { return 204; } "
                    "try_files /none =204; }"}},
        {"early-data", {.server = "ssl_early_data on;"}},
        {"", {.server = "ssl_early_data off;"}},
        {"unmerged-slashes", {.server = "merge_slashes off;"}},
        {"", {.server = "merge_slashes on;"}},
        {"unmerged-slashes", {.server = "merge_slashes Off;"}},
        {"ssi", {.http = "ssi ON;"}},
        {"satisfy-any", {.location = "satisfy ANY;"}},
        {"retried-requests", {.http = "proxy_next_upstream Error NON_IDEMPOTENT;"}},
        {"underscores-in-headers", {.http = "underscores_in_headers on;"}},
        {"", {.http = "underscores_in_headers off;"}},
        {"invalid-headers", {.http = "ignore_invalid_headers off;"}},
        {"", {.http = "ignore_invalid_headers on;"}},

        {"unguarded-upstream error-page-around off-location",
         {.server = "error_page 401 403 = @idp;\n"
                    "location @idp { ipfence off; proxy_pass http://provider; }",
          .guard = ""}},
        {"proxied-error-page",
         {.server = "error_page 403 = @idp;\n"
                    "location @idp { ipfence off; proxy_pass http://provider; }"}},
        {"proxied-error-page",
         {.server = "location = /403 { ipfence off; proxy_pass http://pages.example; }",
          .location = "error_page 403 /403;"}},
        {"proxied-error-page",
         {.server = "location ^~ /pages/ { ipfence off; proxy_pass http://pages.example; }",
          .location = "error_page 413 =200 /pages/413;"}},
        {"proxied-error-page",
         {.server = "error_page 403 /403?from=gate;\n"
                    "location = /403 { ipfence off; proxy_pass http://pages.example; }"}},
        {"", {.server = "error_page 403 /403; location =/403 { return 403; }"}},
        {"",
         {.server = "error_page 502 = @idp; location @idp { ipfence off; "
                    "proxy_pass http://provider; }"}},
        {"unguarded-upstream error-page-around off-location",
         {.server = "error_page 502 503 = @idp;\n"
                    "location @idp { ipfence off; proxy_pass http://provider; }",
          .guard = ""}},
        {"", {.server = "error_page 403 https://example.com/403;"}},
        {"proxied-error-page",
         {.server = "location @idp { ipfence off; proxy_pass http://provider; }",
          .location = "if ($arg_x) { error_page 403 = @idp; }"}},

        {"accelerated-redirect", {.location = "proxy_ignore_headers X-Accel-Expires;"}},
        {"", {.location = "proxy_ignore_headers Expires x-accel-redirect;"}},
        {"accelerated-redirect", {.server = "location /g { grpc_pass provider; }"}},
        {"",
         {.server = "location /g { grpc_ignore_headers X-Accel-Redirect; "
                    "grpc_pass provider; }"}},

        {"content-coding", {.http = "proxy_set_header accept-encoding gzip;"}},
        {"", {.http = "proxy_set_header Accept-Encoding \"\";"}},
        {"", {.http = "proxy_set_header Accept-Encoding $http_accept_encoding;"}},
        {"changed-credential", {.http = "proxy_set_header Authorization \"Bearer $cookie_at\";"}},
        {"changed-credential", {.http = "proxy_set_header cookie sid=$cookie_other;"}},
        {"", {.http = "proxy_set_header Authorization $http_authorization;"}},
        {"", {.http = "proxy_set_header Cookie ${http_cookie};"}},
        {"", {.http = "proxy_set_header Authorization \"\";"}},
        {"",
         {.http = "proxy_set_header Authorization $made;", .server = "ipfence_user $its_user;"}},
        {"", {.http = "proxy_set_header Authorization $made;", .server = "ipfence_app its-app;"}},
        {"",
         {.server = "location /ask { ipfence off; proxy_set_header Authorization $own; "
                    "proxy_pass http://other.example; }"}},
        {"client-headers", {.location = "proxy_set_header Host $host;"}},
        {"client-headers",
         {.location = "grpc_set_header Host $host; grpc_pass provider; "
                      "grpc_ignore_headers X-Accel-Redirect;"}},
        {"",
         {.server = "location /f { fastcgi_ignore_headers X-Accel-Redirect; "
                    "fastcgi_pass provider; }"}},

        {"client-chosen", {.http = "ipfence_client_address $http_x_real_ip;"}},
        {"client-chosen", {.server = "ipfence_user $arg_user;"}},
        {"client-chosen", {.location = "ipfence_app fixed ${cookie_app};"}},
        {"client-chosen", {.http = "ipfence_verified $http_verified;"}},
        {"client-chosen", {.server = "set $who $http_x_user; ipfence_user $who;"}},
        {"client-chosen",
         {.http = "map $HTTP_X_Real_IP $who { default $remote_addr; ~^(.+)$ $1; } "
                  "ipfence_client_address $who;"}},
        {"", {.http = "map $http_upgrade $who { default $remote_user; } ipfence_user $who;"}},
        {"", {.http = "ipfence_user $upstream_http_x_user; ipfence_client_address $remote_addr;"}},
        {"two-address-sources",
         {.http = "set_real_ip_from 192.0.2.1; ipfence_trusted_proxies 192.0.2.1;"}},
        {"", {.http = "ipfence_trusted_proxies 192.0.2.1;"}},

        // threats.md C20, C23.
        {"unread-proxy-protocol",
         {.http = "server { listen 8443 default_server; }",
          .server = "listen 8443 proxy_protocol;"}},
        {"",
         {.http = "set_real_ip_from 192.0.2.1; real_ip_header proxy_protocol; "
                  "server { listen 8443 default_server; }",
          .server = "listen 8443 proxy_protocol;"}},
        {"unread-proxy-protocol",
         {.http = "set_real_ip_from 192.0.2.1; server { listen 8443 default_server; }",
          .server = "listen 8443 proxy_protocol;"}},
        {"unread-proxy-protocol",
         {.http = "set_real_ip_from 192.0.2.1; real_ip_header X-Forwarded-For; "
                  "server { listen 8443 default_server; }",
          .server = "listen 8443 proxy_protocol;"}},
        {"",
         {.http = "ipfence_trusted_proxies 192.0.2.1; server { listen 8443 default_server; }",
          .server = "listen 8443 proxy_protocol;"}},
        {"",
         {.http = "server { listen 8443 default_server; }",
          .server = "listen 8443 proxy_protocol; ipfence_client_address $proxy_protocol_addr;"}},

        // threats.md C24, Q08.
        {"quic-listener",
         {.http = "server { listen 8443 quic default_server; }",
          .server = "listen 8443 quic reuseport;"}},
        {"", {.http = "server { listen 8443 quic default_server; return 444; }"}},

        {"other-spellings other-spellings",
         {.server = "location = /token { ipfence token; proxy_pass http://provider; } location "
                    "/mapped { proxy_pass http://provider; }",
          .location = "ipfence resource;"}},
        {"other-spellings off-location",
         {.server = "location /token { ipfence token; proxy_pass http://provider; } location "
                    "/mapped { proxy_pass http://provider; }",
          .location = "ipfence off;"}},
        {"",
         {.server = "location = /token { ipfence token; proxy_pass http://provider; } location "
                    "/mapped { proxy_pass http://provider; }"}},
        {"",
         {.server = "location = /token { ipfence token; proxy_pass http://provider; }\n"
                    "location ~* ^/token/?$ { ipfence token; proxy_pass http://provider; } "
                    "location /mapped { proxy_pass http://provider; }",
          .location = "ipfence resource;"}},
        {"",
         {.server = "location /token { ipfence resource; proxy_pass http://provider; } location "
                    "/mapped { proxy_pass http://provider; }",
          .location = "ipfence resource;"}},
        {"",
         {.server = "location ^~ /123 { ipfence token; proxy_pass http://provider; } location "
                    "/mapped { proxy_pass http://provider; }",
          .location = "ipfence resource;"}},

        // threats.md C10.
        {"wide-proxies", {.http = "set_real_ip_from 10.0.0.0/15;"}},
        {"wide-proxies", {.http = "ipfence_trusted_proxies 192.0.2.1 0.0.0.0/0;"}},
        {"wide-proxies", {.http = "set_real_ip_from 2001:db8::/63;"}},
        {"wide-proxies", {.http = "set_real_ip_from 10.1.2.3/8;"}},
        {"", {.http = "set_real_ip_from 10.0.0.0/16; set_real_ip_from 2001:db8::/64;"}},
        {"",
         {.http = "set_real_ip_from unix:; set_real_ip_from proxy.example; "
                  "set_real_ip_from 10.0.0.0/33; set_real_ip_from 10.0.0.0/;"}},
        {"realip-in-location", {.location = "set_real_ip_from 192.0.2.1;"}},
        {"", {.server = "set_real_ip_from 192.0.2.1;"}},

        {"default-server",
         {.http = "server { listen 192.0.2.1:443; server_name a; location / { ipfence $kind; "
                  "proxy_pass http://provider; } }"}},
        {"",
         {.http = "server { listen 192.0.2.1:443; return 444; }\n"
                  "server { listen 192.0.2.1:443; server_name a; location / { ipfence $kind; "
                  "proxy_pass http://provider; } }"}},
        {"",
         {.http = "server { listen *:443; server_name a; location / { ipfence $kind; "
                  "proxy_pass http://provider; } }"}},

        {"body-size", {.http = "client_max_body_size 63k;"}},
        {"body-size", {.http = "client_max_body_size 0;"}},
        {"body-size", {.http = "ipfence_body_limit 2M;"}},
        {"", {.http = "client_max_body_size 64k;"}},
        {"", {.http = "client_max_body_size 1g; ipfence_body_limit 1024m;"}},
        {"", {.http = "client_max_body_size 99999999999999999999; ipfence_body_limit x;"}},

        {"public-status", {.server = "location = /status { stub_status; }"}},
        {"", {.server = "location = /status { stub_status; allow 192.0.2.1; deny all; }"}},
        {"", {.http = "server { listen 127.0.0.1:81; location = /status { stub_status; } }"}},
        {"public-status",
         {.http = "server { listen 127.0.0.1:81; listen 81; location / { stub_status; } }"}},
        {"public-status", {.server = "location /ipfence/ { ipfence_status; }"}},
        {"", {.server = "location /ipfence/ { ipfence_status; allow 192.0.2.1; deny all; }"}},
        {"public-status",
         {.http = "auth_basic x;", .server = "location = /s { stub_status; auth_basic off; }"}},
        {"public-status",
         {.server = "auth_request /a; location = /s { stub_status; auth_request off; }"}},
        {"", {.server = "auth_request /a; location = /s { stub_status; }"}},
        {"public-status",
         {.http = "deny all;", .server = "location = /s { stub_status; allow all; }"}},
        {"", {.http = "allow 192.0.2.1; deny all;", .server = "location = /s { stub_status; }"}},
    };
    return all;
}

class RulesTest : public testing::Test {
  protected:
    std::string rules_of(const SiteText &site) const { return broken_rules(files_, site); }

    // Beside a policy that allows 203.0.113.0/24 to users, and 198.51.100.7 to an app.
    std::string with_policy(std::string_view http) const {
        files_.write("policy.json", R"({
            "ipfence": 1, "organization": {"default_profile": "p"},
            "profiles": {"p": {"login_ip_ranges": ["203.0.113.0/24"]}},
            "apps": {"a": {"trusted_ip_ranges": ["198.51.100.7"]}}})");
        std::filesystem::permissions(files_.path("policy.json"), std::filesystem::perms(0644));
        return rules_of({.http = "ipfence_policy policy.json; " + std::string(http)});
    }

    void permit(std::string_view name, unsigned mode) const {
        std::filesystem::permissions(files_.path(name), std::filesystem::perms(mode));
    }

    TemporaryFiles files_;
};

TEST_F(RulesTest, EachFindsWhatBreaksItAndNotItsTwin) {
    for (const Case &given : cases()) {
        EXPECT_EQ(rules_of(given.site), given.broken) << given.site.text();
    }
}

TEST_F(RulesTest, ALaterWordDefaultServerWins) {
    EXPECT_EQ(rules_of({.http = "server { listen 192.0.2.1:443; return 444; }\n"
                                "server { listen 192.0.2.1:443 default_server; location / { "
                                "ipfence $kind; proxy_pass http://provider; } }"}),
              "default-server");
}

TEST_F(RulesTest, ProxiesWithinThePolicysRanges) {
    EXPECT_EQ(with_policy("set_real_ip_from 203.0.113.9;"), "realip-in-allowed-range");
    EXPECT_EQ(with_policy("set_real_ip_from 203.0.112.0/23;"), "realip-in-allowed-range");
    EXPECT_EQ(with_policy("set_real_ip_from ::ffff:203.0.113.9;"), "realip-in-allowed-range");
    EXPECT_EQ(with_policy("set_real_ip_from 198.51.100.0/28;"), "realip-in-allowed-range");
    EXPECT_EQ(with_policy("set_real_ip_from 203.0.114.1;"), "");
    EXPECT_EQ(with_policy("ipfence_trusted_proxies 203.0.113.8/31;"), "proxies-in-allowed-range");
    EXPECT_EQ(with_policy("ipfence_trusted_proxies 203.0.113.9;"), "")
        << "no fallback: the proxy itself gains nothing";
    EXPECT_EQ(with_policy("ipfence_trusted_proxies 192.0.2.0-192.0.2.9;"), "");
}

// threats.md N08: connections that were opened under the old policy end.
TEST_F(RulesTest, AShutdownTimeoutIsExpected) {
    std::string text = SiteText{}.text();
    text.replace(0, text.find('\n'), "");
    files_.write("nginx.conf", text);
    const auto report = lint(files_.path("nginx.conf"));
    ASSERT_TRUE(report);
    ASSERT_EQ(report->findings.size(), 1U);
    EXPECT_EQ(report->findings[0].rule, &rules::kShutdownTimeout);
}

TEST_F(RulesTest, EndpointsWithoutAKindAreNamed) {
    const auto with = [this](std::string_view kind) {
        std::string text = SiteText{}.text();
        text.replace(text.find("ipfence $kind"), 13, "ipfence " + std::string(kind));
        files_.write("nginx.conf", text);
        const auto report = lint(files_.path("nginx.conf"));
        std::string what;
        for (const LintFinding &finding : report->findings) {
            EXPECT_EQ(finding.rule, &rules::kMissingKind);
            what += finding.what + '\n';
        }
        return what;
    };
    EXPECT_EQ(with("$kind"), "");
    EXPECT_EQ(with("token"),
              "no location is \"ipfence authorization\"\nno location is \"ipfence revocation\"\n");
    EXPECT_EQ(with("$of_a_script"), "") << "what cannot be known is not claimed";
}

TEST_F(RulesTest, FilesThatOthersMayWriteOrRead) {
    for (const char *name : {"device.keys", "jwks.json", "zone.snapshot"}) {
        files_.write(name, "");
        permit(name, 0600);
    }
    constexpr const char *kFiles =
        "ipfence_jwks jwks.json; ipfence_device_cookie d key=device.keys ttl=1d; "
        "ipfence_zone zone=z:1m snapshot=zone.snapshot;";
    EXPECT_EQ(with_policy(kFiles), "");
    for (const char *name : {"device.keys", "zone.snapshot", "jwks.json"}) {
        const bool is_secret = std::string_view(name) != "jwks.json";
        permit(name, 0644);
        EXPECT_EQ(with_policy(kFiles), is_secret ? "readable-key" : "") << name;
        permit(name, 0620);
        EXPECT_EQ(with_policy(kFiles), "writable-file") << name;
        permit(name, 0602);
        EXPECT_EQ(with_policy(kFiles), "writable-file") << name;
        permit(name, 0640);
        EXPECT_EQ(with_policy(kFiles), "") << name;
    }
    EXPECT_EQ(rules_of({.http = "ipfence_jwks gone.json;"}), "") << "nginx -t says that";
}

TEST_F(RulesTest, AUsersFileIsPartOfThePolicy) {
    files_.write("users.ndjson", "");
    files_.write("policy.json", R"({"ipfence": 1, "users_file": "users.ndjson"})");
    permit("policy.json", 0644);
    permit("users.ndjson", 0644);
    const SiteText site{.http = "ipfence_policy policy.json;"};
    EXPECT_EQ(rules_of(site), "");
    permit("users.ndjson", 0664);
    EXPECT_EQ(rules_of(site), "writable-file");
    permit("users.ndjson", 0644);
    permit("policy.json", 0666);
    EXPECT_EQ(rules_of(site), "writable-file");
}

TEST_F(RulesTest, ADirectoryThatOthersMayWriteLetsThemReplaceTheFile) {
    const SiteText site{.http = "ipfence_jwks keys/jwks.json;"};
    std::filesystem::create_directory(files_.path("keys"));
    files_.write("keys/jwks.json", "");
    permit("keys/jwks.json", 0644);
    permit("keys", 0755);
    EXPECT_EQ(rules_of(site), "");
    permit("keys", 0775);
    EXPECT_EQ(rules_of(site), "writable-file");
    permit("keys", 01777);
    EXPECT_EQ(rules_of(site), "") << "a sticky directory";
}

TEST_F(RulesTest, AFindingIsThereOnce) {
    EXPECT_EQ(rules_of({.http = "ssi on;",
                        .server = "location /a { proxy_pass http://provider; } "
                                  "location /b { proxy_pass http://provider; }"}),
              "ssi");
}

TEST(Rules, NamesAreUniqueAndTextsAreWhole) {
    std::set<std::string_view> names;
    for (const LintRule *rule : rules::kAll) {
        EXPECT_TRUE(names.insert(rule->name).second) << rule->name;
        EXPECT_TRUE(rule->why.ends_with('.')) << rule->name;
        EXPECT_FALSE(rule->instead.empty()) << rule->name;
    }
}

}  // namespace
}  // namespace ipfence::rules_test
