#include "engine/decision/look_up.hpp"

#include <array>

#include "engine/image/fetch.hpp"

namespace ipfence {

namespace {

// An empty name names nobody; it must not become the unlisted user, who has a profile.
std::optional<std::string_view> name_unless_empty(std::string_view name) noexcept {
    return name.empty() ? std::nullopt : std::optional(name);
}

// semantics.md, last paragraph of "The decision". The organization's default_app speaks for apps
// that nobody listed, so it cannot lend them a user.
std::optional<std::string_view> run_as_user(const App *app) noexcept {
    const bool listed = app != nullptr && !app->client_id.empty();
    return listed ? name_unless_empty(app->run_as) : std::nullopt;
}

std::optional<std::string_view> user_of(const DecisionRequest &request, const App *app) noexcept {
    if (request.flow == Flow::client_credentials) {
        return run_as_user(app);
    }
    return request.user ? name_unless_empty(*request.user) : std::nullopt;
}

const App *listed_or_default(const Policy &policy, const App *listed) noexcept {
    return listed != nullptr ? listed : policy.organization().default_app;
}

// The lookups of a group. Each stage does for all of them what needs no more than the stage before
// has fetched, and fetches what the next one needs.
class Lookups {
  public:
    Lookups(const Policy &policy, std::span<const DecisionRequest> requests) noexcept
        : policy_(policy),
          users_(policy.listed_users()),
          apps_(policy.listed_apps()),
          requests_(requests) {}

    void begin() noexcept {
        for (std::size_t index = 0; index < requests_.size(); ++index) {
            searches_[index] = {users_.begin(user_at(index)), apps_.begin(app_at(index))};
        }
    }

    void fetch_buckets() noexcept {
        for (std::size_t index = 0; index < requests_.size(); ++index) {
            users_.fetch_bucket(searches_[index].user);
            apps_.fetch_bucket(searches_[index].app);
        }
    }

    LookedUp finish(std::size_t index) const noexcept {
        const DecisionRequest &request = requests_[index];
        LookedUp found;
        if (request.app) {
            const App *listed = apps_.finish(searches_[index].app, *request.app);
            found.app = listed_or_default(policy_, listed);
        }
        found.user = user_of(request, found.app);
        if (found.user && request.flow == Flow::client_credentials) {
            found.profile = policy_.find_user(*found.user);  // a name of the app, not the request
        } else if (found.user) {
            found.profile = users_.finish(searches_[index].user, *found.user);
        }
        return found;
    }

  private:
    struct Searches {
        NameTable::Search user;
        NameTable::Search app;
    };

    std::string_view user_at(std::size_t index) const noexcept {
        return requests_[index].user.value_or(std::string_view{});
    }
    std::string_view app_at(std::size_t index) const noexcept {
        return requests_[index].app.value_or(std::string_view{});
    }

    const Policy &policy_;
    const Listing<Profile> users_;
    const Listing<App> apps_;
    const std::span<const DecisionRequest> requests_;
    std::array<Searches, kTogether> searches_;
};

void fetch_records(const LookedUp &looked_up) noexcept {
    if (looked_up.profile != nullptr) {
        fetch_whole(looked_up.profile);
    }
    if (looked_up.app != nullptr) {
        fetch_whole(looked_up.app);
    }
}

}  // namespace

const App *effective_app(const Policy &policy, std::optional<std::string_view> client_id) noexcept {
    return client_id ? listed_or_default(policy, policy.find_app(*client_id)) : nullptr;
}

std::optional<std::string_view> effective_user(const Policy &policy,
                                               const DecisionRequest &request) noexcept {
    return user_of(request, effective_app(policy, request.app));
}

void look_up(const Policy &policy, std::span<const DecisionRequest> requests,
             std::span<LookedUp> looked_up) noexcept {
    Lookups lookups(policy, requests);
    lookups.begin();
    lookups.fetch_buckets();
    for (std::size_t index = 0; index < requests.size(); ++index) {
        looked_up[index] = lookups.finish(index);
        fetch_records(looked_up[index]);
    }
}

}  // namespace ipfence
