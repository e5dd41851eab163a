#include "module/variables.hpp"

#include <array>

#include "module/boundary.hpp"
#include "module/pool_text.hpp"
#include "module/verdict_text.hpp"

namespace ipfence::module {

namespace {

void set(ngx_http_variable_value_t *value, std::string_view text) noexcept {
    constexpr unsigned kLengthBits = 0x0fffffff;
    value->len = static_cast<unsigned>(text.size()) & kLengthBits;
    value->data = ngx_view(text).data;
    value->valid = 1;
    value->no_cacheable = 1;
    value->not_found = 0;
}

using Reader = std::string_view (*)(const RequestState &);

std::string_view decision(const RequestState &state) {
    return decision_of(*state.verdict);
}

std::string_view reason(const RequestState &state) {
    return name_of(state.verdict->reason);
}

std::string_view operation(const RequestState &state) {
    const auto request = request_of(state);
    return request ? name_of(request->operation) : std::string_view{};
}

std::string_view flow(const RequestState &state) {
    const auto request = request_of(state);
    return request ? name_of(request->flow) : std::string_view{};
}

std::string_view rule(const RequestState &state) {
    if (const PolicyWords *words = state.verdict->words) {
        return words->rule;
    }
    RuleText text;
    return in_pool(state.request->pool, rule_of(*state.verdict, text));
}

std::string_view user(const RequestState &state) {
    const PolicyWords *words = state.verdict->words;
    return words != nullptr ? words->user : user_of(state, request_of(state));
}

std::string_view app(const RequestState &state) {
    return app_of(state, request_of(state));
}

std::string_view profile(const RequestState &state) {
    const PolicyWords *words = state.verdict->words;
    return words != nullptr ? words->profile : profile_of(*state.verdict);
}

std::string_view policy(const RequestState &state) {
    const PolicyWords *words = state.verdict->words;
    return words != nullptr ? words->hash : state.policy().hash();
}

std::string_view candidate_decision(const RequestState &state) {
    const auto &candidate = state.verdict->candidate;
    return candidate ? name_of(candidate->outcome) : std::string_view{};
}

std::string_view candidate_reason(const RequestState &state) {
    const auto &candidate = state.verdict->candidate;
    return candidate ? name_of(candidate->reason) : std::string_view{};
}

struct Variable {
    std::string_view name;
    Reader read;
};

constexpr std::array<Variable, 11> kVariables{{
    {"ipfence_decision", decision},
    {"ipfence_reason", reason},
    {"ipfence_user", user},
    {"ipfence_app", app},
    {"ipfence_profile", profile},
    {"ipfence_operation", operation},
    {"ipfence_flow", flow},
    {"ipfence_rule", rule},
    {"ipfence_policy", policy},
    {"ipfence_candidate_decision", candidate_decision},
    {"ipfence_candidate_reason", candidate_reason},
}};

ngx_int_t get_variable(ngx_http_request_t *r, ngx_http_variable_value_t *value,
                       uintptr_t index) noexcept {
    return boundary(r->connection->log, static_cast<ngx_int_t>(NGX_ERROR), [&] {
        const RequestState *state = find_state(r);
        const bool is_decided = state != nullptr && state->verdict.has_value();
        set(value, is_decided ? kVariables[index].read(*state) : std::string_view{});
        return static_cast<ngx_int_t>(NGX_OK);
    });
}

}  // namespace

ngx_int_t add_variables(ngx_conf_t *cf) noexcept {
    for (std::size_t index = 0; index < kVariables.size(); ++index) {
        ngx_str_t name = ngx_view(kVariables[index].name);
        ngx_http_variable_t *variable = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
        if (variable == nullptr) {
            return NGX_ERROR;
        }
        variable->get_handler = get_variable;
        variable->data = index;
    }
    return NGX_OK;
}

}  // namespace ipfence::module
