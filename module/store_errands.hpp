#pragma once

#include <list>
#include <memory>

#include "engine/memory/changes.hpp"
#include "module/event_timer.hpp"
#include "module/once_a_minute.hpp"
#include "module/store_conversation.hpp"

namespace ipfence::module {

class SharedStore;

/// What one worker tells the store. An errand is the worker's own: it is carried out also when the
/// request that it began with has ended. What makes others forget is tried again until they were
/// told, and so is the event of what is in the store; what only lets them know is not.
class StoreErrands {
  public:
    class Errand;

    /// Who waits for the end of an errand.
    class Waiter {
      public:
        /// The errand has ended; called once, and never after `let_go`.
        virtual void told(bool is_told) noexcept = 0;

        /// Waits no longer.
        void let_go() noexcept;

      protected:
        ~Waiter() { let_go(); }

      private:
        friend class StoreErrands;
        Errand *errand_ = nullptr;
    };

    enum class Begun : std::uint8_t {
        running,
        told,    ///< there was nothing to tell
        failed,  ///< the store cannot be told now
    };

    explicit StoreErrands(SharedStore &store) noexcept;
    StoreErrands(const StoreErrands &) = delete;
    StoreErrands &operator=(const StoreErrands &) = delete;
    ~StoreErrands();

    /// Tells the store of these changes, within this time. `waiter`, if any, hears of the end when
    /// it returns `running`.
    Begun tell(std::unique_ptr<Changes> changes, ngx_msec_t budget, Waiter *waiter);

  private:
    /// At most so many wait to be tried again; more than that are a store that was down for long.
    static constexpr std::size_t kMaxWaiting = 10'000;

    /// So many of them are tried again at once.
    static constexpr std::size_t kMaxRetries = 32;

    static void on_timer(void *data) noexcept;
    static std::size_t places_for(const Errand &errand) noexcept;
    static bool has_told(const Errand &errand, StoreConversation::State state) noexcept;

    Begun begin_or_wait(Errand &errand, ngx_msec_t budget);
    Begun begin(Errand &errand, ngx_msec_t budget);
    void end(Errand &errand, StoreConversation::State state);
    void settle(Errand &errand, bool is_told);
    void note_untold() noexcept;
    void go_on() noexcept;
    void try_again();

    SharedStore &store_;
    std::list<std::unique_ptr<Errand>> running_;
    std::list<std::unique_ptr<Errand>> waiting_;
    std::size_t retries_ = 0;  // of those that run
    std::size_t untold_ = 0;
    OnceAMinute time_to_say_untold_;
    EventTimer timer_{on_timer, this, EventTimer::AtQuit::leaves};
};

}  // namespace ipfence::module
