#include "module/detection.hpp"

#include <array>
#include <span>

#include "engine/credential/parameter_scan.hpp"
#include "module/form_body.hpp"
#include "module/kind.hpp"
#include "module/other_readings.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

using Detection = ngx_http_ipfence_detection_t;

std::span<const Detection> detections_of(ngx_http_request_t *r) noexcept {
    return elements<const Detection>(*location_configuration(r)->detections);
}

// A HEAD is handled as the GET that it asks about, and a POST as whatever method its header or its
// form puts in the place of its own (`X-HTTP-Method-Override`, `_method`): not as a GET.
bool is_of_method(ngx_http_request_t *r, const ngx_str_t &method) noexcept {
    return method.len == 0 || view(method) == view(r->method_name) ||
           (view(method) == "GET" && r->method == NGX_HTTP_HEAD) ||
           (view(method) != "GET" && r->method == NGX_HTTP_POST);
}

bool may_be_detected(ngx_http_request_t *r) noexcept {
    for (const Detection &detection : detections_of(r)) {
        if (is_of_method(r, detection.method)) {
            return true;
        }
    }
    return false;
}

struct Match {
    bool matches = false;
    std::optional<Refused> refused;
};

// Whether all parameters of one `ipfence_detect` are there.
Match match(ngx_http_request_t *r, const Detection &detection, std::string_view form) {
    const auto names = elements<const ngx_str_t>(*detection.parameters);
    std::array<std::string_view, ParameterScan::kMaxWanted> wanted;
    for (std::size_t index = 0; index < names.size(); ++index) {
        wanted[index] = view(names[index]);
    }
    ParameterScan scan(std::span<const std::string_view>(wanted.data(), names.size()));
    const std::size_t size = r->args.len + form.size();
    auto *memory = static_cast<char *>(ngx_pnalloc(r->pool, size + 1));
    if (memory == nullptr) {
        return {.refused = kInternalError};
    }
    std::span<char> storage(memory, size);
    for (const std::string_view text : {view(r->args), form}) {
        if (const auto refusal = scan.read(text, storage)) {
            return {.refused = Refused{Reason::ambiguous_request, refusal->description}};
        }
    }
    for (std::size_t index = 0; index < names.size(); ++index) {
        if (!scan.value(index)) {
            return {};
        }
    }
    return {.matches = true, .refused = std::nullopt};
}

bool is_sensitive_page(ngx_http_ipfence_kind_e kind) noexcept {
    return kind == NGX_HTTP_IPFENCE_PASSWORD_CHANGE ||
           kind == NGX_HTTP_IPFENCE_VERIFICATION_REGISTRATION ||
           kind == NGX_HTTP_IPFENCE_LOGIN_FLOW;
}

// The kind that asks for all that both ask for; empty where there is none. A sensitive page is
// held to what a resource is held to, and more; no kind makes up for another otherwise.
std::optional<ngx_http_ipfence_kind_e> stricter(ngx_http_ipfence_kind_e one,
                                                ngx_http_ipfence_kind_e other) noexcept {
    const auto yields = [](ngx_http_ipfence_kind_e kind, ngx_http_ipfence_kind_e to) {
        return kind == to || kind == NGX_HTTP_IPFENCE_OFF ||
               (is_sensitive_page(to) &&
                (kind == NGX_HTTP_IPFENCE_RESOURCE || is_sensitive_page(kind)));
    };
    if (yields(other, one)) {
        return one;
    }
    return yields(one, other) ? std::optional(other) : std::nullopt;
}

DetectedKind refused(ngx_http_ipfence_kind_e kind, const Refused &refused) {
    return {.refused = refused, .kind = kind};
}

}  // namespace

DetectedKind detect_by_parameters(RequestState &state, ngx_http_ipfence_kind_e of_path) {
    ngx_http_request_t *r = state.request;
    if (!may_be_detected(r) || of_path == NGX_HTTP_IPFENCE_UNKNOWN) {
        return {.refused = std::nullopt, .kind = of_path};
    }
    if (has_fragment(r)) {
        return refused(of_path, kFragment);
    }
    if (may_hide_parameters(r)) {
        return refused(of_path, {Reason::ambiguous_request,
                                 "parameters may be hidden in a body of this content type"});
    }
    const FormBody form = read_form_body(state);
    if (form.is_pending || form.refused) {
        return {form.is_pending, form.rc, form.refused, of_path};
    }
    ngx_http_ipfence_kind_e kind = of_path;
    for (const Detection &detection : detections_of(r)) {
        if (!is_of_method(r, detection.method)) {
            continue;
        }
        const Match found = match(r, detection, form.text);
        if (found.refused) {
            return refused(kind, *found.refused);
        }
        if (!found.matches) {
            continue;
        }
        const auto both = stricter(kind, static_cast<ngx_http_ipfence_kind_e>(detection.kind));
        if (!both) {
            return refused(kind, {Reason::ambiguous_request,
                                  "path and parameters are of two kinds of request"});
        }
        kind = *both;
    }
    return {.refused = std::nullopt, .kind = kind};
}

}  // namespace ipfence::module
