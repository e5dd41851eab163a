#include "module/status_board.hpp"

#include <utility>

#include "module/candidate.hpp"
#include "module/client_address.hpp"
#include "module/directive.hpp"
#include "module/kind.hpp"
#include "module/request_id.hpp"
#include "module/verdict_text.hpp"

namespace ipfence::module {

namespace {

// No zone can be called so: a word of the configuration has no space.
constexpr const char *kBoardName = " status";

CountedDecision counted(const Verdict &verdict) noexcept {
    if (verdict.outcome == Outcome::allow) {
        return CountedDecision::allow;
    }
    return verdict.enforced ? CountedDecision::deny : CountedDecision::would_deny;
}

Denial denial_of(const RequestState &state) {
    const Verdict &verdict = *state.verdict;
    const KnownRequest request = request_of(state);
    RuleText rule;
    Denial denial;
    denial.time = ngx_time();
    denial.enforced = verdict.enforced;
    denial.reason = verdict.reason;
    denial.request_id.assign(request_id_of(state));
    denial.kind.assign(name_of(state.kind));
    if (request) {
        denial.operation.assign(name_of(request->operation));
        denial.flow.assign(name_of(request->flow));
        denial.refreshed = request->refreshed;
        denial.device_activated = request->device_activated;
        denial.claimed_profile.assign(request->claimed_profile.value_or(std::string_view{}));
    }
    const auto address = request ? request->client_address : client_address_of(state.request);
    if (address) {
        denial.ip.assign(address->text());
    }
    denial.app.assign(app_of(state, request));
    denial.user.assign(user_of(state, request));
    denial.profile.assign(profile_of(verdict));
    denial.rule.assign(rule_of(verdict, rule));
    return denial;
}

}  // namespace

std::unique_ptr<SharedBoard> SharedBoard::open(ngx_conf_t *cf) {
    const std::size_t size = ngx_align(StatusBoard::size(), ngx_pagesize);
    std::shared_ptr<ZoneMapping> mapping = ZoneMapping::find(kBoardName, size, ngx_inherited);
    StatusBoard *board = mapping == nullptr ? nullptr : StatusBoard::attach(mapping->memory());
    if (board == nullptr) {
        auto created = ZoneMapping::create(kBoardName, size);
        if (!created) {
            const ngx_str_t text = ngx_view(created.error().message);
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence: no memory to count in: %V", &text);
            return nullptr;
        }
        mapping = *created;
        board = StatusBoard::create(mapping->memory());
    }
    if (board == nullptr) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence: the system has no robust mutexes");
        return nullptr;
    }
    return std::unique_ptr<SharedBoard>(new SharedBoard(std::move(mapping), board));
}

ngx_int_t make_board(ngx_conf_t *cf) {
    auto *main = main_configuration(cf);
    if (main->policies.nelts == 0) {
        return NGX_OK;
    }
    auto board = SharedBoard::open(cf);
    main->board = board == nullptr ? nullptr : owned_by_pool(cf->pool, std::move(board));
    return main->board == nullptr ? NGX_ERROR : NGX_OK;
}

void count_verdict(const RequestState &state) noexcept {
    SharedBoard *shared = main_configuration(state.request)->board;
    if (shared == nullptr) {
        return;
    }
    const Verdict &verdict = *state.verdict;
    StatusBoard &board = shared->board();
    board.count(ngx_worker, state.kind, counted(verdict), verdict.reason);
    if (is_flip(verdict)) {
        board.count_flip(ngx_worker, verdict.candidate->outcome);
    }
    if (verdict.outcome == Outcome::deny) {
        try {
            board.add_denial(denial_of(state));
        } catch (...) {
            return;  // counted it is; what is missing is a line for people
        }
    }
}

}  // namespace ipfence::module
