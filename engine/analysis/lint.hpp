#pragma once

#include <string>
#include <vector>

#include "engine/analysis/finding.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// What a configuration does that it should not.
struct LintReport {
    std::vector<std::string> files;     ///< what LintFinding::place refers to
    std::vector<LintFinding> findings;  ///< in the order of the files

    /// How many of them are of this severity.
    std::size_t count(Severity severity) const;
};

/// Reads an nginx configuration with its includes, and checks it against every rule. An error says
/// why it could not be read; what only nginx itself can refuse, nginx -t tells.
Result<LintReport> lint(const std::string &file);

}  // namespace ipfence
