#include "module/protocol_change.hpp"

#include <algorithm>
#include <array>

#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

// A protocol of the list in the header, without its version: `HTTP` of "HTTP/2.0".
bool carries_requests(std::string_view protocol) noexcept {
    constexpr std::array<std::string_view, 4> kNames{"h2c", "h2", "http", "tls"};
    constexpr std::string_view kBlanks = " \t";
    const std::size_t begin = std::min(protocol.find_first_not_of(kBlanks), protocol.size());
    const std::size_t end = std::min(protocol.find_first_of(" \t/", begin), protocol.size());
    const std::string_view name = protocol.substr(begin, end - begin);
    return std::ranges::any_of(kNames, [name](std::string_view known) {
        return name.size() == known.size() &&
               ngx_strncasecmp(ngx_view(name).data, ngx_view(known).data, name.size()) == 0;
    });
}

bool offers_http(std::string_view protocols) noexcept {
    while (true) {
        const std::size_t comma = std::min(protocols.find(','), protocols.size());
        if (carries_requests(protocols.substr(0, comma))) {
            return true;
        }
        if (comma == protocols.size()) {
            return false;
        }
        protocols.remove_prefix(comma + 1);
    }
}

}  // namespace

void withdraw_change_to_http(ngx_http_request_t *r) noexcept {
    bool offers = false;
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
