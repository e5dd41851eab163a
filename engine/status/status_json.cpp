#include <utility>

#include "engine/decision/decision.hpp"
#include "engine/json.hpp"
#include "engine/status/status.hpp"

namespace ipfence {

namespace {

json_t *text_or_null(std::string_view text) {
    return text.empty() ? json_null() : shown_text(text);
}

json_t *decisions_of(const Status &status, const StatusBoard &board) {
    json_t *list = json_array();
    for (const auto &[kind, decision, reason, count] : board.decisions()) {
        json_t *object = json_object();
        json_object_set_new(object, "kind", shown_text(status.kinds[kind]));
        json_object_set_new(object, "decision", shown_text(name_of(decision)));
        json_object_set_new(object, "reason", shown_text(name_of(reason)));
        json_object_set_new(object, "count", json_number(count));
        json_array_append_new(list, object);
    }
    return list;
}

json_t *most_denied(const std::vector<MostDenied::Entry> &entries) {
    json_t *list = json_array();
    for (const MostDenied::Entry &entry : entries) {
        json_t *object = json_object();
        json_object_set_new(object, "name", text_or_null(entry.name.view()));
        json_object_set_new(object, "denials", json_number(entry.count));
        json_object_set_new(object, "at_most_too_many", json_number(entry.error));
        json_array_append_new(list, object);
    }
    return list;
}

json_t *object_of(const Denial &denial) {
    json_t *object = json_object();
    json_object_set_new(object, "time", json_integer(denial.time));
    json_object_set_new(object, "request_id", shown_text(denial.request_id.view()));
    json_object_set_new(object, "kind", shown_text(denial.kind.view()));
    json_object_set_new(object, "operation", text_or_null(denial.operation.view()));
    json_object_set_new(object, "flow", text_or_null(denial.flow.view()));
    json_object_set_new(object, "refreshed", json_boolean(denial.refreshed));
    json_object_set_new(object, "device_activated", json_boolean(denial.device_activated));
    json_object_set_new(object, "ip", text_or_null(denial.ip.view()));
    json_object_set_new(object, "app", text_or_null(denial.app.view()));
    json_object_set_new(object, "user", text_or_null(denial.user.view()));
    json_object_set_new(object, "profile", text_or_null(denial.profile.view()));
    json_object_set_new(object, "claimed_profile", text_or_null(denial.claimed_profile.view()));
    json_object_set_new(object, "reason", shown_text(name_of(denial.reason)));
    json_object_set_new(object, "rule", text_or_null(denial.rule.view()));
    json_object_set_new(object, "enforced", json_boolean(denial.enforced));
    return object;
}

json_t *zone_of(const Status::ZoneUse &zone) {
    json_t *object = json_object();
    json_object_set_new(object, "name", shown_text(zone.name));
    json_object_set_new(object, "bytes", json_number(zone.bytes));
    json_object_set_new(object, "credentials_capacity", json_number(zone.capacity));
    json_object_set_new(object, "credentials", json_number(zone.used));
    json_object_set_new(object, "evicted", json_number(zone.evicted));
    json_object_set_new(object, "refused", json_number(zone.refused));
    return object;
}

template <class Outcomes>
json_t *outcomes_of(const StoreTally &tally, const Outcomes &outcomes) {
    json_t *object = json_object();
    for (const auto &[name, counter] : outcomes) {
        json_object_set_new(object, name, json_number(tally.of(counter)));
    }
    return object;
}

json_t *breakers_of(const Status::StoreUse &store) {
    json_t *object = json_object();
    for (const auto &[name, standing] : StoreTally::kStandings) {
        const auto workers = store.tally->workers_that_are(standing, store.workers, store.now);
        json_object_set_new(object, name, json_number(workers));
    }
    return object;
}

json_t *store_of(const Status::StoreUse &store) {
    constexpr std::pair<const char *, StoreCounter> kCounters[] = {
        {"untold", StoreCounter::untold},
        {"events", StoreCounter::events},
        {"forged_events", StoreCounter::forged_events},
        {"gaps", StoreCounter::gaps},
        {"subscriptions", StoreCounter::subscriptions},
        {"connections", StoreCounter::connections},
        {"round_trips", StoreCounter::round_trips},
        {"round_trip_microseconds", StoreCounter::round_trip_microseconds},
    };
    const StoreTally &tally = *store.tally;
    json_t *object = json_object();
    json_object_set_new(object, "subscribed", json_boolean(tally.is_subscribed()));
    json_object_set_new(object, "copies_trusted", json_boolean(store.is_trusted));
    json_object_set_new(object, "breakers", breakers_of(store));
    json_object_set_new(object, "requests", outcomes_of(tally, StoreTally::kRequestOutcomes));
    json_object_set_new(object, "writes", outcomes_of(tally, StoreTally::kWriteOutcomes));
    for (const auto &[name, counter] : kCounters) {
        json_object_set_new(object, name, json_number(tally.of(counter)));
    }
    return object;
}

}  // namespace

std::string status_json(const Status &status, StatusBoard &board) {
    const OwnedJson document(json_object());
    const auto set = [&document](const char *key, json_t *value) {
        json_object_set_new(document.get(), key, value);
    };
    const StatusBoard::Denials denials = board.denials();
    set("time", json_integer(status.time));
    set("version", shown_text(status.version));
    set("policy", text_or_null(status.policy));
    set("candidate_policy", text_or_null(status.candidate_policy));
    set("policy_faulty", json_boolean(status.policy_is_faulty));
    set("candidate_policy_faulty", json_boolean(status.candidate_is_faulty));
    set("decisions", decisions_of(status, board));
    json_t *flips = json_object();
    json_object_set_new(flips, "allow_to_deny", json_number(board.flips(Outcome::deny)));
    json_object_set_new(flips, "deny_to_allow", json_number(board.flips(Outcome::allow)));
    set("candidate_flips", flips);
    set("audit_lost", json_number(board.lost_audit_lines()));
    set("most_denied_apps", most_denied(denials.apps));
    set("most_denied_users", most_denied(denials.users));
    json_t *recent = json_array();
    for (const Denial &denial : denials.recent) {
        json_array_append_new(recent, object_of(denial));
    }
    set("recent_denials", recent);
    set("zone", status.zone ? zone_of(*status.zone) : json_null());
    set("store", status.store ? store_of(*status.store) : json_null());
    return dump_json(document.get(), JSON_COMPACT);
}

}  // namespace ipfence
