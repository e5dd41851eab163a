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
    const auto is_repeated = [](const Finding &one, const Finding &next) {
        return order_of(one) == order_of(next);
    };
    findings_.erase(std::unique(findings_.begin(), findings_.end(), is_repeated), findings_.end());
    return std::move(findings_);
}

}  // namespace ipfence
