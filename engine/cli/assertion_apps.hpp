#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cli/request_lines.hpp"
#include "engine/policy/policy.hpp"

namespace ipfence::cli {

/// Finds the apps whose relaxation relaxes nothing, since their users only ever bring assertions.
/// The policy does not say which flows an app uses; the audit log does.
class AssertionApps {
  public:
    /// `policy` must outlive it.
    explicit AssertionApps(const Policy &policy) noexcept : policy_(policy) {}

    /// Takes a line of the audit log into account.
    void add(const RequestLine &line);

    /// What to warn of: `apps.batch.ip_relaxation: …`, in the order of their names.
    std::vector<std::string> warnings() const;

  private:
    struct Seen {
        std::uint64_t decisions = 0;
        std::uint64_t by_assertion = 0;
    };

    const Policy &policy_;
    std::map<std::string_view, Seen> seen_;  // by client_id; apps that the policy relaxes only
    std::uint64_t unreadable_ = 0;
};

}  // namespace ipfence::cli
