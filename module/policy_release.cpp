#include "module/policy_release.hpp"

#include <algorithm>
#include <new>
#include <type_traits>

#include "module/request_state.hpp"
#include "module/verdict_text.hpp"

namespace ipfence::module {

namespace {

std::size_t size_of(const PolicyWords &words) noexcept {
    return words.hash.size() + words.user.size() + words.profile.size() + words.rule.size();
}

// Null when there is no memory.
const PolicyWords *kept(ngx_pool_t *pool, PolicyWords words) noexcept {
    static_assert(std::is_trivially_destructible_v<PolicyWords>, "nobody destroys it");
    auto *memory = static_cast<u_char *>(ngx_palloc(pool, sizeof(words) + size_of(words)));
    if (memory == nullptr) {
        return nullptr;
    }
    u_char *end = memory + sizeof(words);
    for (std::string_view *word : {&words.hash, &words.user, &words.profile, &words.rule}) {
        const std::string_view copy(reinterpret_cast<char *>(end), word->size());
        end = std::ranges::copy(*word, end).out;  // which may be a view on nothing
        *word = copy;
    }
    return new (memory) PolicyWords(words);
}

bool release(RequestState &state) noexcept {
    RuleText rule;
    const PolicyWords words{
        .hash = state.policy().hash(),
        .user = user_of(state, request_of(state)),
        .profile = profile_of(*state.verdict),
        .rule = rule_of(*state.verdict, rule),
    };
    const PolicyWords *copy = kept(state.request->pool, words);
    if (copy == nullptr) {
        return false;
    }
    state.let_go_of_policies(copy);
    return true;
}

}  // namespace

void release_former_policies() noexcept {
    constexpr unsigned kAtOnce = 1000;  // some hundred microseconds
    unsigned released = 0;
    RequestState *state = RequestState::first();
    for (; state != nullptr && released < kAtOnce; state = state->next()) {
        if (state->is_settled() && state->holds_former_policy() && release(*state)) {
            ++released;
        }
    }
}

}  // namespace ipfence::module
