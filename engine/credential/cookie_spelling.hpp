#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ipfence {

/// What providers sign they mostly write into a cookie in base64, of which a text has many
/// spellings to a lenient reader: with other bits behind the last byte (Go, Java), in the other
/// alphabet, padded or not, and to Python and PHP with foreign bytes in between. A JWT's are
/// those of its signature, since the rest is signed as it is written.
///
/// The one spelling that stands for all of them, of a value without percent-encoding; empty where
/// the value has it. Two values that any server gave out stay two: nothing is changed of what is
/// shorter than the shortest signature.
std::optional<std::string> one_spelling_of_cookie(std::string_view value);

}  // namespace ipfence
