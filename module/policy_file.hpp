#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/policy/load_policy.hpp"
#include "engine/policy/policy.hpp"
#include "module/nginx.hpp"
#include "module/policy_board.hpp"
#include "module/policy_watch.hpp"

namespace ipfence::module {

/// A policy that some directive named, and its files, which every worker watches. Lives as long as
/// the configuration pool.
class PolicyFile {
  public:
    /// Takes up a policy for a new configuration: what the configuration before it has of the same
    /// files, as long as they are as they were; else it is read. Null when it is faulty: every
    /// diagnostic is then in the log, as nginx reports errors of a configuration, with the place of
    /// the directive.
    static std::unique_ptr<PolicyFile> open(ngx_conf_t *cf, const ngx_str_t &path);

    PolicyFile(const PolicyFile &) = delete;
    PolicyFile &operator=(const PolicyFile &) = delete;
    ~PolicyFile();

    const std::string &path() const noexcept { return path_; }

    /// The policy in force. Whoever holds it decides by it, whatever comes into force meanwhile.
    const std::shared_ptr<const Policy> &current() const noexcept { return current_; }

    /// Whether the files have changed since, into what is no policy.
    bool is_faulty() const noexcept { return board_->is_faulty(); }

    /// Begins and ends the watch, in a worker.
    void begin_worker(ngx_cycle_t *cycle) noexcept;
    void end_worker() noexcept;

  private:
    // What a configuration begins with.
    struct Beginning {
        std::shared_ptr<const Policy> policy;
        std::shared_ptr<PolicyBoard::Loan> loan;  // of the policy's memory; null: it is its own
        PolicyBoard::Sources sources;
        std::vector<Diagnostic> warnings;
    };

    PolicyFile(std::string path, Beginning beginning, std::unique_ptr<PolicyBoard> board);

    static std::optional<Beginning> take_over(const std::string &path);
    static std::optional<Beginning> read(ngx_conf_t *cf, const std::string &path);
    std::optional<Beginning> beginning_of_next() const;

    const std::string path_;
    const std::unique_ptr<PolicyBoard> board_;  // outlives the policies that it lent
    const Beginning beginning_;
    std::shared_ptr<const Policy> current_;
    PolicyWatch watch_;
};

/// The policy of the file at `path` (absolute), read now unless this configuration has read it
/// already; null as PolicyFile::open.
PolicyFile *policy_of_file(ngx_conf_t *cf, ngx_http_ipfence_main_conf_t *conf,
                           const ngx_str_t &path);

}  // namespace ipfence::module
