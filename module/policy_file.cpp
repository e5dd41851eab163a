#include "module/policy_file.hpp"

#include <algorithm>
#include <ranges>
#include <span>
#include <utility>
#include <vector>

#include "engine/policy/load_policy.hpp"
#include "module/directive.hpp"
#include "module/file_version.hpp"

namespace ipfence::module {

namespace {

// A change is read when two looks saw it: by then most writers are done. So it is in force within
// three of these and the time that reading takes.
constexpr ngx_msec_t kInterval = 250;
constexpr ngx_msec_t kIntervalOfReading = 20;
constexpr ngx_msec_t kIntervalOfUnmapping = 1;

// How long a large policy may take to be read in time that is left over.
constexpr ngx_msec_t kPatience = 5000;

void report(ngx_conf_t *cf, ngx_uint_t level, const std::vector<Diagnostic> &diagnostics) {
    for (const Diagnostic &diagnostic : diagnostics) {
        const std::string text = diagnostic.text();
        const ngx_str_t line = ngx_view(text);
        ngx_conf_log_error(level, cf, 0, "%V", &line);
    }
}

// Those of the configurations that this process has, the newest last.
std::vector<PolicyFile *> &living() {
    static std::vector<PolicyFile *> list;
    return list;
}

std::vector<std::string> files_of(const std::string &path, const PolicyBoard::Sources &sources) {
    std::vector<std::string> files{path};
    if (!sources.users_file.empty()) {
        files.push_back(sources.users_file);
    }
    return files;
}

}  // namespace

PolicyFile::PolicyFile(std::string path, Beginning beginning, std::unique_ptr<PolicyBoard> board)
    : path_(std::move(path)),
      board_(std::move(board)),
      beginning_(std::move(beginning)),
      current_(beginning_.policy) {
    living().push_back(this);
}

PolicyFile::~PolicyFile() {
    std::erase(living(), this);
}

// A policy of millions of ranges takes a second to read, as a document a minute, and nginx reloads
// for many reasons.
std::optional<PolicyFile::Beginning> PolicyFile::beginning_of_next() const {
    const PolicyBoard::Sources sources = board_->sources_in_force();
    if (version_of(files_of(path_, sources)) != sources.version) {
        return std::nullopt;
    }
    if (board_->current() == PolicyBoard::Number{}) {
        return beginning_;
    }
    std::optional<Image> image = board_->hand_on();
    return image ? std::optional(Beginning{Policy::open_checked(std::move(*image)), sources, {}})
                 : std::nullopt;
}

std::optional<PolicyFile::Beginning> PolicyFile::take_over(const std::string &path) {
    const auto is_of_path = [&path](const PolicyFile *file) { return file->path_ == path; };
    const auto last = std::ranges::find_if(living() | std::views::reverse, is_of_path);
    return last == living().rend() ? std::nullopt : (*last)->beginning_of_next();
}

std::optional<PolicyFile::Beginning> PolicyFile::read(ngx_conf_t *cf, const std::string &path) {
    const std::uint64_t before = version_of({path});
    PolicyLoad loaded = load_policy(path);
    report(cf, NGX_LOG_EMERG, loaded.errors);
    report(cf, NGX_LOG_WARN, loaded.warnings);
    if (loaded.policy == nullptr) {
        return std::nullopt;
    }
    PolicyBoard::Sources sources = sources_of(loaded);
    if (version_of({path}) != before) {
        sources.version = 0;  // the workers read it again
    }
    return Beginning{std::move(loaded.policy), sources, std::move(loaded.warnings)};
}

std::unique_ptr<PolicyFile> PolicyFile::open(ngx_conf_t *cf, const ngx_str_t &path) {
    std::string name(view(path));
    std::optional<Beginning> beginning = take_over(name);
    if (beginning) {
        report(cf, NGX_LOG_WARN, beginning->warnings);
        const ngx_str_t hash = ngx_view(beginning->policy->hash());
        ngx_conf_log_error(
            NGX_LOG_NOTICE, cf, 0,
            "ipfence_policy \"%V\": has not changed: policy %V is taken over from the "
            "configuration before",
            &path, &hash);
    } else {
        beginning = read(cf, name);
    }
    if (!beginning) {
        return nullptr;
    }
    auto board = PolicyBoard::make(beginning->sources);
    if (!board) {
        const ngx_str_t text = ngx_view(board.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_policy: %V", &text);
        return nullptr;
    }
    return std::unique_ptr<PolicyFile>(
        new PolicyFile(std::move(name), std::move(*beginning), std::move(*board)));
}

void PolicyFile::begin_worker(ngx_cycle_t *cycle) noexcept {
    board_->begin_worker(static_cast<unsigned>(ngx_worker));
    timer_.begin_worker(cycle->log);
    on_timer(this);
}

void PolicyFile::end_worker() noexcept {
    timer_.end_worker();
    if (reading_ != nullptr) {
        reading_.reset();
        board_->give_up();
    }
}

void PolicyFile::on_timer(void *data) noexcept {
    auto *file = static_cast<PolicyFile *>(data);
    if (file->board_->unmap_some()) {
        file->timer_.set(kIntervalOfUnmapping);
        return;
    }
    try {
        file->look();
    } catch (...) {
        ngx_log_error(NGX_LOG_ALERT, file->timer_.log(), 0,
                      "ipfence: no memory to look after \"%s\"; the policy in force stays",
                      file->path_.c_str());
    }
    file->timer_.set(file->reading_ == nullptr ? kInterval : kIntervalOfReading);
}

void PolicyFile::look() {
    if (reading_ != nullptr) {
        if (reading_->is_done()) {
            end_reading();
        } else if (ngx_current_msec - reading_began_ > kPatience) {
            reading_->hurry();
        }
        return;
    }
    if (board_->current() != number_) {
        adopt();
    }
    const PolicyBoard::Sources sources = board_->sources();
    const std::uint64_t version = version_of(files_of(path_, sources));
    const bool is_settled = version == seen_;
    seen_ = version;
    if (version != sources.version && is_settled) {
        begin_reading(sources);
    }
}

void PolicyFile::adopt() {
    auto adopted = board_->adopt(static_cast<unsigned>(ngx_worker));
    if (!adopted) {
        return;
    }
    std::shared_ptr<const Policy> policy = Policy::open_checked(std::move(adopted->image));
    log(NGX_LOG_NOTICE, "policy " + std::string(policy->hash()) + " is in force, in place of " +
                            std::string(current_->hash()));
    current_ = std::move(policy);
    number_ = adopted->number;
}

void PolicyFile::begin_reading(const PolicyBoard::Sources &sources) {
    if (!board_->try_begin()) {
        return;
    }
    // Another worker may have read it between this look and the lock.
    if (board_->sources().version == sources.version) {
        reading_ = PolicyReading::begin(path_, *board_, std::string(current_->hash()));
        if (reading_ != nullptr) {
            reading_began_ = ngx_current_msec;
            return;
        }
        log(NGX_LOG_ERR, "has changed, and the system has no thread to read it; tried again");
    }
    board_->give_up();
}

void PolicyFile::end_reading() {
    const std::unique_ptr<PolicyReading> reading = std::move(reading_);
    PolicyReading::Outcome &outcome = reading->outcome();
    if (outcome.is_torn) {
        board_->give_up();
        return;
    }
    for (const Diagnostic &warning : outcome.load.warnings) {
        log(NGX_LOG_WARN, warning.text());
    }
    for (const Diagnostic &error : outcome.load.errors) {
        log(NGX_LOG_ERR, error.text());
    }
    if (outcome.stored && outcome.stored->ok()) {
        board_->publish(**outcome.stored, outcome.size, outcome.sources);
        adopt();
        return;
    }
    if (outcome.stored) {
        log(NGX_LOG_ERR, outcome.stored->error().message);
        board_->give_up();
        return;
    }
    if (!outcome.load.errors.empty()) {
        log(NGX_LOG_ERR, "is faulty, and changes nothing: policy " + std::string(current_->hash()) +
                             " stays in force");
    }
    board_->refuse(outcome.sources);
}

void PolicyFile::log(ngx_uint_t level, const std::string &text) const noexcept {
    const ngx_str_t line = ngx_view(text);
    ngx_log_error(level, timer_.log(), 0, "ipfence_policy \"%s\": %V", path_.c_str(), &line);
}

PolicyFile *policy_of_file(ngx_conf_t *cf, ngx_http_ipfence_main_conf_t *conf,
                           const ngx_str_t &path) {
    for (PolicyFile *file :
         std::span(static_cast<PolicyFile **>(conf->policies.elts), conf->policies.nelts)) {
        if (file->path() == view(path)) {
            return file;
        }
    }
    std::unique_ptr<PolicyFile> opened = PolicyFile::open(cf, path);
    if (opened == nullptr) {
        return nullptr;
    }
    auto *file = owned_by_pool(cf->pool, std::move(opened));
    auto **place = static_cast<PolicyFile **>(ngx_array_push(&conf->policies));
    if (file == nullptr || place == nullptr) {
        return nullptr;
    }
    *place = file;
    return file;
}

}  // namespace ipfence::module
