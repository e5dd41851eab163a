#pragma once

#include <sstream>
#include <string>
#include <string_view>

#include "engine/analysis/lint.hpp"
#include "t/unit/policy/temporary_files.hpp"

namespace ipfence {

/// What a clean site sets of the headers to a provider: `directive` is `proxy_set_header` or
/// `grpc_set_header`.
inline std::string set_headers(std::string_view directive) {
    std::string text;
    for (const char *header : {"X-Forwarded-For $remote_addr", "Forwarded ''", "X-Original-URL ''",
                               "X-Rewrite-URL ''", "X-HTTP-Method-Override ''"}) {
        text += std::string(directive) + ' ' + header + "; ";
    }
    return text;
}

/// A configuration in which the lint finds nothing, and text for places in it.
struct SiteText {
    std::string_view main = "";
    std::string_view http = "";
    std::string_view zone = "ipfence_zone zone=one:1m; ";
    std::string_view upstream = "";
    std::string_view server = "";
    std::string_view location = "";
    std::string_view guard = "ipfence_guard;";
    std::string_view pass = "http://provider";

    std::string text() const {
        std::ostringstream text;
        text << "worker_shutdown_timeout 1m;\n"
             << main << "\nhttp {\nproxy_ignore_headers X-Accel-Redirect; "
             << set_headers("proxy_set_header") << set_headers("grpc_set_header") << '\n'
             << "map $uri $kind { default off; /token token; /auth authorization; "
                "/revoke revocation; }\n"
             << zone << http << "\nupstream provider { server 127.0.0.1:3000; " << guard << upstream
             << " }\nserver { listen 443; server_name id.example.com; ipfence $kind;\n"
             << server << "\nlocation / { proxy_pass " << pass << ";\n"
             << location << "\n} }\nserver { listen 443 default_server; return 444; } }\n";
        return text.str();
    }
};

/// The names of the rules that a configuration breaks, in the order of its lines; or why it cannot
/// be read.
inline std::string broken_rules(const TemporaryFiles &files, const SiteText &site) {
    files.write("nginx.conf", site.text());
    const auto report = lint(files.path("nginx.conf"));
    if (!report) {
        return report.error().message;
    }
    std::string rules;
    for (const LintFinding &finding : report->findings) {
        rules += (rules.empty() ? "" : " ") + std::string(finding.rule->name);
    }
    return rules;
}

}  // namespace ipfence
