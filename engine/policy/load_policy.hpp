#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/policy/load_progress.hpp"
#include "engine/policy/policy.hpp"
#include "engine/source_stream.hpp"

namespace ipfence {

/// One fault or warning, addressed to the person who edits the file.
struct Diagnostic {
    std::string file;   ///< as given to `load_policy`; the users file for a fault in that
    unsigned line = 0;  ///< 1-based; 0 when the file as a whole is meant
    std::string path;   ///< `profiles.standard.login_ip_ranges[1]`; empty for the whole document
    std::string message;

    /// `policy.json:12: profiles.standard.login_ip_ranges[1]: host bits are set …`, with
    /// what a terminal or a reader of lines takes for a command as `visible` shows it.
    std::string text() const;
};

/// What came of a policy file: a policy with perhaps some warnings, or no policy and every error.
struct PolicyLoad {
    std::unique_ptr<const Policy> policy;  ///< null exactly when `errors` is not empty
    std::vector<Diagnostic> errors;
    std::vector<Diagnostic> warnings;
    /// Whether a file could not be read for a want of descriptors or memory: it may be sound, and
    /// is read again when there are some.
    bool is_passing = false;
    /// The files that were read or looked for: the policy's, and its users file if it names one.
    std::vector<std::string> files;
    /// What `version_of` those was, each taken before it was opened: what has another version by
    /// now changed while it was read, or since.
    std::uint64_t version = 0;
};

/// Reads and checks the policy file at `file`, and the users file that it names (relative to it),
/// as interface.md describes them. All faults are reported, in the order of the file, and a faulty
/// policy is never loaded in part. A compiled policy is taken up as it is. `progress`,
/// if there is any, is told how far it is. Both files must be of `kind`.
PolicyLoad load_policy(const std::string &file, const LoadProgress &progress = {},
                       SourceKind kind = SourceKind::any);

}  // namespace ipfence
