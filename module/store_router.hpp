#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "engine/store/cluster.hpp"
#include "module/store_node.hpp"

namespace ipfence::module {

/// One worker's way to the store: finds out what kind of store it is (one server and its stand-ins,
/// a server that Sentinels name, a cluster) and who is its master or masters, sends each command to
/// the node that it belongs to, and follows redirects and failovers. Nothing blocks; whoever asks
/// has a timer of its own.
class StoreRouter final : StoreNodeUser, StoreAsker {
  public:
    StoreRouter(const StoreSettings &settings, StoreTally &tally) noexcept
        : settings_(settings), tally_(tally) {}

    StoreRouter(const StoreRouter &) = delete;
    StoreRouter &operator=(const StoreRouter &) = delete;

    /// Begins to look for the store, so that the first request finds the connection made.
    void begin();

    /// Sends a command. False when it cannot be sent now, which the asker is then not told again.
    [[nodiscard]] bool send(StoreCallPointer call);

    /// The node that publishes what changes, to be subscribed to: the one that counts the events,
    /// so that they come in the order of their numbers. Empty while nobody knows it.
    std::optional<StoreEndpoint> publisher();

    /// Whether any node can be asked.
    Breaker::State breaker() const noexcept;

  private:
    static constexpr std::size_t kMaxNodes = 1024;
    /// A command goes to no more servers than this: where it belonged, where it was redirected to,
    /// and where it was after a failover.
    static constexpr unsigned kMaxHops = 3;

    void answered(std::size_t number, Reply reply) override;
    void unanswered(std::size_t number) override;
    void abandoned(std::size_t number) noexcept override;
    void node_answered(StoreNode &node, StoreCallPointer call, Reply reply) override;
    void node_lost(StoreNode &node, std::deque<StoreCallPointer> calls) override;

    bool is_found() const noexcept { return master_ != nullptr || slots_.has_value(); }
    bool uses_sentinels() const noexcept { return !settings_.sentinel_master.empty(); }
    StoreNode *node_of(const StoreEndpoint &endpoint, StoreNode::Kind kind);
    StoreNode *node_of(const ServerName &server);
    StoreNode *node_for(std::optional<std::uint16_t> slot);
    bool look_for_store();
    bool ask_next_candidate();
    bool ask_candidate(const StoreEndpoint &candidate);
    void refresh_map();
    void take_found(StoreNode &node, const Reply &reply);
    void take_master(StoreNode *node);
    void take_slots(SlotMap slots);
    void end_search();
    void give_up_search();
    void look_again() noexcept;
    bool redirect(StoreNode &node, StoreCallPointer &call, const Reply &reply);
    void send_or_fail(StoreCallPointer call);

    const StoreSettings &settings_;
    StoreTally &tally_;
    std::vector<std::unique_ptr<StoreNode>> nodes_;
    StoreNode *master_ = nullptr;   // of a store that is not a cluster
    std::optional<SlotMap> slots_;  // of a cluster
    bool is_searching_ = false;
    bool is_map_old_ = false;
    ngx_msec_t map_asked_ = 0;
    StoreNode *asked_ = nullptr;  // in the search
    std::size_t candidate_ = 0;
    std::size_t candidates_left_ = 0;
    std::deque<StoreCallPointer> waiting_;  // for the end of the search
};

}  // namespace ipfence::module
