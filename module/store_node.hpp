#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/status/store_tally.hpp"
#include "engine/store/breaker.hpp"
#include "module/event_timer.hpp"
#include "module/store_call.hpp"
#include "module/store_connection.hpp"
#include "module/store_settings.hpp"

namespace ipfence::module {

/// What a StoreNode tells the router that it belongs to. Each call is the router's again.
class StoreNodeUser {
  public:
    virtual void node_answered(StoreNode &node, StoreCallPointer call, Reply reply) = 0;

    /// The connection is lost, with what was on its way.
    virtual void node_lost(StoreNode &node, std::deque<StoreCallPointer> calls) = 0;

  protected:
    ~StoreNodeUser() = default;
};

/// One Redis node or Sentinel, as one worker sees it: a connection, made when it is needed, on
/// which commands are pipelined and their replies expected in order; and a breaker, which keeps
/// requests from spending their time on a node that does not answer. A command whose reply does not
/// come in time ends the connection, and everything that is on it (L12). So does, within a second,
/// that a node is no longer a master.
class StoreNode final : StoreConnectionUser {
  public:
    enum class Kind : std::uint8_t { redis, sentinel };

    StoreNode(StoreNodeUser &user, const StoreSettings &settings, StoreTally &tally, Kind kind,
              StoreEndpoint endpoint) noexcept;
    ~StoreNode();

    const StoreEndpoint &endpoint() const noexcept { return endpoint_; }
    Breaker::State breaker() const noexcept { return breaker_.state(); }

    /// Sends a command, as soon as the node is connected. Gives it back when the node cannot be
    /// asked now.
    [[nodiscard]] StoreCallPointer send(StoreCallPointer call);

    /// A command waited in vain for as long as its request could wait.
    void timed_out() noexcept { breaker_.failed(ngx_current_msec); }

    /// Ends the connection and gives its commands back, since the node turned out to be the wrong
    /// one.
    void leave(std::string_view why);

    /// Ends the connection silently; commands on it are never answered.
    void close() noexcept;

  private:
    enum class Stage : std::uint8_t { closed, connecting, greeting, ready };

    static void on_timer(void *data) noexcept;

    void connected() override;
    void received(const Reply &reply) override;
    void lost(std::string_view why) override;

    std::vector<std::string> greetings() const;
    void take_greeting(const Reply &reply);
    void become_ready();
    void transmit(StoreCall &call);
    void watch_oldest();
    void note_reply(const StoreCall &call, const Reply &reply);
    void say(ngx_uint_t level, std::string_view what);

    StoreNodeUser &user_;
    const StoreSettings &settings_;
    StoreTally &tally_;
    const Kind kind_;
    const StoreEndpoint endpoint_;
    StoreConnection connection_;
    Breaker breaker_;
    Stage stage_ = Stage::closed;
    std::size_t greetings_left_ = 0;
    ngx_msec_t role_asked_ = 0;
    std::deque<StoreCallPointer> calls_;  // in the order of their replies
    // Each request that waits has a timer of its own.
    EventTimer timer_{on_timer, this, EventTimer::AtQuit::leaves};
    bool is_reported_down_ = false;
};

}  // namespace ipfence::module
