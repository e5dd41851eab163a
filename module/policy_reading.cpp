#include "module/policy_reading.hpp"

#include <malloc.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <system_error>
#include <utility>

#include "engine/file_version.hpp"

namespace ipfence::module {

namespace {

// Whether a thread that has made way may take that back. Where it may not, it is nicer by one now.
bool may_hurry(pid_t thread) noexcept {
    const auto id = static_cast<id_t>(thread);
    const int nice = ::getpriority(PRIO_PROCESS, id);
    return ::setpriority(PRIO_PROCESS, id, nice + 1) == 0 &&
           ::setpriority(PRIO_PROCESS, id, nice) == 0;
}

bool is_large(const std::string &file) noexcept {
    constexpr off_t kLarge = 1 << 20;  // some ten milliseconds
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 && status.st_size > kLarge;
}

void set_scheduling(pid_t thread, int policy) noexcept {
    const sched_param no_priority{};
    (void)::sched_setscheduler(thread, policy, &no_priority);  // a wish
}

// Leaves the first of what is to be said, and returns how many there were more.
std::size_t cut(std::vector<Diagnostic> &said) {
    const std::size_t kept = std::min(said.size(), PolicyReading::kMostSaid);
    const std::size_t more = said.size() - kept;
    said.erase(said.begin() + static_cast<std::ptrdiff_t>(kept), said.end());
    return more;
}

// A document of millions of lines leaves as many holes in the heap. One thread at a time: glibc's
// allocator is set up when it is used first, which is here where another one has taken its place,
// and a second thread meets it half set up.
void give_back_holes() noexcept {
    static std::mutex one_at_a_time;
    const std::scoped_lock lock(one_at_a_time);
    ::malloc_trim(0);
}

}  // namespace

std::vector<std::string> files_of(const std::string &path, const PolicyBoard::Sources &sources) {
    std::vector<std::string> files{path};
    if (!sources.users_file.empty()) {
        files.push_back(sources.users_file);
    }
    return files;
}

PolicyBoard::Sources sources_of(const PolicyLoad &load) {
    return {load.version, load.files.size() > 1 ? load.files[1] : std::string{}};
}

std::unique_ptr<PolicyReading> PolicyReading::begin(std::string file, PolicyBoard &board,
                                                    ReadingRight right, std::string known) {
    try {
        return std::unique_ptr<PolicyReading>(
            new PolicyReading(std::move(file), board, std::move(right), std::move(known)));
    } catch (const std::system_error &) {
        return nullptr;
    }
}

PolicyReading::PolicyReading(std::string file, PolicyBoard &board, ReadingRight right,
                             std::string known)
    : file_(std::move(file)),
      board_(board),
      right_(std::move(right)),
      known_(std::move(known)),
      work_([this] { run(); }, BackgroundWork::WithoutThread::fails) {}

PolicyReading::~PolicyReading() {
    hurry();
}

void PolicyReading::allow_hurry() noexcept {
    constexpr rlim_t kAsNiceAsEverybody = 20;  // 20 less the nice value (getrlimit)
    rlimit limit{};
    if (::getrlimit(RLIMIT_NICE, &limit) == 0 && limit.rlim_cur < kAsNiceAsEverybody) {
        limit = {kAsNiceAsEverybody, std::max(kAsNiceAsEverybody, limit.rlim_max)};
        (void)::setrlimit(RLIMIT_NICE, &limit);  // only root may
    }
}

// Else a request waits until the thread's slice is over, some milliseconds each time.
void PolicyReading::yield_if_large() noexcept {
    const pid_t thread = ::gettid();
    const bool large = is_large(file_) || is_large(board_.sources().users_file);
    if (!large || ::sched_getscheduler(thread) != SCHED_OTHER || !may_hurry(thread)) {
        return;
    }
    set_scheduling(thread, SCHED_IDLE);
    yielding_thread_ = thread;
    if (is_urgent_) {
        hurry();
    }
}

void PolicyReading::hurry() noexcept {
    is_urgent_ = true;
    if (const pid_t thread = yielding_thread_.exchange(0); thread != 0) {
        set_scheduling(thread, SCHED_OTHER);
    }
}

void PolicyReading::run() {
    struct AfterReading {
        ~AfterReading() {
            // It holds a lock of the event loop's from here on, and is waited for.
            reading.hurry();
            give_back_holes();
        }
        PolicyReading &reading;
    };
    const AfterReading after{*this};
    yield_if_large();
    read();
}

void PolicyReading::read() {
    outcome_.load = load_policy(file_, {}, SourceKind::regular);
    outcome_.sources = sources_of(outcome_.load);
    outcome_.more_errors = cut(outcome_.load.errors);
    outcome_.more_warnings = cut(outcome_.load.warnings);
    const std::unique_ptr<const Policy> policy = std::move(outcome_.load.policy);
    if (policy != nullptr) {
        outcome_.hash = policy->hash();
    }
    if (policy != nullptr && outcome_.hash != known_) {
        outcome_.stored.emplace(board_.store(policy->image().bytes()));
    }
    outcome_.is_torn = version_of(outcome_.load.files) != outcome_.load.version;
}

}  // namespace ipfence::module
