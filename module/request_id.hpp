#pragma once

#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// nginx's `$request_id`: for whoever asks after this, it has this very value. Empty when there is
/// no memory.
std::string_view request_id_of(ngx_http_request_t *r) noexcept;

}  // namespace ipfence::module
