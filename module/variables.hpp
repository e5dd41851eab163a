#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// Registers `$ipfence_decision` and its siblings. All are empty where ipfence is off.
ngx_int_t add_variables(ngx_conf_t *cf) noexcept;

}  // namespace ipfence::module
