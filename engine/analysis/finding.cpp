#include "engine/analysis/finding.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ipfence {

namespace {

auto order_of(const Finding &finding) {
    return std::tie(finding.place, finding.rule->name, finding.what);
}

}  // namespace

std::string_view name_of(Severity severity) noexcept {
    return severity == Severity::error ? "error" : "warning";
}

void Findings::add(const Rule &rule, ConfigurationPlace place, std::string what) {
    findings_.push_back({&rule, place, std::move(what)});
}

std::vector<Finding> Findings::sorted() && {
    std::ranges::sort(findings_, {}, order_of);
    const auto repeated = std::ranges::unique(findings_, {}, order_of);
    findings_.erase(repeated.begin(), repeated.end());
    return std::move(findings_);
}

}  // namespace ipfence
