// threats.md, K02: where nginx goes with a request that was denied.

#include <algorithm>
#include <array>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/rules.hpp"
#include "engine/whole_number.hpp"

namespace ipfence {

namespace {

unsigned status_in(std::string_view word) {
    return whole_number<unsigned>(word).value_or(0);
}

bool is_client_error(std::string_view word) {
    return status_in(word) >= 400 && status_in(word) < 500;
}

// With these the gate refuses what it cannot decide; but so does nginx where a provider is down,
// for which an error page may well pass on.
bool is_of_gate_in_need(std::string_view word) {
    constexpr std::array<unsigned, 3> kStatuses{500, 502, 503};
    return std::ranges::find(kStatuses, status_in(word)) != kStatuses.end();
}

std::string_view without_arguments(std::string_view uri) {
    return uri.substr(0, uri.find('?'));
}

void check_error_page(const Site &site, const Pass &pass, const NginxDirective &error_page,
                      Findings &findings) {
    const std::string_view target = without_arguments(error_page.words.back());
    const Scope *page = site.find_location(*pass.scope->server(), target);
    const Pass *onward = page == nullptr ? nullptr : site.pass_of(*page);
    if (onward == nullptr || page == &pass.scope->location()) {
        return;
    }
    const bool leads_around =
        !onward->is_guarded() && site.reaches_provider(*onward) && !onward->route.is_always_guarded;
    if (!leads_around && std::ranges::none_of(error_page.words, is_client_error)) {
        return;
    }
    findings.add(leads_around ? rules::kErrorPageAround : rules::kProxiedErrorPage,
                 error_page.place,
                 "\"error_page\" leads to " + page->text() + ", which passes requests on");
}

}  // namespace

void check_error_pages(const Site &site, Findings &findings) {
    for (const Pass *pass : site.guarded_passes()) {
        for (const NginxDirective *error_page : pass->scope->all_effective("error_page")) {
            const bool is_of_denials = std::ranges::any_of(error_page->words, is_client_error) ||
                                       std::ranges::any_of(error_page->words, is_of_gate_in_need);
            if (is_of_denials && pass->scope->server() != nullptr) {
                check_error_page(site, *pass, *error_page, findings);
            }
        }
    }
}

}  // namespace ipfence
