#pragma once

#include <optional>
#include <string_view>

#include "engine/status/store_tally.hpp"
#include "engine/store/generation.hpp"
#include "engine/store/generation_question.hpp"
#include "engine/store/near_cache.hpp"
#include "engine/store/store_format.hpp"
#include "module/event_timer.hpp"
#include "module/store_connection.hpp"
#include "module/store_conversation.hpp"
#include "module/store_router.hpp"

namespace ipfence::module {

/// Hears what other nodes change, and drops this node's copies of it; one worker of a node has one,
/// for the zone that all its workers share. While it is sure to miss nothing it renews the lease on
/// which the zone's copies are trusted; where it may have missed something, it ends the trust in
/// all of them. Looks after itself by a timer.
class StoreSubscription final : StoreConnectionUser {
  public:
    /// All of these must outlive it.
    StoreSubscription(const StoreSettings &settings, const StoreFormat &format, NearCache &cache,
                      StoreRouter &router, StoreTally &tally) noexcept;
    StoreSubscription(const StoreSubscription &) = delete;
    StoreSubscription &operator=(const StoreSubscription &) = delete;

    void begin();

  private:
    static void on_timer(void *data) noexcept;
    static void on_counter(void *data, StoreConversation::State state);

    void connected() override;
    void received(const Reply &reply) override;
    void lost(std::string_view why) override;

    void tick();
    void connect();
    void disconnect() noexcept;
    void take_greeting(const Reply &reply);
    void take_message(std::string_view message);
    void ask_counter();
    void read_counter(StoreConversation::State state);

    const StoreSettings &settings_;
    const StoreFormat &format_;
    NearCache &cache_;
    StoreRouter &router_;
    StoreTally &tally_;
    const std::string channel_;
    StoreConnection connection_;
    StoreEndpoint endpoint_;
    GenerationTracker tracker_;
    std::optional<GenerationQuestion> question_;
    StoreConversation conversation_;
    EventTimer timer_{on_timer, this, EventTimer::AtQuit::leaves};
    bool is_subscribed_ = false;
    bool awaits_pong_ = false;
    bool was_reported_ = false;
    std::size_t greetings_left_ = 0;
};

}  // namespace ipfence::module
