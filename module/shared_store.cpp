#include "module/shared_store.hpp"

#include <new>

namespace ipfence::module {

namespace {

// No zone can be called so: a word of the configuration has no space.
constexpr const char *kTallyName = " store";

std::shared_ptr<ZoneMapping> tally_memory(ngx_conf_t *cf) {
    const std::size_t size = ngx_align(sizeof(StoreTally), ngx_pagesize);
    auto mapping = ZoneMapping::find(kTallyName, size, ngx_inherited);
    if (mapping != nullptr) {
        return mapping;
    }
    auto created = ZoneMapping::create(kTallyName, size);
    if (!created) {
        const ngx_str_t text = ngx_view(created.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_store: no memory to count in: %V", &text);
        return nullptr;
    }
    new ((*created)->memory().data()) StoreTally;
    return *created;
}

static_assert(StoreTally::kLongestPause == Breaker::kLongestPause);

StoreTally::Standing standing_of(Breaker::State state) noexcept {
    switch (state) {
        case Breaker::State::closed:
            return StoreTally::Standing::closed;
        case Breaker::State::half_open:
            return StoreTally::Standing::half_open;
        case Breaker::State::open:
            break;
    }
    return StoreTally::Standing::open;
}

}  // namespace

SharedStore::SharedStore(StoreSettings settings, StoreFormat format,
                         std::shared_ptr<ZoneMapping> mapping, StoreTally *tally) noexcept
    : settings_(std::move(settings)),
      format_(std::move(format)),
      mapping_(std::move(mapping)),
      tally_(tally) {}

std::unique_ptr<SharedStore> SharedStore::make(ngx_conf_t *cf, StoreSettings settings) {
    auto format = StoreFormat::with(settings.key, settings.prefix);
    if (!format) {
        const ngx_str_t text = ngx_view(format.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_store: %V", &text);
        return nullptr;
    }
    auto mapping = tally_memory(cf);
    if (mapping == nullptr) {
        return nullptr;
    }
    auto *tally = std::launder(reinterpret_cast<StoreTally *>(mapping->memory().data()));
    return std::unique_ptr<SharedStore>(
        new SharedStore(std::move(settings), std::move(format).value(), std::move(mapping), tally));
}

void SharedStore::begin_worker() noexcept {
    router_.emplace(settings_, *tally_);
    errands_.emplace(*this);
    try {
        router_->begin();
        if (ngx_worker == 0) {
            subscription_.emplace(settings_, format_, *near_cache_, *router_, *tally_);
            subscription_->begin();
        }
    } catch (...) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                      "ipfence_store: no memory to begin with; each request will ask the store");
    }
    note_standing();
}

void SharedStore::end_worker() noexcept {
    subscription_.reset();
    errands_.reset();
    router_.reset();
}

void SharedStore::note_standing() noexcept {
    tally_->set_standing(ngx_worker, standing_of(router_->breaker()), ngx_current_msec);
}

}  // namespace ipfence::module
