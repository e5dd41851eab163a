#include "engine/analysis/finding.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ipfence {

namespace {

auto order_of(const LintFinding &finding) {
    return std::tie(finding.place, finding.rule->name, finding.what);
}

}  // namespace

std::string_view name_of(Severity severity) noexcept {
    return severity == Severity::error ? "error" : "warning";
}

void Findings::add(const LintRule &rule, ConfigurationPlace place, std::string what) {
    findings_.push_back({&rule, place, std::move(what)});
}

std::vector<LintFinding> Findings::sorted() && {
    std::ranges::sort(findings_, {}, order_of);
    const auto is_repeated = [](const LintFinding &one, const LintFinding &next) {
        return order_of(one) == order_of(next);
    };
    findings_.erase(std::unique(findings_.begin(), findings_.end(), is_repeated), findings_.end());
    return std::move(findings_);
}

}  // namespace ipfence
