#pragma once

#include <string>
#include <variant>

#include "engine/image/image.hpp"
#include "engine/result.hpp"
#include "engine/source_stream.hpp"

namespace ipfence {

/// What the file of a policy holds: the text of a document, or the image of a compiled one, which
/// nobody has checked.
using PolicySource = std::variant<std::string, Image>;

/// Reads `file` whole, once: it may be replaced or written to meanwhile. An image is read to where
/// it stays, as it may be hundreds of megabytes.
Result<PolicySource, SourceFailure> read_policy_source(const std::string &file, SourceKind kind);

}  // namespace ipfence
