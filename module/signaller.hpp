#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// Whether this is `nginx -s`, which reads the configuration only to find the pid in it.
inline bool is_signaller() noexcept {
    return ngx_process == NGX_PROCESS_SIGNALLER;
}

/// Whether it is one that neither begins with files that change while nginx runs nor has another
/// nginx do so: it must be possible to end nginx, or to have it reopen its logs, whatever is in
/// them. Who reloads wants to know what is wrong with them.
inline bool is_indifferent_to_files() noexcept {
    const std::span words(ngx_argv, static_cast<std::size_t>(ngx_argc));
    return is_signaller() && std::ranges::none_of(words, [](std::string_view word) {
               return word.ends_with("reload");
           });
}

}  // namespace ipfence::module
