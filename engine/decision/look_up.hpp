#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "engine/decision/decision.hpp"

namespace ipfence {

/// What a policy says of the names in a request.
struct LookedUp {
    const App *app = nullptr;          ///< as `effective_app` says
    std::string_view user;             ///< as `effective_user` says; empty: nobody
    const Profile *profile = nullptr;  ///< what is listed for the user; null: nothing
    /// The search for the address in the login IP ranges of `profile`, where it was begun.
    std::optional<TreeSearch> login_search;
};

/// The search for the names of a request, for those who have many under way: each stage does what
/// needs no more than the stage before has fetched, and fetches what the next one needs.
class NameSearches {
  public:
    void begin(const Policy &policy, const DecisionRequest &request) noexcept {
        user_ = policy.listed_users().begin(request.user.value_or(std::string_view{}));
        app_ = policy.listed_apps().begin(request.app.value_or(std::string_view{}));
    }

    void fetch_slots(const Policy &policy) noexcept {
        policy.listed_users().fetch_slot(user_);
        policy.listed_apps().fetch_slot(app_);
    }

    /// Into `found`, which is as a new one is.
    void finish(const Policy &policy, const DecisionRequest &request,
                LookedUp &found) const noexcept;

  private:
    const Profile *profile_of(std::string_view user, const Policy &policy,
                              const DecisionRequest &request) const noexcept;

    NameTable::Search user_;
    NameTable::Search app_;
};

/// Looks up the names of a request, which wait for memory together.
LookedUp look_up(const Policy &policy, const DecisionRequest &request) noexcept;

}  // namespace ipfence
