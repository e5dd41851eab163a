// threats.md, C and lint (4): who says from where a request comes, and whose it is.

#include <algorithm>
#include <array>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/rules.hpp"

namespace ipfence {

namespace {

void check_client_chosen(const Site &site, const Scope &scope, Findings &findings) {
    constexpr std::array<std::string_view, 4> kAssurances{"ipfence_client_address", "ipfence_user",
                                                          "ipfence_app", "ipfence_verified"};
    for (const std::string_view name : kAssurances) {
        const NginxDirective *assurance = scope.effective(name);
        if (assurance == nullptr) {
            continue;
        }
        for (const std::string &word : assurance->words) {
            if (site.variables().is_client_chosen(word)) {
                findings.add(rules::kClientChosen, assurance->place,
                             '"' + std::string(name) + "\" is what \"" + word + "\" says");
            }
        }
    }
}

void check_two_sources(const Scope &scope, Findings &findings) {
    const NginxDirective *realip = scope.effective("set_real_ip_from");
    const NginxDirective *proxies = scope.effective("ipfence_trusted_proxies");
    if (realip != nullptr && proxies != nullptr) {
        findings.add(
            rules::kTwoAddressSources, proxies->place,
            "\"set_real_ip_from\" holds as well, in line " + std::to_string(realip->place.line));
    }
}

// Of the header that comes before a connection, nginx takes the client's address only where realip
// says so; by another header realip takes what a client behind that proxy sent.
bool reads_proxy_protocol(const Scope &scope) {
    const NginxDirective *header = scope.effective("real_ip_header");
    const bool is_realip_for_it = scope.effective("set_real_ip_from") != nullptr &&
                                  header != nullptr && header->argument(0) == "proxy_protocol";
    return is_realip_for_it || scope.effective("ipfence_trusted_proxies") != nullptr ||
           scope.effective("ipfence_client_address") != nullptr;
}

void check_proxy_protocol(const Scope &scope, Findings &findings) {
    const Scope *server = scope.server();
    if (server == nullptr || reads_proxy_protocol(scope)) {
        return;
    }
    for (const NginxDirective *listen : server->all_effective("listen")) {
        if (std::ranges::find(listen->words, "proxy_protocol") != listen->words.end()) {
            findings.add(rules::kUnreadProxyProtocol, listen->place,
                         "the address in the proxy's header is read nowhere in " + server->text());
        }
    }
}

}  // namespace

void check_identities(const Site &site, Findings &findings) {
    for (const Pass *pass : site.guarded_passes()) {
        check_client_chosen(site, *pass->scope, findings);
        check_two_sources(*pass->scope, findings);
        check_proxy_protocol(*pass->scope, findings);
    }
}

}  // namespace ipfence
