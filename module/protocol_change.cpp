#include "module/protocol_change.hpp"

#include <algorithm>
#include <array>

#include "engine/letter_case.hpp"
#include "module/header_value.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

// A protocol of the list in the header, without its version: `HTTP` of "HTTP/2.0".
bool carries_requests(std::string_view protocol) noexcept {
    constexpr std::array<std::string_view, 4> kNames{"h2c", "h2", "http", "tls"};
    const std::string_view name = protocol.substr(0, protocol.find_first_of(" \t/"));
    return std::ranges::any_of(
        kNames, [name](std::string_view known) { return equal_without_case(name, known); });
}

bool offers_http(std::string_view protocols) noexcept {
    while (!protocols.empty()) {
        if (carries_requests(take_element(protocols, ','))) {
            return true;
        }
    }
    return false;
}

}  // namespace

void withdraw_change_to_http(ngx_http_request_t *r) noexcept {
    bool offers = r->http_version >= NGX_HTTP_VERSION_20;
    for_each_header(r->headers_in.headers, [&offers](const ngx_table_elt_t &header) {
        offers |= is_named(header, "upgrade") && offers_http(view(header.value));
    });
    if (!offers) {
        return;
    }
    // What a configuration forwards is empty, and so not sent; and nginx takes no such answer.
    for_each_header(r->headers_in.headers, [](ngx_table_elt_t &header) {
        if (is_named(header, "upgrade")) {
            header.value.len = 0;
        }
    });
    r->headers_in.upgrade = nullptr;
}

}  // namespace ipfence::module
