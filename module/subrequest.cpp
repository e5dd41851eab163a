#include "module/subrequest.hpp"

#include <utility>

#include "module/request_headers.hpp"
#include "module/request_id.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

namespace {

struct Completion {
    FormAnswered answered;
    void *data;
};

// nginx also calls before a page of its own takes the place of an answer, and while a part of one
// is still to come.
bool is_over(const ngx_http_request_t *subrequest, ngx_int_t rc) noexcept {
    if (rc == NGX_ERROR || rc == NGX_HTTP_REQUEST_TIME_OUT || rc == NGX_HTTP_CLOSE ||
        rc == NGX_HTTP_CLIENT_CLOSED_REQUEST || subrequest->connection->error) {
        return true;
    }
    if (rc >= NGX_HTTP_SPECIAL_RESPONSE || rc == NGX_HTTP_CREATED || rc == NGX_HTTP_NO_CONTENT) {
        return false;
    }
    return subrequest->background || (!subrequest->buffered && subrequest->postponed == nullptr);
}

ngx_int_t complete(ngx_http_request_t *subrequest, void *data, ngx_int_t rc) noexcept {
    auto *completion = static_cast<Completion *>(data);
    // It calls again when the turn of a part of a page comes, which may be minutes later.
    if (completion->answered != nullptr && is_over(subrequest, rc)) {
        std::exchange(completion->answered, nullptr)(subrequest, completion->data, rc);
    }
    // On an error nginx would terminate the main request, and its client would get no answer: one
    // that breaks off is an answer that cannot be read, and that has been dealt with.
    return rc == NGX_ERROR ? NGX_OK : rc;
}

// The client's own headers stay behind; only who was asked is the same.
bool set_headers(ngx_http_request_t *subrequest, const FormRequest &form) {
    ngx_http_headers_in_t headers{};
    headers.server = subrequest->headers_in.server;
    headers.host = subrequest->headers_in.host;
    headers.content_length_n = static_cast<off_t>(form.body.size());
    headers.keep_alive_n = -1;
    subrequest->headers_in = headers;
    constexpr ngx_uint_t kHeaders = 4;
    if (ngx_list_init(&subrequest->headers_in.headers, subrequest->pool, kHeaders,
                      sizeof(ngx_table_elt_t)) != NGX_OK) {
        return false;
    }
    subrequest->headers_in.content_type =
        add_request_header(subrequest, {"Content-Type", "content-type"}, kFormType);
    if (!form.authorization.empty()) {
        subrequest->headers_in.authorization =
            add_request_header(subrequest, {"Authorization", "authorization"}, form.authorization);
    }
    return subrequest->headers_in.content_type != nullptr &&
           add_request_header(subrequest, {"Accept", "accept"}, "application/json") != nullptr;
}

constexpr std::string_view kMethod = "POST";

ngx_http_variable_value_t value_of_method() noexcept {
    ngx_http_variable_value_t value{};
    value.len = kMethod.size();
    value.data = ngx_view(kMethod).data;
    value.valid = 1;
    return value;
}

// What nginx reads of a request it keeps in variables that a subrequest shares: the client's
// headers would be this one's, and its empty ones the client's, as in `$proxy_add_x_forwarded_for`.
// What the configuration has assigned or captured is found nowhere else, and stays; and so does
// what both are known by. The method, by which CGI and its like go (`fastcgi_params`), nginx takes
// of the main request even then.
bool set_variables(ngx_http_request_t *subrequest, ngx_http_request_t *asking) {
    const auto *core = static_cast<const ngx_http_core_main_conf_t *>(
        ngx_http_get_module_main_conf(subrequest, ngx_http_core_module));
    const auto all = elements<const ngx_http_variable_t>(core->variables);
    auto *values = pool_zeroed<ngx_http_variable_value_t>(subrequest->pool, all.size());
    if (values == nullptr) {
        return false;
    }
    if (const RequestState *state = find_state(asking)) {
        (void)request_id_of(*state);
    }
    const auto request_id =
        static_cast<ngx_uint_t>(main_configuration(subrequest)->request_id_index);
    for (std::size_t index = 0; index < all.size(); ++index) {
        if ((all[index].flags & NGX_HTTP_VAR_CHANGEABLE) != 0 || index == request_id) {
            values[index] = asking->variables[index];
        } else if (view(all[index].name) == "request_method") {
            values[index] = value_of_method();
        }
    }
    subrequest->variables = values;
    return true;
}

bool set_body(ngx_http_request_t *subrequest, std::string_view text) {
    auto *body = pool_zeroed<ngx_http_request_body_t>(subrequest->pool);
    auto *buffer = pool_zeroed<ngx_buf_t>(subrequest->pool);
    ngx_chain_t *chain = ngx_alloc_chain_link(subrequest->pool);
    if (body == nullptr || buffer == nullptr || chain == nullptr) {
        return false;
    }
    buffer->pos = buffer->start = ngx_view(text).data;
    buffer->last = buffer->end = buffer->pos + text.size();
    buffer->memory = 1;
    buffer->last_buf = 1;
    *chain = {buffer, nullptr};
    body->bufs = chain;
    subrequest->request_body = body;
    subrequest->method = NGX_HTTP_POST;
    subrequest->method_name = ngx_view(kMethod);
    return true;
}

}  // namespace

bool post_form(ngx_http_request_t *r, const FormRequest &form, bool in_background,
               FormAnswered answered, void *data) {
    auto *completion = pool_zeroed<Completion>(r->pool);
    auto *post = pool_zeroed<ngx_http_post_subrequest_t>(r->pool);
    if (completion == nullptr || post == nullptr || form.body.empty()) {
        return false;
    }
    *completion = {answered, data};
    post->handler = complete;
    post->data = completion;

    ngx_http_request_t *subrequest = nullptr;
    ngx_str_t uri = form.uri;
    const ngx_uint_t flags =
        in_background ? NGX_HTTP_SUBREQUEST_BACKGROUND : NGX_HTTP_SUBREQUEST_WAITED;
    // To nginx, what is asked beside a part of a page is asked by the page: a part that is kept in
    // memory (`set` of SSI, njs) may ask nothing.
    ngx_http_request_t *parent = in_background ? r->main : r;
    if (ngx_http_subrequest(parent, &uri, nullptr, &subrequest, post, flags) != NGX_OK) {
        return false;
    }
    RequestState *state = find_or_make_state(subrequest);
    if (state == nullptr) {
        return false;
    }
    state->conf = location_configuration(r);
    state->response.mode = HeldResponse::Mode::capture;
    subrequest->unparsed_uri = form.uri;  // `$request_uri`, which nginx takes of the client's
    // It is on its way: nothing of its answer is to leave, and without its body and stamp it gets
    // nothing from any provider.
    if (!set_variables(subrequest, r) || !set_headers(subrequest, form) ||
        !set_body(subrequest, form.body)) {
        return false;
    }
    state->stamp();
    return true;
}

std::optional<std::string_view> captured_answer(ngx_http_request_t *subrequest) noexcept {
    const RequestState *state = find_state(subrequest);
    if (state == nullptr || state->response.stage != HeldResponse::Stage::done ||
        state->response.too_large || state->response.content_coded ||
        state->response.status != NGX_HTTP_OK) {
        return std::nullopt;
    }
    return std::string_view(reinterpret_cast<const char *>(state->response.body),
                            state->response.size);
}

FormBuilder::FormBuilder(ngx_pool_t *pool, std::size_t capacity) noexcept
    : start_(static_cast<u_char *>(ngx_pnalloc(pool, capacity))),
      last_(start_),
      end_(start_ == nullptr ? nullptr : start_ + capacity) {}

void FormBuilder::add(std::string_view name, std::string_view value) noexcept {
    if (value.empty() || static_cast<std::size_t>(end_ - last_) < size_of(name, value)) {
        return;
    }
    if (last_ != start_) {
        *last_++ = '&';
    }
    last_ = ngx_cpymem(last_, name.data(), name.size());
    *last_++ = '=';
    last_ = reinterpret_cast<u_char *>(
        ngx_escape_uri(last_, ngx_view(value).data, value.size(), NGX_ESCAPE_URI_COMPONENT));
}

}  // namespace ipfence::module
