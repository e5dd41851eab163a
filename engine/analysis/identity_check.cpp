// threats.md, C and lint (4): who says from where a request comes, and whose it is.

#include <array>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/rules.hpp"

namespace ipfence {

namespace {

void check_client_chosen(const Scope &scope, Findings &findings) {
    constexpr std::array<std::string_view, 4> kAssurances{"ipfence_client_address", "ipfence_user",
                                                          "ipfence_app", "ipfence_verified"};
    for (const std::string_view name : kAssurances) {
        const NginxDirective *assurance = scope.effective(name);
        if (assurance == nullptr) {
            continue;
        }
        for (const std::string &word : assurance->words) {
            if (names_client_variable(word)) {
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

}  // namespace

void check_identities(const Site &site, Findings &findings) {
    for (const Pass *pass : site.guarded_passes()) {
        check_client_chosen(*pass->scope, findings);
        check_two_sources(*pass->scope, findings);
    }
}

}  // namespace ipfence
