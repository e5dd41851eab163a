#include "module/store_telling.hpp"

#include <utility>

#include "module/end_of_request.hpp"
#include "module/request_state.hpp"
#include "module/shared_store.hpp"
#include "module/shared_zone.hpp"

namespace ipfence::module {

using Begun = StoreErrands::Begun;

StoreTelling::StoreTelling(RequestState &state, SharedStore &store)
    : state_(state), store_(store), changes_(std::make_unique<Changes>()) {}

StoreTelling::~StoreTelling() {
    if (cleanup_ != nullptr) {
        cleanup_->handler = nullptr;
    }
}

Begun StoreTelling::begin(Told when_told) {
    if (changes_->empty()) {
        return Begun::told;
    }
    auto changes = std::exchange(changes_, std::make_unique<Changes>());
    const ngx_msec_t budget = state_.store_budget.left(store_.settings().timeout);
    if (when_told == nullptr) {
        return store_.errands().tell(std::move(changes), budget, nullptr);
    }
    // nginx may end a request long before it frees its pool.
    if (cleanup_ == nullptr) {
        cleanup_ = ngx_http_cleanup_add(state_.request, 0);
        if (cleanup_ == nullptr) {
            return Begun::failed;
        }
        cleanup_->handler = on_close;
        cleanup_->data = this;
    }
    told_ = when_told;
    state_.store_budget.begin();
    return store_.errands().tell(std::move(changes), budget, this);
}

void StoreTelling::on_close(void *data) noexcept {
    auto *self = static_cast<StoreTelling *>(data);
    self->cleanup_ = nullptr;
    self->let_go();
}

void StoreTelling::told(bool is_told) noexcept {
    state_.store_budget.end();
    told_(state_, is_told);
}

LearningScope::LearningScope(RequestState &state) {
    const ngx_http_ipfence_main_conf_t *main = main_configuration(state.request);
    if (main->store == nullptr) {
        return;
    }
    if (state.store_telling == nullptr) {
        watch_end_of_request(state);
        state.store_telling = std::make_unique<StoreTelling>(state, *main->store);
    }
    scope_.emplace(*memory_of(state), state.store_telling->changes());
}

Begun tell_store(RequestState &state, StoreTelling::Told told) {
    return state.store_telling == nullptr ? Begun::told : state.store_telling->begin(told);
}

void tell_store_behind(RequestState &state) {
    (void)tell_store(state, nullptr);
}

}  // namespace ipfence::module
