#pragma once

#include <array>
#include <memory>
#include <optional>

#include "engine/endpoint/judgement.hpp"
#include "engine/memory/digest.hpp"
#include "module/listed.hpp"
#include "module/nginx.hpp"
#include "module/recycled.hpp"
#include "module/store_budget.hpp"

namespace ipfence::module {

struct AccessRequest;
struct TokenAttempt;
class StoreLookup;
class StoreTelling;

/// When a verdict was reached.
enum class Phase : std::uint8_t { request, response };

/// What the policy in force said of a request that has let go of it.
struct PolicyWords {
    std::string_view hash;
    std::string_view user;
    std::string_view profile;
    std::string_view rule;
};

/// What the gate says of a request, as variables and the audit log show it.
struct Verdict {
    Phase phase = Phase::request;
    Outcome outcome = Outcome::deny;
    Reason reason = Reason::internal_error;
    bool enforced = true;  ///< false under `ipfence_mode monitor`
    /// The engine's decision, where there was one; a refused request has none.
    std::optional<Judgement> judgement;
    /// What the candidate policy decides of the same; empty: none, or nothing that it could decide.
    std::optional<Decision> candidate{};
    /// Once the request has let go of its policies, which the two above have no views on any more.
    const PolicyWords *words = nullptr;
};

/// The provider's answer while the gate reads it.
struct HeldResponse {
    enum class Mode : std::uint8_t {
        none,     ///< not looked at
        header,   ///< passed on at once; only its header is read
        names,    ///< passed on, unless its header names somebody whom it is not for
        observe,  ///< monitor: passed on at once, and read on the side
        hold,     ///< nothing leaves before the verdict
        capture,  ///< of a subrequest of the gate: nothing ever leaves
    };
    enum class Stage : std::uint8_t { waiting, collecting, done };

    Mode mode = Mode::none;
    Stage stage = Stage::waiting;
    bool too_large = false;
    bool is_lost = false;    ///< it could not be kept
    bool is_denied = false;  ///< already, by its header: what nginx answers to that is replaced
    /// The request grew past its limit while nginx was reading it: what nginx answers to that is
    /// replaced by the gate's own words.
    bool request_too_large = false;

    // The header as the provider sent it, before nginx's own filters add to it.
    unsigned status = 0;
    bool content_coded = false;
    bool is_html = false;
    std::string_view location;
    bool has_two_locations = false;  ///< of which clients follow either

    u_char *body = nullptr;
    std::size_t size = 0;
    std::size_t capacity = 0;
};

/// All that the gate knows of one request. Lives in a cleanup of the request's pool, keyed by the
/// request: internal redirects wipe a module's context, and subrequests share their main request's
/// pool (threats.md, decision 1 and K05).
struct RequestState : Recycled<RequestState>, Listed<RequestState> {
    explicit RequestState(ngx_http_request_t *r) noexcept;
    RequestState(const RequestState &) = delete;
    RequestState &operator=(const RequestState &) = delete;
    ~RequestState();

    /// Whether this is where the gate last saw the request: the same kind, configuration and URI.
    bool is_at(ngx_http_ipfence_kind_e other_kind,
               const ngx_http_ipfence_loc_conf_t *other_conf) const noexcept;

    /// Whether the provider's answer is still to be judged.
    bool awaits_verdict() const noexcept;

    /// Whether all that there is to decide is decided, and published.
    bool is_settled() const noexcept;

    /// Begins anew where the request has come to another place than the gate last saw it in: what
    /// was found out there is not true here. A denial stays, and so does the body.
    void enter(ngx_http_ipfence_kind_e new_kind,
               const ngx_http_ipfence_loc_conf_t *new_conf) noexcept;

    /// Makes `token` or `access`, empty; null when there is no memory.
    TokenAttempt *begin_token() noexcept;
    AccessRequest *begin_access() noexcept;

    /// Notes that the request, with its URI and arguments as they are now, may use a guarded
    /// upstream of the location that it is in now.
    void stamp() noexcept;

    /// Whether the request is a subrequest that the gate itself made, with nothing of a client in
    /// it.
    bool is_of_gate() const noexcept { return response.mode == HeldResponse::Mode::capture; }

    /// The policy that this request is decided by, wholly: the one that was in force when it was
    /// first asked for. The request must have been entered into a place with a policy.
    const Policy &policy() const { return policy_ != nullptr ? *policy_ : take_policy(); }

    /// The policy that decides beside it and is only logged; null where there is none.
    const Policy *candidate() const {
        return candidate_ == nullptr && conf->candidate != nullptr ? take_candidate()
                                                                   : candidate_.get();
    }

    /// Whether the request was to be denied, before any answer to it: under monitor, one comes.
    bool was_to_be_denied() const noexcept { return verdict && verdict->outcome == Outcome::deny; }

    /// Whether one of these two is in force no more.
    bool holds_former_policy() const noexcept;

    /// Takes those that are in force when they are asked for next. Only while nothing is decided.
    void take_policies_anew() noexcept {
        policy_.reset();
        candidate_.reset();
    }

    /// Holds neither any more. For one that is settled; `words` are in its pool.
    void let_go_of_policies(const PolicyWords *words) noexcept;

    /// Whether `stamp` was called for exactly the current URI and arguments, and here: a location
    /// may rewrite a URI to that of another one, which decides otherwise or not at all.
    bool is_stamped() const noexcept;

    ngx_http_request_t *const request;
    /// The configuration of the location where the gate last saw the request. Verdicts on the
    /// answer follow it too, wherever nginx redirected the request meanwhile.
    const ngx_http_ipfence_loc_conf_t *conf = nullptr;
    ngx_http_ipfence_kind_e kind = NGX_HTTP_IPFENCE_OFF;
    /// Whether verdicts are carried out, as it was when the request came there: `ipfence_mode
    /// monitor` may end while the provider answers.
    bool is_enforced = true;
    std::optional<Verdict> verdict;
    /// Verdicts are neither counted nor audited yet: the shared store may still overturn them.
    bool withholds_verdict = false;
    bool is_verdict_unpublished = false;
    bool is_end_watched = false;  ///< by `watch_end_of_request`
    bool denied = false;  ///< an enforced denial: final, whatever nginx redirects to afterwards

    bool has_one_reading = false;  ///< `ensure_one_reading` has refused nothing

    bool body_requested = false;
    bool body_read = false;
    off_t body_received = 0;

    /// What was read of the request, which depends on its kind: made by `begin_token` and
    /// `begin_access`, or in the request's pool.
    TokenAttempt *token = nullptr;
    AccessRequest *access = nullptr;
    struct AuthorizationAttempt *authorization = nullptr;
    /// What the candidate makes of a request inside a session, whose credentials it has judged.
    std::optional<Judgement> candidate_judgement;
    std::optional<Digest> revoked;  ///< the token that a revocation request names

    HeldResponse response;
    /// The text of `$request_id`, once it was asked for.
    mutable std::array<u_char, 32> request_id;

    // With a shared store: what was asked of it and what it is to be told. Both outlive the place
    // that the request is in.
    std::unique_ptr<StoreLookup> store_lookup;
    std::unique_ptr<StoreTelling> store_telling;
    StoreBudget store_budget;

  private:
    // Forgets what was found out in the place that the request was in.
    void leave() noexcept;
    const Policy &take_policy() const;
    const Policy *take_candidate() const;

    // As long as the request: verdicts have views on what was read of it, also elsewhere.
    std::unique_ptr<TokenAttempt> last_token_;
    std::unique_ptr<AccessRequest> last_access_;
    mutable std::shared_ptr<const Policy> policy_;
    mutable std::shared_ptr<const Policy> candidate_;
    const ngx_http_ipfence_loc_conf_t *stamped_at_ = nullptr;
    ngx_str_t stamped_uri_{};
    ngx_str_t stamped_args_{};
    ngx_str_t entered_uri_{};
    ngx_str_t entered_args_{};
};

/// The state of `r` where nginx may have wiped the contexts: a walk through the pool's cleanups.
RequestState *find_state_in_pool(ngx_http_request_t *r) noexcept;

/// The state of `r` where nginx has not wiped the contexts; null also where it has.
inline RequestState *state_in_context(const ngx_http_request_t *r) noexcept {
    return static_cast<RequestState *>(ngx_http_get_module_ctx(r, ngx_http_ipfence_module));
}

/// Whether the gate has certainly not seen `r`. In the header, as filters ask it of every request
/// of every location, also where there is no gate.
inline bool is_unseen(const ngx_http_request_t *r) noexcept {
    return state_in_context(r) == nullptr && !r->internal && !r->filter_finalize;
}

/// The state of `r`, or null where the gate has not seen it.
inline RequestState *find_state(ngx_http_request_t *r) noexcept {
    RequestState *state = state_in_context(r);
    return state != nullptr || is_unseen(r) ? state : find_state_in_pool(r);
}

/// The state of `r`, made if need be; null when there is no memory.
RequestState *find_or_make_state(ngx_http_request_t *r) noexcept;

}  // namespace ipfence::module
