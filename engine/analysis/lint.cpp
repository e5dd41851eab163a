#include "engine/analysis/lint.hpp"

#include <algorithm>
#include <array>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/configuration_reader.hpp"

namespace ipfence {

namespace {

constexpr std::array kChecks{check_ways_to_provider, check_spellings, check_identities,
                             check_error_pages,      check_settings,  check_headers,
                             check_trusted_proxies,  check_servers,   check_kinds,
                             check_answers_before,   check_zone,      check_files};

}  // namespace

std::size_t LintReport::count(Severity severity) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        findings,
        [severity](const LintFinding &finding) { return finding.rule->severity == severity; }));
}

Result<LintReport> lint(const std::string &file) {
    const auto configuration = read_nginx_configuration(file);
    if (!configuration) {
        return configuration.error();
    }
    const Site site(*configuration);
    Findings findings;
    for (const auto check : kChecks) {
        check(site, findings);
    }
    return LintReport{configuration->files, std::move(findings).sorted()};
}

}  // namespace ipfence
