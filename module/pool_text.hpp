#pragma once

#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// A copy in pool memory; empty when there is no memory, which names nobody.
inline std::string_view in_pool(ngx_pool_t *pool, std::string_view text) noexcept {
    if (text.empty()) {
        return {};
    }
    auto *copy = static_cast<u_char *>(ngx_pnalloc(pool, text.size()));
    if (copy == nullptr) {
        return {};
    }
    ngx_memcpy(copy, text.data(), text.size());
    return {reinterpret_cast<char *>(copy), text.size()};
}

}  // namespace ipfence::module
