#include "module/policy_file.hpp"

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

#include "engine/file_version.hpp"
#include "engine/policy/load_policy.hpp"
#include "module/directive.hpp"
#include "module/signaller.hpp"

namespace ipfence::module {

namespace {

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

}  // namespace

PolicyFile::PolicyFile(std::string path, Beginning beginning, std::unique_ptr<PolicyBoard> board)
    : path_(std::move(path)),
      board_(std::move(board)),
      beginning_(std::move(beginning)),
      current_(beginning_.policy),
      watch_(path_, *board_, current_) {
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
    auto handed_on = board_->hand_on();
    return handed_on ? std::optional(Beginning{Policy::open_checked(std::move(handed_on->image)),
                                               std::move(handed_on->loan),
                                               sources,
                                               {}})
                     : std::nullopt;
}

std::optional<PolicyFile::Beginning> PolicyFile::take_over(const std::string &path) {
    const auto is_of_path = [&path](const PolicyFile *file) { return file->path_ == path; };
    const auto last = std::ranges::find_if(living() | std::views::reverse, is_of_path);
    return last == living().rend() ? std::nullopt : (*last)->beginning_of_next();
}

std::optional<PolicyFile::Beginning> PolicyFile::read(ngx_conf_t *cf, const std::string &path) {
    PolicyLoad loaded = load_policy(path, {}, SourceKind::regular);
    report(cf, NGX_LOG_EMERG, loaded.errors);
    report(cf, NGX_LOG_WARN, loaded.warnings);
    if (loaded.policy == nullptr) {
        return std::nullopt;
    }
    // Files that changed while they were read differ from the version that they were read in: the
    // workers read them again.
    PolicyBoard::Sources sources = sources_of(loaded);
    return Beginning{std::move(loaded.policy), nullptr, std::move(sources),
                     std::move(loaded.warnings)};
}

std::unique_ptr<PolicyFile> PolicyFile::open(ngx_conf_t *cf, const ngx_str_t &path) {
    std::string name(view(path));
    std::optional<Beginning> beginning = take_over(name);
    if (is_indifferent_to_files()) {
        beginning.emplace();
    } else if (beginning) {
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
    if (beginning_.loan != nullptr) {
        beginning_.loan->take();
    }
    watch_.begin_worker(cycle);
}

void PolicyFile::end_worker() noexcept {
    watch_.end_worker();
}

PolicyFile *policy_of_file(ngx_conf_t *cf, ngx_http_ipfence_main_conf_t *conf,
                           const ngx_str_t &path) {
    for (PolicyFile *file : elements<PolicyFile *>(conf->policies)) {
        if (file->path() == view(path)) {
            return file;
        }
    }
    auto opened = PolicyFile::open(cf, path);
    return opened == nullptr ? nullptr : add_owned(cf, conf->policies, std::move(opened));
}

}  // namespace ipfence::module
