#include "module/policy_reading.hpp"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>

#include <system_error>
#include <utility>

#include "module/file_version.hpp"

namespace ipfence::module {

namespace {

// nginx's signals are for the thread of its event loop.
class WithoutSignals {
  public:
    WithoutSignals() noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    WithoutSignals(const WithoutSignals &) = delete;
    WithoutSignals &operator=(const WithoutSignals &) = delete;
    ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_;
};

}  // namespace

PolicyBoard::Sources sources_of(const PolicyLoad &load) {
    return {version_of(load.files), load.files.size() > 1 ? load.files[1] : std::string{}};
}

std::unique_ptr<PolicyReading> PolicyReading::begin(std::string file, PolicyBoard &board,
                                                    std::string known) {
    try {
        return std::unique_ptr<PolicyReading>(
            new PolicyReading(std::move(file), board, std::move(known)));
    } catch (const std::system_error &) {
        return nullptr;
    }
}

PolicyReading::PolicyReading(std::string file, PolicyBoard &board, std::string known)
    : file_(std::move(file)), board_(board), known_(std::move(known)) {
    const WithoutSignals blocked;
    thread_ = std::thread([this] { run(); });
}

PolicyReading::~PolicyReading() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

void PolicyReading::run() noexcept {
    try {
        read();
    } catch (...) {
        outcome_.load.errors = {{file_, 0, "", "there is no memory to read it"}};
    }
    // A document of millions of lines leaves as many holes in the heap.
    ::malloc_trim(0);
    is_done_ = true;
}

void PolicyReading::read() {
    const std::uint64_t before = version_of({file_});
    outcome_.load = load_policy(file_);
    outcome_.sources = sources_of(outcome_.load);
    const std::unique_ptr<const Policy> policy = std::move(outcome_.load.policy);
    if (policy != nullptr) {
        outcome_.hash = policy->hash();
        outcome_.size = policy->image().bytes().size();
    }
    if (policy != nullptr && outcome_.hash != known_) {
        outcome_.stored.emplace(board_.store(policy->image().bytes()));
    }
    outcome_.is_torn = version_of({file_}) != before ||
                       sources_of(outcome_.load).version != outcome_.sources.version;
}

}  // namespace ipfence::module
