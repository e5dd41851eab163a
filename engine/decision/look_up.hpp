#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/decision/decision.hpp"
#include "engine/image/fetch.hpp"

namespace ipfence {

/// What a policy says of the names in a request.
struct LookedUp {
    const App *app = nullptr;          ///< as `effective_app` says
    std::string_view user;             ///< as `effective_user` says; empty: nobody
    const Profile *profile = nullptr;  ///< what is listed for the user; null: nothing
    /// The search for the address in the login IP ranges of `profile`, where it was begun.
    std::optional<TreeSearch> login_search;
};

/// The user that an app names for itself (semantics.md, last paragraph of "The decision"). The
/// organization's default_app speaks for apps that nobody listed, so it cannot lend them a user.
inline std::string_view run_as_user(const App *app) noexcept {
    const bool listed = app != nullptr && !app->client_id.empty();
    return listed ? std::string_view(app->run_as) : std::string_view{};
}

/// The user of a request whose effective app is `app`. An empty name names nobody; it must not
/// become the unlisted user, who has a profile.
inline std::string_view user_of(const DecisionRequest &request, const App *app) noexcept {
    return request.flow == Flow::client_credentials ? run_as_user(app)
                                                    : request.user.value_or(std::string_view{});
}

/// The effective app where there is one, and the policy lists `listed` for it.
inline const App *listed_or_default(const Policy &policy, const App *listed) noexcept {
    return listed != nullptr ? listed : policy.organization().default_app;
}

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
                LookedUp &found) const noexcept {
        if (request.app) {
            const App *listed = policy.listed_apps().finish(app_, *request.app);
            found.app = listed_or_default(policy, listed);
        }
        found.user = user_of(request, found.app);
        found.profile = profile_of(found.user, policy, request);
        if (found.app != nullptr) {
            fetch_whole(found.app);
        }
        if (found.profile != nullptr) {
            fetch_whole(found.profile);
        }
    }

  private:
    const Profile *profile_of(std::string_view user, const Policy &policy,
                              const DecisionRequest &request) const noexcept {
        if (user.empty()) {
            return nullptr;
        }
        return request.flow == Flow::client_credentials ? profile_of_app_user(user, policy)
                                                        : policy.listed_users().finish(user_, user);
    }

    // A name of the app, which no search was begun for.
    static const Profile *profile_of_app_user(std::string_view user, const Policy &policy) noexcept;

    NameTable::Search user_;
    NameTable::Search app_;
};

/// Looks up the names of a request, which wait for memory together.
inline LookedUp look_up(const Policy &policy, const DecisionRequest &request) noexcept {
    NameSearches searches;
    searches.begin(policy, request);
    searches.fetch_slots(policy);
    LookedUp found;
    searches.finish(policy, request, found);
    return found;
}

}  // namespace ipfence
