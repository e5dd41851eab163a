#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "module/nginx.hpp"

namespace ipfence::module {

/// What the regular expression of a location has captured stays, as long as this lives, what `$1`
/// is to nginx afterwards, in a `proxy_pass` or an `alias`: a `map` among the variables of a value,
/// as those of conf/providers, leaves its own captures there, or none.
class KeptCaptures {
#if (NGX_PCRE)
  public:
    explicit KeptCaptures(ngx_http_request_t *r) noexcept
        : request_(r),
          count_(r->ncaptures),
          text_(r->captures_data),
          size_(r->captures == nullptr ? 0 : std::min<std::size_t>(count_, kept_.size())) {
        std::copy_n(r->captures, size_, kept_.begin());
    }
    ~KeptCaptures() {
        std::copy_n(kept_.begin(), size_, request_->captures);
        request_->ncaptures = count_;
        request_->captures_data = text_;
    }
    KeptCaptures(const KeptCaptures &) = delete;
    KeptCaptures &operator=(const KeptCaptures &) = delete;

  private:
    ngx_http_request_t *const request_;
    const ngx_uint_t count_;
    u_char *const text_;
    // Begin and end of the whole and of `$1` to `$9`: nginx has no name for others. None where the
    // expression captures nothing.
    std::array<int, 20> kept_;
    const std::size_t size_;
#else
  public:
    explicit KeptCaptures(ngx_http_request_t *) noexcept {}
#endif
};

/// What a text of the configuration comes to for the request; empty where it cannot be had.
inline std::optional<std::string_view> evaluate(ngx_http_request_t *r,
                                                ngx_http_complex_value_t &value) noexcept {
    const KeptCaptures kept(r);
    ngx_str_t text{};
    return ngx_http_complex_value(r, &value, &text) == NGX_OK ? std::optional(view(text))
                                                              : std::nullopt;
}

/// Calls `visit(index, variable)` for each variable that a text of the configuration has in it, by
/// its index among the request's values; not for those that such a one is made of, as by a `map`.
template <class Visitor>
void for_each_variable(ngx_http_request_t *r, const ngx_http_complex_value_t &value,
                       Visitor &&visit) {
    constexpr auto kEnd = static_cast<ngx_uint_t>(-1);
    if (value.flushes == nullptr) {
        return;
    }
    const auto *core = static_cast<const ngx_http_core_main_conf_t *>(
        ngx_http_get_module_main_conf(r, ngx_http_core_module));
    const auto variables = elements<const ngx_http_variable_t>(core->variables);
    for (const ngx_uint_t *index = value.flushes; *index != kEnd; ++index) {
        visit(*index, variables[*index]);
    }
}

}  // namespace ipfence::module
