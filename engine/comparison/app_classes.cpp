#include "engine/comparison/app_classes.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/decision/look_up.hpp"
#include "engine/decision/whose_ranges.hpp"

namespace ipfence {

namespace {

AppFacts facts_of(const Policy &policy, std::string_view client_id, KnownPlaces &places) {
    AppFacts facts;
    DecisionRequest request;
    request.app = client_id;
    request.flow = Flow::client_credentials;
    const LookedUp looked_up = look_up(policy, request);
    facts.runs_as_nobody = looked_up.user.empty();
    facts.run_as = whose_ranges(policy, request, looked_up).profile;
    if (const App *app = looked_up.app) {
        facts.oauth = app->oauth;
        facts.ip_relaxation = app->ip_relaxation;
        facts.has_trusted_ip_ranges = app->has_trusted_ip_ranges;
        facts.trusted_ip_ranges_effect = app->trusted_ip_ranges_effect;
        facts.trusted = places.of(app->trusted_ip_ranges, app->trusted_origins);
    }
    return facts;
}

ProfileFacts run_as_of(const AppFacts &facts, KnownPlaces &places) {
    return facts.runs_as_nobody ? ProfileFacts{} : facts_of(facts.run_as, places);
}

class Classes {
  public:
    Classes(const Policy &before, const Policy &after, KnownPlaces &places)
        : before_(before), after_(after), places_(places) {}

    AppClass &place(const std::string &client_id) {
        const auto [place, is_new] = classes_.try_emplace(
            std::pair(facts_of(before_, client_id, places_), facts_of(after_, client_id, places_)));
        AppClass &apps = place->second;
        if (is_new) {
            apps.before = place->first.first;
            apps.after = place->first.second;
            apps.client_id = client_id;
            apps.run_as_before = run_as_of(apps.before, places_);
            apps.run_as_after = run_as_of(apps.after, places_);
        }
        return apps;
    }

    std::vector<AppClass> take() {
        std::vector<AppClass> all;
        for (auto &[facts, apps] : classes_) {
            std::ranges::sort(apps.client_ids);
            all.push_back(std::move(apps));
        }
        return all;
    }

  private:
    const Policy &before_;
    const Policy &after_;
    KnownPlaces &places_;
    std::map<std::pair<AppFacts, AppFacts>, AppClass> classes_;
};

}  // namespace

std::vector<AppClass> app_classes_of(const Policy &before, const Policy &after,
                                     KnownPlaces &places) {
    Classes classes(before, after, places);
    const auto add = [&classes](std::string_view client_id) {
        const std::string text(client_id);
        classes.place(text).client_ids.push_back(text);
    };
    before.listed_apps().for_each([&](std::string_view client_id, const App &) { add(client_id); });
    after.listed_apps().for_each([&](std::string_view client_id, const App &) {
        if (before.find_app(client_id) == nullptr) {
            add(client_id);
        }
    });
    const std::string unlisted = unused_name([&](const std::string &client_id) {
        return before.find_app(client_id) != nullptr || after.find_app(client_id) != nullptr;
    });
    classes.place(unlisted).with_unlisted = true;
    std::vector<AppClass> all = classes.take();
    all.emplace_back().no_app = true;
    return all;
}

}  // namespace ipfence
