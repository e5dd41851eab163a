#pragma once

#include <string>

#include "engine/comparison/compare.hpp"
#include "engine/json.hpp"

namespace ipfence::cli {

/// A comparison as a person reads it: a paragraph a flip, cut where lists are long.
std::string text_of(const Comparison &comparison);

/// The whole of it for machines; docs/command-line.md says what the members are.
OwnedJson json_of_comparison(const Comparison &comparison);

}  // namespace ipfence::cli
