#include "module/store_conversation.hpp"

#include <exception>
#include <utility>

#include "module/store_router.hpp"

namespace ipfence::module {

StoreConversation::State StoreConversation::begin(StoreRouter &router, StoreExchange &exchange,
                                                  ngx_msec_t budget, Ended ended, void *data) {
    cancel();
    router_ = &router;
    exchange_ = &exchange;
    ended_ = ended;
    data_ = data;
    state_ = State::running;
    is_beginning_ = true;
    next_round();
    is_beginning_ = false;
    if (state_ == State::running) {
        timer_.set(budget == 0 ? 1 : budget);
    }
    return state_;
}

void StoreConversation::cancel() noexcept {
    for (StoreCall *call : calls_) {
        if (call != nullptr) {
            call->asker = nullptr;
        }
    }
    calls_.clear();
    awaited_ = 0;
    state_ = State::silent;
    timer_.cancel();
}

void StoreConversation::next_round() {
    std::vector<Command> commands = exchange_->next_round();
    if (commands.empty()) {
        end(State::done);
        return;
    }
    awaited_ = commands.size();
    replies_.assign(commands.size(), {});
    calls_.assign(commands.size(), nullptr);
    StoreAsker *const asker = this;
    for (std::size_t number = 0; number < commands.size(); ++number) {
        auto call = std::make_unique<StoreCall>(std::move(commands[number]), asker, number);
        calls_[number] = call.get();
        if (!router_->send(std::move(call))) {
            calls_[number] = nullptr;  // a call that is refused is gone
            end(State::failed);
            return;
        }
    }
}

void StoreConversation::answered(std::size_t number, Reply reply) {
    calls_[number] = nullptr;
    replies_[number] = std::move(reply);
    if (--awaited_ > 0) {
        return;
    }
    calls_.clear();
    exchange_->take(replies_) ? next_round() : end(State::failed);
}

void StoreConversation::unanswered(std::size_t number) {
    calls_[number] = nullptr;
    end(State::failed);
}

// The timer ends what is left.
void StoreConversation::abandoned(std::size_t number) noexcept {
    calls_[number] = nullptr;
}

// The last thing that is done: the conversation may be gone afterwards.
void StoreConversation::end(State state) {
    cancel();
    state_ = state;
    if (!is_beginning_) {
        ended_(data_, state);
    }
}

void StoreConversation::on_timer(void *data) noexcept {
    auto *self = static_cast<StoreConversation *>(data);
    for (const StoreCall *call : self->calls_) {
        if (call != nullptr && call->node != nullptr) {
            call->node->timed_out();
            break;
        }
    }
    try {
        self->end(State::timed_out);
    } catch (const std::exception &exception) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0, "ipfence_store: %s", exception.what());
    }
}

}  // namespace ipfence::module
