#include "module/store_subscription.hpp"

#include <utility>

#include "module/shared_zone.hpp"

namespace ipfence::module {

namespace {

constexpr ngx_msec_t kCheckInterval = 1000;
constexpr ngx_msec_t kConnectInterval = 100;

static_assert(kCheckInterval / 1000 < NearCache::kLease);  // a check that fails is not the end yet

}  // namespace

StoreSubscription::StoreSubscription(const StoreSettings &settings, const StoreFormat &format,
                                     NearCache &cache, StoreRouter &router,
                                     StoreTally &tally) noexcept
    : settings_(settings),
      format_(format),
      cache_(cache),
      router_(router),
      tally_(tally),
      channel_(format.names().events()),
      connection_(*this, settings.tls.get()) {}

void StoreSubscription::begin() {
    cache_.distrust();  // whatever happened while nobody listened
    timer_.set(1);
}

void StoreSubscription::on_timer(void *data) noexcept {
    auto *self = static_cast<StoreSubscription *>(data);
    try {
        self->tick();
    } catch (...) {
        self->disconnect();
    }
    self->timer_.set(self->connection_.is_open() ? kCheckInterval : kConnectInterval);
}

void StoreSubscription::tick() {
    if (!connection_.is_open()) {
        connect();
        return;
    }
    const auto publisher = router_.publisher();
    if (publisher && !(*publisher == endpoint_)) {
        lost("another server is the master");
        return;
    }
    if (!is_subscribed_ || std::exchange(awaits_pong_, true)) {
        lost("it does not answer in time");
        return;
    }
    tally_.set_subscribed(true);  // an older worker, which has ended, may have said otherwise
    connection_.write(ping_command());
    ask_counter();
}

void StoreSubscription::connect() {
    const auto publisher = router_.publisher();
    if (!publisher) {
        router_.begin();
        return;
    }
    endpoint_ = *publisher;
    if (connection_.open(endpoint_)) {
        is_subscribed_ = false;
        awaits_pong_ = false;
    }
}

void StoreSubscription::connected() {
    const StoreLocation &location = settings_.location;
    greetings_left_ = 0;
    if (!location.password.empty()) {
        connection_.write(authenticate_command(location.user, location.password));
        ++greetings_left_;
    }
    connection_.write(subscribe_command(channel_));
}

void StoreSubscription::take_greeting(const Reply &reply) {
    if (greetings_left_ > 0) {
        --greetings_left_;
        if (!reply.is_status("OK")) {
            lost(reply.text);
        }
        return;
    }
    const bool is_confirmed = reply.is(Reply::Kind::list) && reply.items.size() == 3 &&
                              reply.items[0].text == "subscribe" && reply.items[1].text == channel_;
    if (!is_confirmed) {
        lost(reply.is(Reply::Kind::error) ? reply.text : "it does not confirm the subscription");
        return;
    }
    is_subscribed_ = true;
    was_reported_ = false;
    tally_.count(StoreCounter::subscriptions);
    tally_.set_subscribed(true);
    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0, "ipfence_store: subscribed to %s at %s",
                  channel_.c_str(), endpoint_.name().c_str());
    cache_.distrust();
    tracker_.subscribed();
    ask_counter();
}

void StoreSubscription::received(const Reply &reply) {
    if (!is_subscribed_) {
        take_greeting(reply);
        return;
    }
    if (!reply.is(Reply::Kind::list) || reply.items.empty()) {
        lost("it sent what is no message");
        return;
    }
    if (reply.items[0].text == "pong") {
        awaits_pong_ = false;
    } else if (reply.items[0].text == "message" && reply.items.size() == 3) {
        take_message(reply.items[2].text);
    }
}

// What nobody with the key wrote leaves a gap in the numbers, if it took one.
void StoreSubscription::take_message(std::string_view message) {
    const auto event = format_.events().read(message);
    if (!event) {
        tally_.count(StoreCounter::forged_events);
        return;
    }
    tally_.count(StoreCounter::events);
    cache_.apply(event->event, memory_now());
    if (tracker_.event_arrived(event->generation) == GenerationTracker::Gap::yes) {
        tally_.count(StoreCounter::gaps);
        cache_.distrust();
        tracker_.subscribed();
        ask_counter();
    }
}

void StoreSubscription::ask_counter() {
    if (conversation_.state() == StoreConversation::State::running) {
        return;
    }
    tracker_.counter_asked();
    // A new one each time: what an earlier one was answered says nothing of now.
    question_.emplace(format_.names().generation());
    const auto state =
        conversation_.begin(router_, *question_, settings_.timeout, on_counter, this);
    if (state != StoreConversation::State::running) {
        read_counter(state);
    }
}

void StoreSubscription::on_counter(void *data, StoreConversation::State state) {
    static_cast<StoreSubscription *>(data)->read_counter(state);
}

void StoreSubscription::read_counter(StoreConversation::State state) {
    if (state != StoreConversation::State::done || !is_subscribed_ || !question_->generation()) {
        return;  // the lease runs out
    }
    if (tracker_.counter_read(*question_->generation()) == GenerationTracker::Gap::yes) {
        tally_.count(StoreCounter::gaps);
        cache_.distrust();
        tracker_.subscribed();
        return;
    }
    if (tracker_.is_following()) {
        cache_.renew(memory_now());
    }
}

void StoreSubscription::disconnect() noexcept {
    connection_.close();
    is_subscribed_ = false;
    tally_.set_subscribed(false);
    tracker_.unsubscribed();
    cache_.distrust();
}

void StoreSubscription::lost(std::string_view why) {
    disconnect();
    if (!std::exchange(was_reported_, true)) {
        const ngx_str_t text = ngx_view(why);
        ngx_log_error(
            NGX_LOG_ERR, ngx_cycle->log, 0,
            "ipfence_store: what other nodes change is not heard of, so the store is asked "
            "each time: %s: %V",
            endpoint_.name().c_str(), &text);
    }
}

}  // namespace ipfence::module
