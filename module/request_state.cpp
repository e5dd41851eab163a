#include "module/request_state.hpp"

#include <new>

#include "module/access_gate.hpp"
#include "module/policy_file.hpp"
#include "module/store_lookup.hpp"
#include "module/store_telling.hpp"
#include "module/token_gate.hpp"

namespace ipfence::module {

namespace {

void destroy_state(void *data) noexcept {
    delete static_cast<RequestState *>(data);
}

bool is_former(const std::shared_ptr<const Policy> &policy, const PolicyFile *file) noexcept {
    return policy != nullptr && (file == nullptr || file->current() != policy);
}

void let_go_of_policy(Decision &decision) noexcept {
    decision.rule = {};
    decision.profile = nullptr;
    decision.app = nullptr;
}

}  // namespace

RequestState::RequestState(ngx_http_request_t *r) noexcept : request(r) {}

RequestState::~RequestState() = default;

bool RequestState::is_at(ngx_http_ipfence_kind_e other_kind,
                         const ngx_http_ipfence_loc_conf_t *other_conf) const noexcept {
    return kind == other_kind && conf == other_conf && view(entered_uri_) == view(request->uri) &&
           view(entered_args_) == view(request->args);
}

bool RequestState::awaits_verdict() const noexcept {
    return !denied && response.stage != HeldResponse::Stage::done &&
           (response.mode == HeldResponse::Mode::hold ||
            response.mode == HeldResponse::Mode::observe);
}

bool RequestState::is_settled() const noexcept {
    using Mode = HeldResponse::Mode;
    const bool is_answer_of_no_say = denied || response.stage == HeldResponse::Stage::done ||
                                     response.mode == Mode::none || response.mode == Mode::header;
    return verdict && is_answer_of_no_say && !withholds_verdict && !is_verdict_unpublished;
}

void RequestState::enter(ngx_http_ipfence_kind_e new_kind,
                         const ngx_http_ipfence_loc_conf_t *new_conf) noexcept {
    if (is_at(new_kind, new_conf)) {
        return;
    }
    if (conf != nullptr) {
        leave();
    }
    kind = new_kind;
    conf = new_conf;
    is_enforced = module::is_enforced(*new_conf);
    entered_uri_ = request->uri;
    entered_args_ = request->args;
}

void RequestState::leave() noexcept {
    if (!denied) {
        verdict.reset();
        response = {};
        take_policies_anew();
    }
    token = nullptr;
    access = nullptr;
    authorization = nullptr;
    candidate_judgement.reset();
    revoked.reset();
}

const Policy &RequestState::take_policy() const {
    policy_ = conf->policy->current();
    return *policy_;
}

const Policy *RequestState::take_candidate() const {
    candidate_ = conf->candidate->current();
    return candidate_.get();
}

bool RequestState::holds_former_policy() const noexcept {
    return conf->policy != nullptr &&
           (is_former(policy_, conf->policy) || is_former(candidate_, conf->candidate));
}

void RequestState::let_go_of_policies(const PolicyWords *words) noexcept {
    verdict->words = words;
    if (verdict->judgement) {
        let_go_of_policy(verdict->judgement->decision);
    }
    if (verdict->candidate) {
        let_go_of_policy(*verdict->candidate);
    }
    candidate_judgement.reset();
    policy_.reset();
    candidate_.reset();
}

TokenAttempt *RequestState::begin_token() noexcept {
    token = make_after(last_token_);
    return token;
}

AccessRequest *RequestState::begin_access() noexcept {
    access = make_after(last_access_);
    return access;
}

void RequestState::stamp() noexcept {
    stamped_at_ = location_configuration(request);
    stamped_uri_ = request->uri;
    stamped_args_ = request->args;
}

bool RequestState::is_stamped() const noexcept {
    // A subrequest of the gate's own is stamped before it has found its location.
    return (stamped_at_ == location_configuration(request) || (is_of_gate() && stamped_at_)) &&
           view(stamped_uri_) == view(request->uri) && view(stamped_args_) == view(request->args);
}

RequestState *find_state_in_pool(ngx_http_request_t *r) noexcept {
    for (ngx_pool_cleanup_t *cleanup = r->pool->cleanup; cleanup; cleanup = cleanup->next) {
        if (cleanup->handler == destroy_state) {
            auto *state = static_cast<RequestState *>(cleanup->data);
            if (state->request == r) {
                ngx_http_set_ctx(r, state, ngx_http_ipfence_module);
                return state;
            }
        }
    }
    return nullptr;
}

RequestState *find_or_make_state(ngx_http_request_t *r) noexcept {
    RequestState *state = find_state(r);
    if (state != nullptr) {
        return state;
    }
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(r->pool, 0);
    state = cleanup == nullptr ? nullptr : new (std::nothrow) RequestState(r);
    if (state == nullptr) {
        return nullptr;
    }
    cleanup->data = state;
    cleanup->handler = destroy_state;
    ngx_http_set_ctx(r, state, ngx_http_ipfence_module);
    return state;
}

}  // namespace ipfence::module
