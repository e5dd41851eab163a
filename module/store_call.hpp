#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include "engine/store/command.hpp"
#include "engine/store/reply.hpp"
#include "module/nginx.hpp"

namespace ipfence::module {

class StoreNode;

/// Who asks, and is told once for each command what came of it.
class StoreAsker {
  public:
    /// The reply to the asker's command of this number.
    virtual void answered(std::size_t number, Reply reply) = 0;

    /// There will be none: the connection is lost, or no server can be reached.
    virtual void unanswered(std::size_t number) = 0;

    /// The command is gone without a word, in an end of everything. Nothing can be sent from here.
    virtual void abandoned(std::size_t number) noexcept = 0;

  protected:
    ~StoreAsker() = default;
};

/// One command on its way. It belongs to whoever has it at the moment. The asker may go meanwhile,
/// which it says by setting `asker` to null (M08).
struct StoreCall {
    StoreCall(Command bytes, StoreAsker *who, std::size_t which) noexcept
        : command(std::move(bytes)), asker(who), number(which) {}
    StoreCall(const StoreCall &) = delete;
    StoreCall &operator=(const StoreCall &) = delete;
    ~StoreCall() {
        if (asker != nullptr) {
            asker->abandoned(number);
        }
    }

    void answer(Reply reply) {
        if (StoreAsker *who = std::exchange(asker, nullptr)) {
            who->answered(number, std::move(reply));
        }
    }
    void fail() {
        if (StoreAsker *who = std::exchange(asker, nullptr)) {
            who->unanswered(number);
        }
    }

    Command command;
    StoreAsker *asker;
    const std::size_t number;
    bool after_role = false;    ///< its connection is asked for ROLE before it
    bool after_asking = false;  ///< an ASK redirect leads it to where it goes
    unsigned hops = 0;          ///< how many servers it was sent to
    StoreNode *node = nullptr;  ///< where it is at present
    ngx_msec_t sent = 0;        ///< when it was; 0: not yet
    std::chrono::steady_clock::time_point sent_at{};  ///< likewise, for the mean of round trips
};

using StoreCallPointer = std::unique_ptr<StoreCall>;

}  // namespace ipfence::module
