#pragma once

#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

struct RequestState;

/// nginx's `$request_id`: for whoever asks after this, it has this very value. Empty when there is
/// no memory.
std::string_view request_id_of(const RequestState &state) noexcept;

}  // namespace ipfence::module
