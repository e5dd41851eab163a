// threats.md, K02: where nginx goes with a request that was denied.

#include <algorithm>
#include <charconv>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/rules.hpp"

namespace ipfence {

namespace {

bool is_client_error(std::string_view word) {
    unsigned status = 0;
    const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), status);
    return fault == std::errc{} && end == word.data() + word.size() && status >= 400 &&
           status < 500;
}

bool is_of_denials(const NginxDirective &error_page) {
    return std::ranges::any_of(error_page.words, is_client_error);
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
    findings.add(leads_around ? rules::kErrorPageAround : rules::kProxiedErrorPage,
                 error_page.place,
                 "\"error_page\" leads to " + page->text() + ", which passes requests on");
}

}  // namespace

void check_error_pages(const Site &site, Findings &findings) {
    for (const Pass *pass : site.guarded_passes()) {
        for (const NginxDirective *error_page : pass->scope->all_effective("error_page")) {
            if (is_of_denials(*error_page) && pass->scope->server() != nullptr) {
                check_error_page(site, *pass, *error_page, findings);
            }
        }
    }
}

}  // namespace ipfence
