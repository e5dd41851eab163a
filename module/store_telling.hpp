#pragma once

#include <memory>
#include <optional>

#include "engine/memory/memory.hpp"
#include "module/store_errands.hpp"

namespace ipfence::module {

struct RequestState;

/// What the shared store is to be told of one request, collected as it is learned; and the wait of
/// the request until it was told.
class StoreTelling final : public StoreErrands::Waiter {
  public:
    /// Called once when the wait is over.
    using Told = void (*)(RequestState &state, bool is_told) noexcept;

    StoreTelling(RequestState &state, SharedStore &store);
    ~StoreTelling();

    Changes &changes() noexcept { return *changes_; }

    /// Tells what was collected. `when_told` is called when `running` is returned, unless the
    /// request is closed before; null: nobody waits.
    StoreErrands::Begun begin(Told when_told);

  private:
    static void on_close(void *data) noexcept;
    void told(bool is_told) noexcept override;

    RequestState &state_;
    SharedStore &store_;
    std::unique_ptr<Changes> changes_;
    ngx_http_cleanup_t *cleanup_ = nullptr;
    Told told_ = nullptr;
};

/// While it lives, what is learned or forgotten for a request is collected for the store; without a
/// store it does nothing.
class LearningScope {
  public:
    explicit LearningScope(RequestState &state);

  private:
    std::optional<ChangesScope> scope_;
};

/// Tells the store what was collected. `told` is called, later, when `running` is returned.
StoreErrands::Begun tell_store(RequestState &state, StoreTelling::Told told);

/// The same, and nobody waits for it.
void tell_store_behind(RequestState &state);

}  // namespace ipfence::module
