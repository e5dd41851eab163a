#pragma once

#include <string>
#include <string_view>

namespace ipfence {

/// A text in UTF-8 that somebody else chose, for a terminal or a log: what that takes for a command
/// or the end of a line, what is not seen and what changes the direction of writing is shown by its
/// number (`\u{9b}`), as the page of ipfence_status does it.
std::string visible(std::string_view text);

}  // namespace ipfence
