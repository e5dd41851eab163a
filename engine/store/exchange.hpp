#pragma once

#include <span>
#include <vector>

#include "engine/store/command.hpp"
#include "engine/store/reply.hpp"

namespace ipfence {

/// A conversation with the store, one round trip after another, without the connection that it
/// goes over: whoever has one sends a round's commands, each to the server of its slot, follows
/// redirects, and hands the replies in. When a command has no reply (the budget is spent, the
/// connection is closed), the conversation is over and has failed; it is dropped.
class StoreExchange {
  public:
    StoreExchange() = default;
    StoreExchange(const StoreExchange &) = delete;
    StoreExchange &operator=(const StoreExchange &) = delete;
    virtual ~StoreExchange() = default;

    /// The commands of the next round trip; none: the conversation is over. To be called once a
    /// round. Commands of one round may be answered in any order.
    virtual std::vector<Command> next_round() = 0;

    /// The replies to all commands of the round, in the order of the commands. False when one of
    /// them is not what a store of ours answers: the conversation has failed.
    [[nodiscard]] virtual bool take(std::span<const Reply> replies) = 0;
};

}  // namespace ipfence
