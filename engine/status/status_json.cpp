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
    for (std::size_t kind = 0; kind < status.kinds.size(); ++kind) {
        for (std::size_t decision = 0; decision < kCountedDecisions; ++decision) {
            for (std::size_t reason = 0; reason < kReasons; ++reason) {
                const auto counted = static_cast<CountedDecision>(decision);
                const auto why = static_cast<Reason>(reason);
                const auto count = board.decisions(kind, counted, why);
                if (count == 0) {
                    continue;
                }
                json_t *object = json_object();
                json_object_set_new(object, "kind", shown_text(status.kinds[kind]));
                json_object_set_new(object, "decision", shown_text(name_of(counted)));
                json_object_set_new(object, "reason", shown_text(name_of(why)));
                json_object_set_new(object, "count", json_number(count));
                json_array_append_new(list, object);
            }
        }
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

json_t *store_of(const Status::StoreUse &store) {
    using Standing = StoreTally::Standing;
    const StoreTally &tally = *store.tally;
    const auto set_number = [&tally](json_t *object, const char *key, StoreCounter counter) {
        json_object_set_new(object, key, json_number(tally.of(counter)));
    };
    json_t *object = json_object();
    json_object_set_new(object, "subscribed", json_boolean(tally.is_subscribed()));
    json_object_set_new(object, "copies_trusted", json_boolean(store.is_trusted));
    json_t *workers = json_object();
    for (const auto &[name, standing] :
         {std::pair("closed", Standing::closed), std::pair("half_open", Standing::half_open),
          std::pair("open", Standing::open)}) {
        json_object_set_new(
            workers, name, json_number(tally.workers_that_are(standing, store.workers, store.now)));
    }
    json_object_set_new(object, "breakers", workers);
    json_t *requests = json_object();
    set_number(requests, "hit", StoreCounter::requests_hit);
    set_number(requests, "miss", StoreCounter::requests_miss);
    set_number(requests, "timeout", StoreCounter::requests_timed_out);
    set_number(requests, "error", StoreCounter::requests_failed);
    set_number(requests, "refused", StoreCounter::requests_refused);
    json_object_set_new(object, "requests", requests);
    json_t *writes = json_object();
    set_number(writes, "done", StoreCounter::writes_done);
    set_number(writes, "timeout", StoreCounter::writes_timed_out);
    set_number(writes, "error", StoreCounter::writes_failed);
    set_number(writes, "refused", StoreCounter::writes_refused);
    json_object_set_new(object, "writes", writes);
    set_number(object, "untold", StoreCounter::untold);
    set_number(object, "events", StoreCounter::events);
    set_number(object, "forged_events", StoreCounter::forged_events);
    set_number(object, "gaps", StoreCounter::gaps);
    set_number(object, "subscriptions", StoreCounter::subscriptions);
    set_number(object, "connections", StoreCounter::connections);
    set_number(object, "round_trips", StoreCounter::round_trips);
    set_number(object, "round_trip_microseconds", StoreCounter::round_trip_microseconds);
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
