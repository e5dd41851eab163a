#include "module/background_work.hpp"

#include <system_error>
#include <utility>

#include "module/exceptions.hpp"
#include "module/without_signals.hpp"

namespace ipfence::module {

BackgroundWork::BackgroundWork(std::function<void()> work, WithoutThread otherwise)
    : work_(std::move(work)) {
    try {
        const WithoutSignals blocked;
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error &) {
        if (otherwise == WithoutThread::fails) {
            throw;
        }
        run();
    }
}

BackgroundWork::~BackgroundWork() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

void BackgroundWork::run() noexcept {
    try {
        lacks_memory_ = !reserve_exceptions();
        if (!lacks_memory_) {
            work_();
        }
    } catch (...) {
        lacks_memory_ = true;
    }
    is_done_ = true;
}

}  // namespace ipfence::module
