// The content handler of ipfence_status: a page for people, and what it is made of for machines.

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/status/status.hpp"
#include "engine/status/what_if.hpp"
#include "module/answer_headers.hpp"
#include "module/boundary.hpp"
#include "module/directive.hpp"
#include "module/geoip_files.hpp"
#include "module/kind.hpp"
#include "module/policy_file.hpp"
#include "module/shared_store.hpp"
#include "module/shared_zone.hpp"
#include "module/status_assets.hpp"
#include "module/status_board.hpp"

namespace {

using namespace ipfence;
using namespace ipfence::module;

struct Content {
    ngx_uint_t status = NGX_HTTP_OK;
    std::string_view type;
    std::string text;
};

// By their numbers in ngx_http_ipfence_kind_e.
std::array<std::string_view, StatusBoard::kKinds> kind_names() {
    std::array<std::string_view, StatusBoard::kKinds> names;
    for (std::size_t kind = 0; kind < names.size(); ++kind) {
        names[kind] = name_of(static_cast<ngx_http_ipfence_kind_e>(kind));
    }
    return names;
}

// To look at every place of a large zone would hold the worker up: these are 16,384 of them.
constexpr std::size_t kSetsLookedAt = 512;

Status::ZoneUse use_of(SharedZone &shared) {
    const Zone &zone = shared.memory().zone();
    const ZoneCounters counters = zone.counters();
    return {.name = shared.name(),
            .bytes = shared.size(),
            .capacity = zone.credentials().capacity(),
            .used = zone.credentials().estimate_live<CredentialRecord>(kSetsLookedAt, memory_now()),
            .evicted = counters.evicted,
            .refused = counters.refused};
}

Status status_of(ngx_http_request_t *r) {
    const ngx_http_ipfence_loc_conf_t *conf = location_configuration(r);
    const ngx_http_ipfence_main_conf_t *main = main_configuration(r);
    Status status;
    status.time = ngx_time();
    status.version = IPFENCE_VERSION;
    status.policy = conf->policy->current()->hash();
    status.policy_is_faulty = conf->policy->is_faulty();
    if (conf->candidate != nullptr) {
        status.candidate_policy = conf->candidate->current()->hash();
        status.candidate_is_faulty = conf->candidate->is_faulty();
    }
    status.kinds = kind_names();
    if (main->zone != nullptr) {
        status.zone = use_of(*main->zone);
    }
    if (main->store != nullptr) {
        const auto *core = reinterpret_cast<const ngx_core_conf_t *>(
            ngx_get_conf(ngx_cycle->conf_ctx, ngx_core_module));
        status.store = {.tally = &main->store->tally(),
                        .workers = static_cast<std::size_t>(core->worker_processes),
                        .now = ngx_current_msec,
                        .is_trusted = main->store->near_cache().is_trusting(memory_now())};
    }
    return status;
}

Content answer_what_if(ngx_http_request_t *r) {
    WhatIf answer = what_if(*location_configuration(r)->policy->current(), view(r->args),
                            main_configuration(r)->geoip);
    return {static_cast<ngx_uint_t>(answer.is_answer ? NGX_HTTP_OK : NGX_HTTP_BAD_REQUEST),
            "application/json", std::move(answer.json)};
}

// What lies under the last part of the path; a status other than 200 and no text: an error.
Content content_of(ngx_http_request_t *r) {
    const std::string_view path = view(r->uri);
    const std::string_view name = path.substr(path.rfind('/') + 1);
    StatusBoard &board = main_configuration(r)->board->board();
    if (name.empty()) {
        return {.type = "text/html; charset=utf-8", .text = std::string(kStatusPage)};
    }
    if (name == "status.js") {
        return {.type = "text/javascript; charset=utf-8", .text = std::string(kStatusScript)};
    }
    if (name == "status.css") {
        return {.type = "text/css; charset=utf-8", .text = std::string(kStatusStyle)};
    }
    if (name == "status.svg") {
        return {.type = "image/svg+xml", .text = std::string(kStatusIcon)};
    }
    if (name == "status.json") {
        return {.type = "application/json", .text = status_json(status_of(r), board)};
    }
    if (name == "metrics") {
        return {.type = "text/plain; version=0.0.4; charset=utf-8",
                .text = status_metrics(status_of(r), board)};
    }
    return name == "explain" ? answer_what_if(r) : Content{NGX_HTTP_NOT_FOUND, {}, {}};
}

bool add_headers(ngx_http_request_t *r) {
    constexpr std::pair<std::string_view, std::string_view> kHeaders[] = {
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
         "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
         "require-trusted-types-for 'script'; trusted-types 'none'"},
    };
    return std::ranges::all_of(kHeaders, [r](const auto &header) {
        return add_answer_header(r, header.first, header.second) != nullptr;
    });
}

ngx_int_t send(ngx_http_request_t *r, const Content &content) {
    auto *text = static_cast<u_char *>(ngx_pnalloc(r->pool, content.text.size() + 1));
    auto *buffer = pool_zeroed<ngx_buf_t>(r->pool);
    if (text == nullptr || buffer == nullptr || !add_headers(r)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    buffer->pos = buffer->start = text;
    buffer->last = buffer->end = ngx_cpymem(text, content.text.data(), content.text.size());
    buffer->memory = 1;
    buffer->last_buf = r == r->main;  // of a part of a page, what ends is not the response
    buffer->last_in_chain = 1;
    r->headers_out.status = content.status;
    r->headers_out.content_length_n = static_cast<off_t>(content.text.size());
    r->headers_out.content_type = ngx_view(content.type);
    r->headers_out.content_type_len = content.type.size();
    const ngx_int_t rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    ngx_chain_t out{buffer, nullptr};
    return ngx_http_output_filter(r, &out);
}

// The page's own addresses are relative to its last slash.
ngx_int_t redirect_to_page(ngx_http_request_t *r) {
    auto *target = static_cast<u_char *>(ngx_pnalloc(r->pool, r->uri.len + 1));
    if (target == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    *ngx_cpymem(target, r->uri.data, r->uri.len) = '/';
    r->headers_out.location =
        add_answer_header(r, "Location", {reinterpret_cast<char *>(target), r->uri.len + 1});
    return r->headers_out.location == nullptr ? NGX_HTTP_INTERNAL_SERVER_ERROR
                                              : NGX_HTTP_MOVED_PERMANENTLY;
}

ngx_int_t handle(ngx_http_request_t *r) {
    if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) {
        return NGX_HTTP_NOT_ALLOWED;
    }
    if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) {
        return rc;
    }
    const Content content = content_of(r);
    if (!content.text.empty()) {
        return send(r, content);
    }
    const auto *core = static_cast<const ngx_http_core_loc_conf_t *>(
        ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    return view(r->uri) == view(core->name) ? redirect_to_page(r)
                                            : static_cast<ngx_int_t>(NGX_HTTP_NOT_FOUND);
}

ngx_int_t status_handler(ngx_http_request_t *r) noexcept {
    return boundary(r->connection->log, static_cast<ngx_int_t>(NGX_HTTP_INTERNAL_SERVER_ERROR),
                    [r] { return handle(r); });
}

}  // namespace

char *ngx_http_ipfence_set_status(ngx_conf_t *cf, ngx_command_t *, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *core = static_cast<ngx_http_core_loc_conf_t *>(
            ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
        static_cast<ngx_http_ipfence_loc_conf_t *>(data)->shows_status = 1;
        core->handler = status_handler;
        return NGX_CONF_OK;
    });
}
