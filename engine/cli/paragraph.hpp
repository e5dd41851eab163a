#pragma once

#include <string>
#include <string_view>

namespace ipfence::cli {

/// Breaks `words`, as `visible` shows them, between words so that no line is wider than 80 columns
/// (a longer word gets a line of its own). The first line begins with `label`, every other with as
/// many spaces; the label's last character is a space.
std::string paragraph(std::string_view label, std::string_view words);

}  // namespace ipfence::cli
