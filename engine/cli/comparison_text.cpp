#include "engine/cli/comparison_text.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "engine/cli/counted.hpp"
#include "engine/cli/paragraph.hpp"

namespace ipfence::cli {

namespace {

constexpr std::size_t kShown = 20;  // of a list, in text

std::string verdict_text(const Verdict &verdict) {
    return std::string(name_of(verdict.outcome)) + ", " + std::string(name_of(verdict.reason));
}

// The beginning of a list of `count` words: there are `words` as far as they may be shown.
std::string list_text(std::span<const std::string> words, std::size_t count) {
    std::string text;
    for (std::size_t index = 0; index < std::min(words.size(), kShown); ++index) {
        text += index == 0 ? "" : ", ";
        text += words[index];
    }
    return count <= kShown
               ? text
               : text + " and " + std::to_string(count - kShown) + " more (--json shows all)";
}

std::string profiles_text(const People &people) {
    return people.profile_after == people.profile_before
               ? people.profile_before
               : people.profile_before + " -> " + people.profile_after;
}

std::string users_text(const Members &members) {
    std::string text = counted(members.users, "user") + ": ";
    for (const std::string &user : members.examples) {
        text += (&user == &members.examples.front() ? "" : ", ") + user;
    }
    return members.users > members.examples.size() ? text + ", ..." : text;
}

std::string text_of_members(const Members &members) {
    return (members.users > 0 ? " (" + users_text(members) + ')' : std::string()) +
           (members.with_unlisted ? " and users not listed" : "");
}

std::string text_of_claiming(const Members &members) {
    return " by a claim of the token (" + (members.users > 0 ? users_text(members) : "") +
           (members.users > 0 && members.with_unlisted ? "; and " : "") +
           (members.with_unlisted ? "users not listed" : "") + ')';
}

// Nobody and the user of an app have no members, and claim nothing.
bool is_without_claim(const People &people) {
    return !people.members.empty() || people.claiming.empty();
}

std::string people_text(const Comparison &comparison, const Flip &flip) {
    std::vector<std::string> words;
    for (const std::size_t number : flip.people) {
        const People &people = comparison.people[number];
        if (is_without_claim(people)) {
            words.push_back(profiles_text(people) + text_of_members(people.members));
        }
        if (!people.claiming.empty()) {
            words.push_back(profiles_text(people) + text_of_claiming(people.claiming));
        }
    }
    return list_text(words, words.size());
}

// Of apps there may be as many in every flip as in the policy.
std::string apps_text(const Comparison &comparison, const Flip &flip) {
    std::vector<std::string> words;
    std::size_t more = 0;
    for (const std::size_t number : flip.apps) {
        const auto &ascending = comparison.apps[number].client_ids;
        const auto first = std::span(ascending).first(std::min(ascending.size(), kShown));
        words.insert(words.end(), first.begin(), first.end());
        more += ascending.size() - first.size();
    }
    std::ranges::sort(words);
    for (const std::size_t number : flip.apps) {
        if (comparison.apps[number].with_unlisted) {
            words.emplace_back("(apps not listed)");
        }
        if (comparison.apps[number].no_app) {
            words.emplace_back("(no app)");
        }
    }
    return list_text(words, words.size() + more);
}

std::string addresses_text(const Flip &flip) {
    const auto first = std::span(flip.addresses).first(std::min(flip.addresses.size(), kShown));
    std::vector<std::string> words;
    for (const AddressRange &range : first) {
        words.push_back(range.text());
    }
    if (flip.address_unknown) {
        words.emplace_back("(address unknown)");
    }
    return list_text(words, words.size() + flip.addresses.size() - first.size());
}

std::string flip_text(const Comparison &comparison, const Flip &flip) {
    return paragraph("", verdict_text(flip.before) + " -> " + verdict_text(flip.after)) +
           paragraph("  profiles   ", people_text(comparison, flip)) +
           paragraph("  apps       ", apps_text(comparison, flip)) +
           paragraph("  when       ", ipfence::text_of(flip.moments, flip.possible)) +
           paragraph("  addresses  ", addresses_text(flip)) +
           (flip.origins.empty() ? ""
                                 : paragraph("  which are  ", ipfence::text_of(flip.origins))) +
           '\n';
}

json_t *array_of(const std::vector<std::string> &words) {
    json_t *array = json_array();
    for (const std::string &word : words) {
        json_array_append_new(array, json_text(word));
    }
    return array;
}

json_t *json_name(const CountryCode &country) {
    return json_text(country.text());
}

json_t *json_name(AsNumber number) {
    return json_number(static_cast<std::uint32_t>(number));
}

// Adds a member such as {"in": ["DE"]} or {"not_in": [64496]}; none where any will do.
template <class Name>
void add_names(json_t *object, const char *member, const NameSet<Name> &set) {
    if (set.is_any()) {
        return;
    }
    json_t *names = json_array();
    for (const Name &name : set.names) {
        json_array_append_new(names, json_name(name));
    }
    json_t *condition = json_object();
    json_object_set_new(condition, set.all_but ? "not_in" : "in", names);
    json_object_set_new(object, member, condition);
}

json_t *json_of(const OriginConditions &origins) {
    json_t *array = json_array();
    for (const OriginCondition &condition : origins) {
        json_t *object = json_object();
        add_names(object, "countries", condition.countries);
        add_names(object, "asns", condition.systems);
        json_array_append_new(array, object);
    }
    return array;
}

json_t *json_of(const Verdict &verdict) {
    json_t *object = json_object();
    json_object_set_new(object, "decision", json_text(name_of(verdict.outcome)));
    json_object_set_new(object, "reason", json_text(name_of(verdict.reason)));
    return object;
}

json_t *json_of(const People &people, const Members &members, bool claimed) {
    json_t *object = json_object();
    json_object_set_new(object, "before", json_text(people.profile_before));
    json_object_set_new(object, "after", json_text(people.profile_after));
    json_object_set_new(object, "claimed", json_boolean(claimed));
    json_object_set_new(object, "users", json_number(members.users));
    json_object_set_new(object, "examples", array_of(members.examples));
    json_object_set_new(object, "unlisted", json_boolean(members.with_unlisted));
    return object;
}

json_t *json_of_people(const Comparison &comparison, const Flip &flip) {
    json_t *profiles = json_array();
    for (const std::size_t number : flip.people) {
        const People &people = comparison.people[number];
        if (is_without_claim(people)) {
            json_array_append_new(profiles, json_of(people, people.members, false));
        }
        if (!people.claiming.empty()) {
            json_array_append_new(profiles, json_of(people, people.claiming, true));
        }
    }
    return profiles;
}

json_t *json_of(const Moments &moments) {
    json_t *array = json_array();
    for (std::size_t number = 0; number < kMoments; ++number) {
        if (!moments[number]) {
            continue;
        }
        const Moment moment = moment_of(number);
        json_t *object = json_object();
        json_object_set_new(object, "operation", json_text(name_of(moment.operation)));
        json_object_set_new(object, "flow", json_text(name_of(moment.flow)));
        json_object_set_new(object, "refreshed", json_boolean(moment.refreshed));
        json_object_set_new(object, "device_activated", json_boolean(moment.device_activated));
        json_array_append_new(array, object);
    }
    return array;
}

json_t *json_of(const Comparison &comparison, const Flip &flip) {
    json_t *apps = json_array();
    bool no_app = false;
    bool unlisted_apps = false;
    for (const std::size_t number : flip.apps) {
        const AppClass &alike = comparison.apps[number];
        no_app = no_app || alike.no_app;
        unlisted_apps = unlisted_apps || alike.with_unlisted;
        for (const std::string &client_id : alike.client_ids) {
            json_array_append_new(apps, json_text(client_id));
        }
    }
    json_t *addresses = json_array();
    for (const AddressRange &range : flip.addresses) {
        json_array_append_new(addresses, json_text(range.text()));
    }
    json_t *object = json_object();
    json_object_set_new(object, "before", json_of(flip.before));
    json_object_set_new(object, "after", json_of(flip.after));
    json_object_set_new(object, "profiles", json_of_people(comparison, flip));
    json_object_set_new(object, "apps", apps);
    json_object_set_new(object, "no_app", json_boolean(no_app));
    json_object_set_new(object, "unlisted_apps", json_boolean(unlisted_apps));
    json_object_set_new(object, "moments", json_of(flip.moments));
    json_object_set_new(object, "addresses", addresses);
    json_object_set_new(object, "origins", json_of(flip.origins));
    json_object_set_new(object, "address_unknown", json_boolean(flip.address_unknown));
    return object;
}

}  // namespace

std::string text_of(const Comparison &comparison) {
    std::string text;
    for (const std::string &note : comparison.notes) {
        text += paragraph("Note: ", note);
    }
    text += comparison.notes.empty() ? "" : "\n";
    for (const Flip &flip : comparison.flips) {
        text += flip_text(comparison, flip);
    }
    const std::size_t flips = comparison.flips.size();
    return text +
           (flips == 0   ? std::string("no decision flips")
            : flips == 1 ? std::string("1 kind of decision flips")
                         : std::to_string(flips) + " kinds of decisions flip") +
           '\n';
}

OwnedJson json_of_comparison(const Comparison &comparison) {
    OwnedJson document(json_object());
    json_t *flips = json_array();
    for (const Flip &flip : comparison.flips) {
        json_array_append_new(flips, json_of(comparison, flip));
    }
    json_object_set_new(document.get(), "flips", flips);
    json_object_set_new(document.get(), "notes", array_of(comparison.notes));
    return document;
}

}  // namespace ipfence::cli
