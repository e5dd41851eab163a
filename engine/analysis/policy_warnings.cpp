#include "engine/analysis/policy_warnings.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace ipfence {

namespace {

// Warnings of one kind; of a thousand apps that are set alike nobody reads more than a few.
class Warnings {
  public:
    void add(std::string text) {
        constexpr std::size_t kShown = 20;
        if (++count_ <= kShown) {
            shown_.push_back(std::move(text));
        }
    }

    // In order, for the tables that they come from have none.
    void move_to(std::vector<std::string> &all) {
        std::ranges::sort(shown_);
        const std::size_t hidden = count_ - shown_.size();
        std::ranges::move(shown_, std::back_inserter(all));
        if (hidden > 0) {
            all.push_back("and " + std::to_string(hidden) + " more like the last one");
        }
    }

  private:
    std::vector<std::string> shown_;
    std::size_t count_ = 0;
};

bool relaxes_sessions(const App &app) noexcept {
    return app.ip_relaxation == Relaxation::relax ||
           app.ip_relaxation == Relaxation::relax_for_refresh_tokens;
}

class AppWarnings {
  public:
    explicit AppWarnings(const Organization &organization)
        : blocks_login_flow_(organization.continuous_ip_enforcement &&
                             organization.sensitive_operations ==
                                 SensitiveOperations::block_relaxed_apps) {}

    void look_at(const std::string &path, const App &app) {
        if (app.ip_relaxation != Relaxation::enforce && !app.oauth) {
            unused_.add(path + ".ip_relaxation: means nothing, for the app's protocols lack oauth");
            return;
        }
        if (app.ip_relaxation == Relaxation::relax) {
            relaxed_.add(path + ".ip_relaxation: relax lets its users in from everywhere");
        }
        look_at_trusted_ranges(path, app);
        if (blocks_login_flow_ && relaxes_sessions(app)) {
            blocked_.add(path +
                         ".ip_relaxation: under block_relaxed_apps its users are denied the pages "
                         "of a login flow: where one is guarded (ipfence login_flow), they cannot "
                         "finish it");
        }
    }

    void move_to(std::vector<std::string> &all) {
        for (Warnings *warnings : {&relaxed_, &unused_, &unread_, &lost_, &blocked_}) {
            warnings->move_to(all);
        }
    }

  private:
    void look_at_trusted_ranges(const std::string &path, const App &app) {
        if (!app.has_trusted_ip_ranges) {
            return;
        }
        if (app.ip_relaxation != Relaxation::relax_for_activated_devices) {
            unread_.add(path +
                        ".trusted_ip_ranges: are read by relax_for_activated_devices only, and it "
                        "is set to another");
        } else {
            lost_.add(path +
                      ".trusted_ip_ranges: activated devices relax nothing for an app that has "
                      "some; its web_server flow is decided by them");
        }
    }

    bool blocks_login_flow_;
    Warnings relaxed_;
    Warnings unused_;
    Warnings unread_;
    Warnings lost_;
    Warnings blocked_;
};

void warn_of_profiles(const Policy &policy, std::vector<std::string> &all) {
    std::set<const Profile *> used{policy.organization().default_profile};
    policy.listed_users().for_each(
        [&used](std::string_view, const Profile &profile) { used.insert(&profile); });
    Warnings unused;
    bool has_ranges = false;
    policy.listed_profiles().for_each([&](std::string_view name, const Profile &profile) {
        has_ranges = has_ranges || !profile.unrestricted;
        // A token may claim any profile of the policy.
        if (!used.contains(&profile) && policy.organization().profile_claim.empty()) {
            unused.add("profiles." + std::string(name) + ": no user has it");
        }
    });
    unused.move_to(all);
    if (policy.organization().continuous_ip_enforcement && !has_ranges) {
        all.emplace_back(
            "organization.continuous_ip_enforcement: is on, and no profile has login_ip_ranges: "
            "there is nothing to enforce");
    }
}

}  // namespace

std::vector<std::string> policy_warnings(const Policy &policy) {
    std::vector<std::string> all;
    warn_of_profiles(policy, all);
    AppWarnings apps(policy.organization());
    if (const App *unlisted = policy.organization().default_app) {
        apps.look_at("organization.default_app", *unlisted);
    }
    policy.listed_apps().for_each([&apps](std::string_view client_id, const App &app) {
        apps.look_at("apps." + std::string(client_id), app);
    });
    apps.move_to(all);
    return all;
}

}  // namespace ipfence
