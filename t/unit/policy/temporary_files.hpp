#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/policy/load_policy.hpp"

namespace ipfence {

/// A directory of a test's own, gone with it.
class TemporaryFiles {
  public:
    TemporaryFiles();
    ~TemporaryFiles();

    std::string path(std::string_view name) const;
    void write(std::string_view name, std::string_view text) const;

    /// Writes `policy.json` and loads it.
    PolicyLoad load(std::string_view policy) const;

    /// The diagnostics of a load, a line each, without the directory.
    std::string text(const std::vector<Diagnostic> &diagnostics) const;

  private:
    std::filesystem::path directory_;
};

}  // namespace ipfence
