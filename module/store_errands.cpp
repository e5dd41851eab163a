#include "module/store_errands.hpp"

#include <algorithm>
#include <utility>

#include "engine/store/store_write.hpp"
#include "module/shared_store.hpp"
#include "module/shared_zone.hpp"

namespace ipfence::module {

namespace {

constexpr ngx_msec_t kRetryInterval = 1000;
// Nobody waits for a retry: what a store that is busy needs.
constexpr ngx_msec_t kLeastRetryBudget = 1000;

bool makes_others_forget(const Changes &changes) noexcept {
    return !changes.forgotten_grants().empty() || !changes.forgotten_sessions().empty() ||
           !changes.forgotten_credentials().empty() || !changes.revoked_credentials().empty();
}

StoreCounter counter_of(StoreConversation::State state, bool was_sent) noexcept {
    switch (state) {
        case StoreConversation::State::done:
            return StoreCounter::writes_done;
        case StoreConversation::State::timed_out:
            return StoreCounter::writes_timed_out;
        default:
            return was_sent ? StoreCounter::writes_failed : StoreCounter::writes_refused;
    }
}

}  // namespace

class StoreErrands::Errand {
  public:
    Errand(StoreErrands &owner_, std::unique_ptr<Changes> changes_) noexcept
        : owner(owner_), changes(std::move(changes_)) {}

    // What makes others forget; and what is in the store and they did not hear of.
    bool must_be_repeated() const noexcept {
        return makes_others_forget(*changes) || (write && write->owes_events());
    }

    StoreErrands &owner;
    // In the list that it is in: where a store is lost, thousands may end at once.
    std::list<std::unique_ptr<Errand>>::iterator place;
    const std::unique_ptr<Changes> changes;
    std::optional<StoreWrite> write;
    StoreConversation conversation;
    Waiter *waiter = nullptr;
    bool is_retry = false;
};

bool StoreErrands::has_told(const Errand &errand, StoreConversation::State state) noexcept {
    return state == StoreConversation::State::done &&
           errand.write->outcome() == StoreWrite::Outcome::done;
}

void StoreErrands::Waiter::let_go() noexcept {
    if (Errand *errand = std::exchange(errand_, nullptr)) {
        errand->waiter = nullptr;
    }
}

StoreErrands::StoreErrands(SharedStore &store) noexcept : store_(store) {}

StoreErrands::~StoreErrands() {
    const auto unfinished = std::ranges::count_if(
        running_, [](const auto &errand) { return errand->must_be_repeated(); });
    const std::size_t untold = waiting_.size() + untold_ + static_cast<std::size_t>(unfinished);
    if (untold != 0) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "ipfence_store: %uz revocations and other changes were not told to the other "
                      "nodes, which go by what they know until that expires",
                      untold);
    }
    for (const auto &errand : running_) {
        if (errand->waiter != nullptr) {
            errand->waiter->let_go();
        }
    }
}

StoreErrands::Begun StoreErrands::tell(std::unique_ptr<Changes> changes, ngx_msec_t budget,
                                       Waiter *waiter) {
    running_.push_front(std::make_unique<Errand>(*this, std::move(changes)));
    Errand &errand = *running_.front();
    errand.place = running_.begin();
    const Begun begun = begin_or_wait(errand, budget);
    if (begun == Begun::running && waiter != nullptr) {
        errand.waiter = waiter;
        waiter->errand_ = &errand;
    }
    return begun;
}

// Without memory it waits to be tried again, as if the store had failed.
StoreErrands::Begun StoreErrands::begin_or_wait(Errand &errand, ngx_msec_t budget) {
    try {
        return begin(errand, budget);
    } catch (...) {
        errand.conversation.cancel();
        settle(errand, false);
        throw;
    }
}

StoreErrands::Begun StoreErrands::begin(Errand &errand, ngx_msec_t budget) {
    if (errand.write && errand.write->owes_events()) {
        errand.write->resume();
    } else {
        errand.write.emplace(store_.format(), store_.near_cache(), *errand.changes,
                             Instant{ngx_time(), memory_now()});
    }
    const auto ended = [](void *data, StoreConversation::State state) {
        auto *of = static_cast<Errand *>(data);
        of->owner.end(*of, state);
    };
    const auto state =
        errand.conversation.begin(store_.router(), *errand.write, budget, ended, &errand);
    if (state == StoreConversation::State::running) {
        return Begun::running;
    }
    const bool is_told = has_told(errand, state);
    if (!is_told) {
        store_.tally().count(counter_of(state, false));
    }
    settle(errand, is_told);
    return is_told ? Begun::told : Begun::failed;
}

void StoreErrands::end(Errand &errand, StoreConversation::State state) {
    store_.tally().count(counter_of(state, true));
    store_.note_standing();
    const bool is_told = has_told(errand, state);
    const bool goes_on = is_told && errand.is_retry;
    Waiter *waiter = std::exchange(errand.waiter, nullptr);
    settle(errand, is_told);
    if (waiter != nullptr) {
        waiter->errand_ = nullptr;
        waiter->told(is_told);
    }
    if (goes_on) {
        go_on();
    }
}

// Ends an errand, or lets it wait to be tried again.
void StoreErrands::settle(Errand &errand, bool is_told) {
    const auto place = errand.place;
    const bool had_place = std::exchange(errand.is_retry, false);
    retries_ -= had_place ? 1U : 0U;
    if (is_told || !errand.must_be_repeated()) {
        running_.erase(place);
        return;
    }
    if (!had_place && waiting_.size() + retries_ >= places_for(errand)) {
        running_.erase(place);
        note_untold();
        return;
    }
    waiting_.splice(waiting_.end(), running_, place);
    if (!timer_.is_set()) {
        timer_.set(kRetryInterval);
    }
}

// Anybody can revoke what is nobody's token: that leaves half of the places to what is known here.
std::size_t StoreErrands::places_for(const Errand &errand) noexcept {
    return errand.changes->revoked_credentials().empty() ? kMaxWaiting : kMaxWaiting / 2;
}

void StoreErrands::note_untold() noexcept {
    ++untold_;
    store_.tally().count(StoreCounter::untold);
    if (!time_to_say_untold_.is_due()) {
        return;
    }
    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "ipfence_store: too many changes wait for the store; revocations and others that "
                  "the other nodes will not be told of, by this worker: %uz",
                  untold_);
}

void StoreErrands::on_timer(void *data) noexcept {
    static_cast<StoreErrands *>(data)->go_on();
}

void StoreErrands::go_on() noexcept {
    try {
        try_again();
    } catch (...) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                      "ipfence_store: no memory to tell the other nodes of a change; tried again");
        timer_.set(kRetryInterval);
    }
}

// Until the store fails again: the others would, too. A few at a time, and the next when one was
// told: all at once would be slower than the time that they have.
void StoreErrands::try_again() {
    const ngx_msec_t budget = std::max(store_.settings().timeout, kLeastRetryBudget);
    while (!waiting_.empty() && retries_ < kMaxRetries) {
        running_.splice(running_.begin(), waiting_, waiting_.begin());
        running_.front()->is_retry = true;
        ++retries_;
        if (begin_or_wait(*running_.front(), budget) == Begun::failed) {
            return;
        }
    }
}

}  // namespace ipfence::module
