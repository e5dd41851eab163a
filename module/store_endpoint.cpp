#include "module/store_endpoint.hpp"

#include <cstring>
#include <span>

namespace ipfence::module {

namespace {

StoreEndpoint endpoint_of(const std::string &host, std::uint16_t port, const sockaddr *address,
                          socklen_t size) {
    StoreEndpoint endpoint{.host = host, .port = port};
    std::memcpy(&endpoint.address, address, size);
    endpoint.size = size;
    ngx_inet_set_port(reinterpret_cast<sockaddr *>(&endpoint.address), port);
    return endpoint;
}

bool is_ipv6_literal(const std::string &host) noexcept {
    return host.find(':') != std::string::npos;
}

}  // namespace

std::string StoreEndpoint::name() const {
    return (is_ipv6_literal(host) ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

std::vector<StoreEndpoint> resolve_endpoint(ngx_conf_t *cf, const std::string &host,
                                            std::uint16_t port) {
    const std::string text = is_ipv6_literal(host) ? '[' + host + ']' : host;
    ngx_url_t url{};
    url.url = ngx_view(text);
    url.default_port = port;
    url.no_port = 0;
    if (ngx_parse_url(cf->pool, &url) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_store: host \"%s\": %s", host.c_str(),
                           url.err == nullptr ? "cannot be looked up" : url.err);
        return {};
    }
    std::vector<StoreEndpoint> endpoints;
    for (const ngx_addr_t &address : std::span(url.addrs, url.naddrs)) {
        endpoints.push_back(endpoint_of(host, port, address.sockaddr, address.socklen));
    }
    return endpoints;
}

std::optional<StoreEndpoint> endpoint_of_address(const std::string &host, std::uint16_t port) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    ipv4.sin_addr.s_addr = ngx_inet_addr(ngx_view(host).data, host.size());
    if (ipv4.sin_addr.s_addr != INADDR_NONE) {
        return endpoint_of(host, port, reinterpret_cast<sockaddr *>(&ipv4), sizeof(ipv4));
    }
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    if (ngx_inet6_addr(ngx_view(host).data, host.size(), ipv6.sin6_addr.s6_addr) == NGX_OK) {
        return endpoint_of(host, port, reinterpret_cast<sockaddr *>(&ipv6), sizeof(ipv6));
    }
    return std::nullopt;
}

}  // namespace ipfence::module
