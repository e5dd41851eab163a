#include "module/learning.hpp"

#include "module/once_a_minute.hpp"
#include "module/shared_zone.hpp"
#include "module/token_gate.hpp"

namespace ipfence::module {

namespace {

const char *words_for(Learned learned) noexcept {
    switch (learned) {
        case Learned::learned:
            break;
        case Learned::evicting:
            return "the zone is full: a live record gave way, and its session will be treated as "
                   "unknown; make the zone larger";
        case Learned::refused:
            return "the zone is full: an answer was not remembered, and its tokens will be treated "
                   "as unknown; make the zone larger";
        case Learned::too_long:
            return "the names of app, user and profile are longer than a record; the tokens of "
                   "such a session will be treated as unknown";
    }
    return nullptr;
}

}  // namespace

void learn_token_response(RequestState &state, const IssuedTokens &tokens,
                          const Judgement &judgement) {
    if (Memory *memory = memory_of(state)) {
        const Redeemed redeemed = state.token == nullptr ? Redeemed{} : state.token->redeemed;
        report_learned(state, learn_tokens(*memory, tokens, judgement, redeemed, memory_now()));
    }
}

void report_learned(const RequestState &state, Learned learned) noexcept {
    static OnceAMinute time;

    const char *words = words_for(learned);
    if (words != nullptr && time.is_due()) {
        ngx_log_error(NGX_LOG_ERR, state.request->connection->log, 0, "ipfence_zone: %s", words);
    }
}

}  // namespace ipfence::module
