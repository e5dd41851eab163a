#include "module/error_log.hpp"

#include <algorithm>
#include <utility>

#include "module/phase_handlers.hpp"

namespace ipfence::module {

namespace {

// Where the path of a request line or URL ends, or what could forge the rest of a log line begins.
bool ends_path(char byte) noexcept {
    constexpr std::string_view kEnds = "?#\"\\";
    return byte < ' ' || byte > '~' || kEnds.find(byte) != std::string_view::npos;
}

/// One of nginx's texts, cut at the end of its path for as long as this lives.
class PathOnly {
  public:
    explicit PathOnly(ngx_str_t &text) noexcept : text_(text), whole_(text.len) {
        const std::string_view bytes = view(text);
        text.len = static_cast<std::size_t>(std::ranges::find_if(bytes, ends_path) - bytes.begin());
    }
    ~PathOnly() { text_.len = whole_; }
    PathOnly(const PathOnly &) = delete;
    PathOnly &operator=(const PathOnly &) = delete;

  private:
    ngx_str_t &text_;
    const std::size_t whole_;
};

/// A request without its Referer for as long as this lives.
class NoReferrer {
  public:
    explicit NoReferrer(ngx_http_request_t *r) noexcept
        : header_(r->headers_in.referer), whole_(header_) {
        header_ = nullptr;
    }
    ~NoReferrer() { header_ = whole_; }
    NoReferrer(const NoReferrer &) = delete;
    NoReferrer &operator=(const NoReferrer &) = delete;

  private:
    ngx_table_elt_t *&header_;
    ngx_table_elt_t *const whole_;
};

// nginx's own, the same function for every request.
ngx_http_log_handler_pt nginx_log_handler = nullptr;

// What ends a line of the error log (ngx_http_log_error_handler): nginx itself writes it, of a
// request that shows its path only.
u_char *describe_request(ngx_http_request_t *r, ngx_http_request_t *sr, u_char *buffer,
                         std::size_t size) noexcept {
    ngx_str_t nothing{};
    const PathOnly request_line(r->request_line);
    const PathOnly subrequest(sr != r ? sr->uri : nothing);
    const PathOnly upstream(sr->upstream != nullptr ? sr->upstream->uri : nothing);
    const PathOnly host(r->headers_in.host != nullptr ? r->headers_in.host->value : nothing);
    const NoReferrer no_referrer(r);
    return nginx_log_handler(r, sr, buffer, size);
}

void keep_secrets_where_it_gates(ngx_http_request_t *r) noexcept {
    if (location_configuration(r)->kind != NGX_HTTP_IPFENCE_OFF) {
        keep_secrets_from_error_log(r);
    }
}

ngx_int_t handler(ngx_http_request_t *r) noexcept {
    keep_secrets_where_it_gates(r);
    return NGX_DECLINED;
}

ngx_int_t handler_before_another(ngx_http_request_t *r) noexcept {
    keep_secrets_where_it_gates(r);
    return main_configuration(r)->displaced_rewrite_handler(r);
}

}  // namespace

void keep_secrets_from_error_log(ngx_http_request_t *r) noexcept {
    ngx_http_log_handler_pt &handler = r->main->log_handler;
    if (handler != describe_request) {
        nginx_log_handler = handler;
        handler = describe_request;
    }
}

// A phase handler of its own would cost the requests of all other locations a step of nginx's from
// handler to handler, four times what it does: it calls whom it has displaced. Which is nginx's
// own, where it is alone; others look for their place in the phase (Lua's moves itself to its end).
ngx_int_t install_error_log(ngx_conf_t *cf) noexcept {
    ngx_array_t &handlers = handlers_of(cf, NGX_HTTP_REWRITE_PHASE);
    if (handlers.nelts != 1) {
        return add_handler(cf, NGX_HTTP_REWRITE_PHASE, handler);
    }
    auto &only = elements<ngx_http_handler_pt>(handlers).front();
    main_configuration(cf)->displaced_rewrite_handler = std::exchange(only, handler_before_another);
    return NGX_OK;
}

}  // namespace ipfence::module
