#pragma once

#include <cstdint>
#include <string>

namespace ipfence::cli {

/// A time, in seconds since 1970, as a person reads it: its date in UTC, and how far it is from
/// `now` in its largest whole unit (`2026-11-23 20:00:00 UTC, 5 minutes ago`).
std::string moment_text(std::int64_t time, std::int64_t now);

}  // namespace ipfence::cli
