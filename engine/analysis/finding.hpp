#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/analysis/nginx_configuration.hpp"

namespace ipfence {

/// `error`: a decision can be gone around, or is made of something else than what is forwarded.
/// `warning`: a protection is missing that would catch a mistake, or something will not work.
enum class Severity : std::uint8_t { warning, error };

/// The word for it; a literal.
std::string_view name_of(Severity severity) noexcept;

/// What a configuration should not do. docs/lint.md has a section of this name.
struct LintRule {
    std::string_view name;
    Severity severity;
    std::string_view why;
    std::string_view instead;
};

/// One place where a configuration does it.
struct LintFinding {
    const LintRule *rule;
    ConfigurationPlace place;
    std::string what;  ///< may hold bytes of the configuration
};

/// What was found, each thing once, however many locations inherit it.
class Findings {
  public:
    /// `what` is the thing that breaks the rule at this place.
    void add(const LintRule &rule, ConfigurationPlace place, std::string what);

    /// In the order of the files.
    std::vector<LintFinding> sorted() &&;

  private:
    std::vector<LintFinding> findings_;
};

}  // namespace ipfence
