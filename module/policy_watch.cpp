#include "module/policy_watch.hpp"

#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "engine/file_version.hpp"
#include "module/background_work.hpp"
#include "module/policy_release.hpp"

namespace ipfence::module {

namespace {

constexpr ngx_msec_t kIntervalOfGivingBack = 1;

// How long a large policy may take to be read in time that is left over.
constexpr ngx_msec_t kPatience = 5000;

// Until a change is read again for which there was no descriptor or no memory.
constexpr ngx_msec_t kPauseBeforeReadingAgain = 1000;

bool has_passed(ngx_msec_t time) noexcept {
    return static_cast<ngx_msec_int_t>(ngx_current_msec - time) >= 0;
}

static_assert(PolicyBoard::kMaxWorkers >= NGX_MAX_PROCESSES);

}  // namespace

PolicyWatch::PolicyWatch(const std::string &path, PolicyBoard &board,
                         std::shared_ptr<const Policy> &current) noexcept
    : path_(path), board_(board), current_(current) {}

void PolicyWatch::begin_worker(ngx_cycle_t *cycle) noexcept {
    board_.begin_worker();
    timing_ = {};
    timer_.begin_worker(cycle->log);
    if (ngx_worker == 0) {
        warn_of_unreadable_files();
    }
    on_timer(this);
}

// The master, which read them, may be another user.
void PolicyWatch::warn_of_unreadable_files() noexcept {
    try {
        for (const std::string &file : files_of(path_, board_.sources())) {
            if (::access(file.c_str(), R_OK) != 0 && errno == EACCES) {
                log(NGX_LOG_WARN,
                    "\"" + file +
                        "\" cannot be read by the workers' user (Permission denied): a "
                        "change of it comes into force by a reload only; let that user "
                        "read it");
            }
        }
    } catch (...) {
        return;  // for want of memory, of which the first look says more
    }
}

void PolicyWatch::end_worker() noexcept {
    timer_.end_worker();
    reading_.reset();
}

void PolicyWatch::on_timer(void *data) noexcept {
    auto *watch = static_cast<PolicyWatch *>(data);
    if (watch->board_.unmap_some() || watch->board_.give_back_some()) {
        watch->timer_.set(kIntervalOfGivingBack);
        return;
    }
    try {
        watch->look();
        watch->lacks_memory_ = false;
    } catch (...) {
        const ngx_uint_t level =
            std::exchange(watch->lacks_memory_, true) ? NGX_LOG_INFO : NGX_LOG_ALERT;
        ngx_log_error(level, watch->timer_.log(), 0,
                      "ipfence: no memory to look after \"%s\"; the policy in force stays",
                      watch->path_.c_str());
    }
    watch->timer_.set(watch->reading_ == nullptr ? ChangeTiming::kInterval : kIntervalOfReading);
}

void PolicyWatch::look() {
    if (reading_ != nullptr) {
        if (reading_->is_done()) {
            end_reading();
        } else if (ngx_current_msec - reading_began_ > kPatience) {
            reading_->hurry();
        }
        return;
    }
    if (board_.current() != number_) {
        adopt();
    }
    if (board_.uses_former()) {
        release_former_policies();
    }
    const PolicyBoard::Sources sources = board_.sources();
    const FilesVersion files = look_at(files_of(path_, sources));
    const ChangeTiming::Moment moment = timing_.look(files);
    if (files.value() == sources.version) {
        is_put_off_ = false;  // by another worker, or it is as it was
    } else if (moment != ChangeTiming::Moment::wait && (!is_put_off_ || has_passed(read_again_))) {
        may_be_cut_ = moment == ChangeTiming::Moment::passing;
        begin_reading(sources);
    }
}

void PolicyWatch::adopt() {
    auto adopted = board_.adopt();
    if (!adopted) {
        return;
    }
    std::shared_ptr<const Policy> policy = Policy::open_checked(std::move(adopted->image));
    log(NGX_LOG_NOTICE, "policy " + std::string(policy->hash()) + " is in force, in place of " +
                            std::string(current_->hash()));
    current_ = std::move(policy);
    number_ = adopted->number;
}

void PolicyWatch::begin_reading(const PolicyBoard::Sources &sources) {
    if (!board_.has_room()) {
        log_seldom(
            "has changed, and is read when one of the last policies is used no more: requests that "
            "are not decided yet use each of them");
        return;
    }
    std::optional<ReadingRight> right = ReadingRight::take(board_);
    // Another worker may have read it between this look and the right.
    if (!right || board_.sources().version != sources.version) {
        return;
    }
    // This worker's own may not be the one in force, where it has not adopted that yet.
    const bool is_in_force = board_.current() == number_;
    std::string known = is_in_force ? std::string(current_->hash()) : std::string{};
    reading_ = PolicyReading::begin(path_, board_, std::move(*right), std::move(known));
    reading_began_ = ngx_current_msec;
    if (reading_ == nullptr) {
        put_off("the system has no thread to read it");
    }
}

void PolicyWatch::end_reading() {
    const std::unique_ptr<PolicyReading> reading = std::move(reading_);
    PolicyReading::Outcome &outcome = reading->outcome();
    const bool is_faulty = !outcome.load.errors.empty();
    if (outcome.is_torn || (may_be_cut_ && is_faulty)) {
        return;
    }
    if (reading->lacks_memory()) {
        put_off("there is no memory to read it");
        return;
    }
    if (outcome.load.is_passing) {
        put_off(outcome.load.errors.front().text());
        return;
    }
    if (outcome.stored && !outcome.stored->ok()) {
        put_off(outcome.stored->error().message);
        return;
    }
    has_read();
    log(NGX_LOG_WARN, outcome.load.warnings, outcome.more_warnings, "warnings");
    log(NGX_LOG_ERR, outcome.load.errors, outcome.more_errors, "errors");
    if (outcome.stored) {
        reading->right().publish(**outcome.stored, outcome.sources);
        adopt();
        return;
    }
    if (is_faulty) {
        log(NGX_LOG_ERR, "is faulty, and changes nothing: policy " + std::string(current_->hash()) +
                             " stays in force");
    } else if (board_.is_faulty()) {
        log(NGX_LOG_NOTICE, "is faulty no more, and is policy " + std::string(current_->hash()) +
                                ", which is in force");
    }
    reading->right().refuse(outcome.sources, is_faulty);
}

void PolicyWatch::put_off(const std::string &why) {
    // Half of the time at most is spent on what fails.
    read_again_ = ngx_current_msec + kPauseBeforeReadingAgain + (ngx_current_msec - reading_began_);
    if (!std::exchange(is_put_off_, true)) {
        log(NGX_LOG_ERR,
            "has changed, and cannot be read for now: policy " + std::string(current_->hash()) +
                " stays in force until it can be; it is tried again and again: " + why);
    }
}

void PolicyWatch::has_read() {
    if (std::exchange(is_put_off_, false)) {
        log(NGX_LOG_NOTICE, "can be read again");
    }
}

void PolicyWatch::log_seldom(const std::string &reason) {
    if (time_to_say_.is_due()) {
        log(NGX_LOG_ERR, reason);
    }
}

void PolicyWatch::log(ngx_uint_t level, std::span<const Diagnostic> said, std::size_t more,
                      const char *what) const {
    for (const Diagnostic &diagnostic : said) {
        log(level, diagnostic.text());
    }
    if (more != 0) {
        log(level, "and " + std::to_string(more) + " more " + what +
                       ", all of which `ipfence check` says");
    }
}

void PolicyWatch::log(ngx_uint_t level, const std::string &text) const noexcept {
    const ngx_str_t line = ngx_view(text);
    ngx_log_error(level, timer_.log(), 0, "ipfence_policy \"%s\": %V", path_.c_str(), &line);
}

}  // namespace ipfence::module
