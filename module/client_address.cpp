#include "module/client_address.hpp"

#include <array>
#include <span>

#include "engine/address/forwarded.hpp"
#include "engine/letter_case.hpp"
#include "module/complex_value.hpp"
#include "module/configured_values.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

// No chain of honest proxies sends more lines of one header; more of them are an unknown address.
constexpr std::size_t kMaxHeaderLines = 16;

std::uint64_t big_endian_64(const u_char *bytes) noexcept {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
        value = value << 8 | bytes[i];
    }
    return value;
}

// As realip and the PROXY protocol left it. A unix socket has no address.
std::optional<Address> peer_address_of(const ngx_connection_t *connection) noexcept {
    switch (connection->sockaddr->sa_family) {
        case AF_INET: {
            const auto *in = reinterpret_cast<const sockaddr_in *>(connection->sockaddr);
            return Address::from_ipv4(ntohl(in->sin_addr.s_addr));
        }
        case AF_INET6: {
            const auto *in6 = reinterpret_cast<const sockaddr_in6 *>(connection->sockaddr);
            const u_char *bytes = in6->sin6_addr.s6_addr;
            return Address::from_ipv6(big_endian_64(bytes), big_endian_64(bytes + 8));
        }
        default:
            return std::nullopt;
    }
}

// 255.255.255.255 is what nginx takes for a text that is no address.
bool is_read_by_nginx(std::string_view text) noexcept {
    const auto address = Address::parse(text);
    return address && *address != Address::from_ipv4(INADDR_BROADCAST);
}

// Who connects to a listener of the PROXY protocol is a proxy. Where its header names no client
// (UNKNOWN, LOCAL, a family that nginx does not read, a text that is no address), nginx leaves the
// proxy's own address: nobody's (C20, C21).
bool has_silent_proxy(const ngx_http_request_t *r) noexcept {
    if (!r->main->http_connection->addr_conf->proxy_protocol) {
        return false;
    }
    const ngx_proxy_protocol_t *header = r->connection->proxy_protocol;
    return header == nullptr || !is_read_by_nginx(view(header->src_addr));
}

std::optional<Address> forwarded_address_of(ngx_http_request_t *r,
                                            const ngx_http_ipfence_loc_conf_t &conf) {
    std::array<std::string_view, kMaxHeaderLines> lines;
    std::size_t count = 0;
    for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t &header) {
        if (equal_without_case(view(header.key), view(conf.forwarded_header))) {
            if (count < lines.size()) {
                lines[count] = view(header.value);
            }
            ++count;
        }
    });
    if (count > lines.size()) {
        return std::nullopt;
    }
    return client_from_forwarded(forwarded_syntax_of(view(conf.forwarded_header)),
                                 std::span(lines).first(count), *conf.trusted_proxies);
}

}  // namespace

std::optional<Address> client_address_of(ngx_http_request_t *r) {
    const ngx_http_ipfence_loc_conf_t &conf = *location_configuration(r);

    if (conf.client_address != nullptr) {
        const auto text = is_of_repeated_header(r, *conf.client_address)
                              ? std::nullopt
                              : evaluate(r, *conf.client_address);
        return text ? Address::parse(*text) : std::nullopt;
    }

    const std::optional<Address> peer = peer_address_of(r->connection);
    if (peer && conf.trusted_proxies != nullptr && conf.trusted_proxies->contains(*peer)) {
        return forwarded_address_of(r, conf);
    }
    return has_silent_proxy(r) ? std::nullopt : peer;
}

}  // namespace ipfence::module
