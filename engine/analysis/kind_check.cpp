// threats.md, lint (14): endpoints that nobody named, kinds that nothing is decided for, and no
// memory for what is learned at them.

#include <array>
#include <set>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/rules.hpp"

namespace ipfence {

void check_answers_before(const Site &site, Findings &findings) {
    for (const Scope *scope : site.scopes()) {
        const NginxDirective *answer = scope->own("return");
        const bool is_of_kind = scope->own("ipfence") != nullptr && scope->is_guarded();
        if (scope->type() == Scope::Type::location && answer != nullptr && is_of_kind) {
            findings.add(rules::kAnsweredBefore, answer->place,
                         "the \"return\" of " + scope->text() + " answers before its kind \"" +
                             std::string(scope->kind()) + "\" is decided about");
        }
    }
}

void check_zone(const Site &site, Findings &findings) {
    const std::vector<const Pass *> guarded = site.guarded_passes();
    if (!guarded.empty() && guarded.front()->scope->effective("ipfence_zone") == nullptr) {
        findings.add(rules::kMissingZone, guarded.front()->scope->effective("ipfence")->place,
                     "there is no \"ipfence_zone\"");
    }
}

void check_kinds(const Site &site, Findings &findings) {
    constexpr std::array<std::string_view, 3> kExpected{"token", "authorization", "revocation"};
    const std::vector<const Pass *> guarded = site.guarded_passes();
    std::set<std::string> kinds;
    for (const Pass *pass : guarded) {
        const auto values = site.variables().expand(pass->scope->kind());
        if (!values) {
            return;  // the variable is made elsewhere, of what is not to be seen here
        }
        kinds.insert(values->begin(), values->end());
    }
    for (const std::string_view kind : kExpected) {
        if (!guarded.empty() && !kinds.contains(std::string(kind))) {
            findings.add(rules::kMissingKind, guarded.front()->scope->effective("ipfence")->place,
                         "no location is \"ipfence " + std::string(kind) + '"');
        }
    }
}

}  // namespace ipfence
