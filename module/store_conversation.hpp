#pragma once

#include <vector>

#include "engine/store/exchange.hpp"
#include "module/event_timer.hpp"
#include "module/store_call.hpp"

namespace ipfence::module {

class StoreRouter;

/// Carries out one StoreExchange, round after round, within a budget of time.
class StoreConversation final : StoreAsker {
  public:
    enum class State : std::uint8_t {
        silent,  ///< not begun, or cancelled
        running,
        done,       ///< all rounds are over
        failed,     ///< the store cannot be reached, or answered what ours does not
        timed_out,  ///< the budget is spent
    };

    /// Called once when a conversation that was running has ended; it may destroy the conversation.
    using Ended = void (*)(void *data, State state);

    StoreConversation() = default;
    StoreConversation(const StoreConversation &) = delete;
    StoreConversation &operator=(const StoreConversation &) = delete;
    ~StoreConversation() { cancel(); }

    State state() const noexcept { return state_; }

    /// Begins, and returns the state: where it is not `running`, `ended` is not called. `exchange`
    /// must live as long as it runs.
    State begin(StoreRouter &router, StoreExchange &exchange, ngx_msec_t budget, Ended ended,
                void *data);

    /// Ends it silently: replies that come later are nobody's (M08).
    void cancel() noexcept;

  private:
    static void on_timer(void *data) noexcept;

    void answered(std::size_t number, Reply reply) override;
    void unanswered(std::size_t number) override;
    void abandoned(std::size_t number) noexcept override;

    void next_round();
    void end(State state);

    StoreRouter *router_ = nullptr;
    StoreExchange *exchange_ = nullptr;
    Ended ended_ = nullptr;
    void *data_ = nullptr;
    State state_ = State::silent;
    bool is_beginning_ = false;
    std::vector<StoreCall *> calls_;  // those of the round; null: answered
    std::vector<Reply> replies_;
    std::size_t awaited_ = 0;
    EventTimer timer_{on_timer, this, EventTimer::AtQuit::waits};
};

}  // namespace ipfence::module
