#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/cli/request_lines.hpp"

namespace ipfence::cli {

/// Called with each line of a log and its number, which begins with 1.
using VisitLine = std::function<void(const RequestLine &line, std::uint64_t number)>;

/// Reads an audit log of any size, or standard input where its name is `-`. False when it could not
/// be read to its end, which standard error then says.
bool read_audit_log(const std::string &name, const VisitLine &visit);

}  // namespace ipfence::cli
