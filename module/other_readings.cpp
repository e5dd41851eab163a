#include "module/other_readings.hpp"

#include <algorithm>
#include <array>

#include "engine/letter_case.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

constexpr std::array<std::string_view, 3> kMethodOverrides{"x-http-method-override",
                                                           "x-http-method", "x-method-override"};
constexpr std::array<std::string_view, 2> kPathOverrides{"x-original-url", "x-rewrite-url"};

// What a proxy says to whoever decides for it of the request that it asks about.
constexpr std::array<std::string_view, 2> kClaims{"x-forwarded-uri", "x-original-method"};

constexpr bool has_prefix(std::string_view name) noexcept {
    return name.starts_with("x-");
}
static_assert(std::ranges::all_of(kMethodOverrides, has_prefix) &&
              std::ranges::all_of(kPathOverrides, has_prefix) &&
              std::ranges::all_of(kClaims, has_prefix));

// Nearly no header of a request begins like the names above, all of which do.
bool begins_like_them(const ngx_table_elt_t &header) noexcept {
    return header.key.len > 2 && header.lowcase_key[0] == 'x' && header.lowcase_key[1] == '-';
}

template <class Names>
bool is_one_of(const ngx_table_elt_t &header, const Names &names) noexcept {
    return std::ranges::any_of(names,
                               [&](std::string_view name) { return is_named(header, name); });
}

// Of a target in absolute form, whose host nginx serves; RFC 9112, section 3.2.2.
std::string_view authority_of_target(const ngx_http_request_t *r) noexcept {
    const std::string_view line = view(r->request_line);
    const auto at = [&](const u_char *byte) {
        return static_cast<std::size_t>(byte - r->request_line.data);
    };
    const std::size_t end = line.find_first_not_of(":0123456789", at(r->host_end));
    return line.substr(at(r->host_start), end - at(r->host_start));
}

// The provider gets the header: whose tenant is asked would be its choice, and what is decided that
// of the target's server.
[[gnu::noinline]] bool target_is_of_another_host(const ngx_http_request_t *r) noexcept {
    const std::string_view authority = authority_of_target(r);
    const ngx_table_elt_t *host = r->headers_in.host;
    return !authority.empty() && host != nullptr &&
           !equal_without_case(authority, view(host->value));
}

// Nearly no target is in absolute form. Since nginx 1.29.1, a request of HTTP/2 or 3 has its
// `:authority` there, which nginx itself has compared.
bool names_two_hosts(const ngx_http_request_t *r) noexcept {
    return r->host_start != nullptr && r->http_version < NGX_HTTP_VERSION_20 &&
           target_is_of_another_host(r);
}

// While the handshake is not done, all that came is early data.
#if (NGX_HTTP_SSL)
[[gnu::noinline]] bool was_sent_early(ngx_http_request_t *r) noexcept {
    ngx_str_t early{};
    return ngx_ssl_get_early_data(r->connection, r->pool, &early) == NGX_OK && early.len != 0;
}
#endif

bool is_early_data([[maybe_unused]] ngx_http_request_t *r) noexcept {
#if (NGX_HTTP_SSL)
    return r->connection->ssl != nullptr && was_sent_early(r);
#else
    return false;
#endif
}

bool has_header_like_them(ngx_http_request_t *r) noexcept {
    bool has = false;
    for_each_header(r->headers_in.headers,
                    [&has](const ngx_table_elt_t &header) { has |= begins_like_them(header); });
    return has;
}

[[gnu::noinline]] std::optional<Refused> refuse_overrides(ngx_http_request_t *r) {
    bool overrides_method = false;
    bool overrides_path = false;
    for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t &header) {
        overrides_method |= is_one_of(header, kMethodOverrides);
        overrides_path |= is_one_of(header, kPathOverrides);
    });
    if (overrides_method) {
        return Refused{Reason::ambiguous_request, "the method must not be overridden"};
    }
    if (overrides_path) {
        return Refused{Reason::ambiguous_request, "the path must not be overridden"};
    }
    return std::nullopt;
}

void withhold_claims(ngx_http_request_t *r) noexcept {
    for_each_header(r->headers_in.headers, [](ngx_table_elt_t &header) {
        if (is_one_of(header, kClaims)) {
            withhold_request_header(header);
        }
    });
}

}  // namespace

// A target with one is complex to nginx, as few are.
bool has_fragment(const ngx_http_request_t *r) noexcept {
    return r->complex_uri && view(r->unparsed_uri).find('#') != std::string_view::npos;
}

std::optional<Refused> ensure_one_reading(ngx_http_request_t *r, bool is_enforced) {
    if (r->method == NGX_HTTP_CONNECT) {
        return Refused{Reason::ambiguous_request, "nothing is decided in a tunnel"};
    }
    if (has_header_like_them(r)) [[unlikely]] {
        if (const auto refused = refuse_overrides(r)) {
            return refused;
        }
        if (is_enforced) {
            withhold_claims(r);
        }
    }
    if (names_two_hosts(r)) {
        return Refused{Reason::ambiguous_request, "the target and Host name different hosts"};
    }
    if (is_early_data(r)) {
        return Refused{Reason::early_data, {}};
    }
    return std::nullopt;
}

}  // namespace ipfence::module
