#pragma once

namespace ipfence {

/// The classes of status codes (RFC 9110, section 15) of which answers hand something out.
constexpr bool is_success(unsigned status) noexcept {
    return status >= 200 && status < 300;
}
constexpr bool is_redirect(unsigned status) noexcept {
    return status >= 300 && status < 400;
}

}  // namespace ipfence
