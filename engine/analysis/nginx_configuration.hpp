#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ipfence {

/// Where something is written: `file` indexes NginxConfiguration::files, `line` counts from 1.
struct ConfigurationPlace {
    std::size_t file = 0;
    unsigned line = 0;

    friend constexpr auto operator<=>(const ConfigurationPlace &,
                                      const ConfigurationPlace &) = default;
};

/// A directive with its arguments, and with the block that may follow.
struct NginxDirective {
    std::vector<std::string> words;  ///< the name and the arguments; never empty
    ConfigurationPlace place;
    bool has_block = false;
    std::vector<NginxDirective> block;

    std::string_view name() const noexcept { return words.front(); }

    /// The argument of this index, from 0; empty where there are fewer.
    std::string_view argument(std::size_t index) const noexcept {
        return index + 1 < words.size() ? std::string_view(words[index + 1]) : std::string_view{};
    }
};

/// A whole configuration, its includes put in their places.
struct NginxConfiguration {
    std::vector<std::string> files;  ///< in the order in which they were opened; never empty
    std::vector<NginxDirective> directives;

    /// `name` as nginx resolves the files of most directives: relative to the directory of the
    /// first file.
    std::string full_path(std::string_view name) const;
};

}  // namespace ipfence
