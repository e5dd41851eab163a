#include <string>
#include <utility>

#include "engine/decision/decision.hpp"
#include "engine/status/status.hpp"

namespace ipfence {

namespace {

class Text {
  public:
    void family(std::string_view name, std::string_view type, std::string_view help) {
        ((((text_ += "# HELP ") += name) += ' ') += help) += '\n';
        ((((text_ += "# TYPE ") += name) += ' ') += type) += '\n';
    }

    // `labels` are braces and all, or nothing.
    void sample(std::string_view name, std::string_view labels, std::uint64_t value) {
        (((text_ += name) += labels) += ' ') += std::to_string(value);
        text_ += '\n';
    }

    std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

// Of the values, the name of the zone is anybody's who writes nginx.conf, and may have quotes. A
// word of it has no line end.
std::string label(std::string_view name, std::string_view value) {
    std::string text = std::string(name) + "=\"";
    for (const char byte : value) {
        text += byte == '"' || byte == '\\' ? "\\" : "";
        text += byte;
    }
    return text + '"';
}

void add_faults(Text &text, const Status &status) {
    constexpr std::string_view kName = "ipfence_policy_faulty";
    text.family(kName, "gauge", "Whether the file has changed into what cannot come into force.");
    text.sample(kName, '{' + label("file", "policy") + '}', status.policy_is_faulty ? 1 : 0);
    if (!status.candidate_policy.empty()) {
        text.sample(kName, '{' + label("file", "candidate") + '}',
                    status.candidate_is_faulty ? 1 : 0);
    }
}

void add_decisions(Text &text, const Status &status, const StatusBoard &board) {
    constexpr std::string_view kName = "ipfence_decisions_total";
    text.family(kName, "counter", "Decisions, by what was asked for, the answer and its reason.");
    for (const auto &[kind, decision, reason, count] : board.decisions()) {
        text.sample(kName,
                    '{' + label("kind", status.kinds[kind]) + ',' +
                        label("decision", name_of(decision)) + ',' +
                        label("reason", name_of(reason)) + '}',
                    count);
    }
}

void add_flips(Text &text, const StatusBoard &board) {
    constexpr std::string_view kName = "ipfence_candidate_flips_total";
    text.family(kName, "counter", "Requests that the candidate policy decides otherwise.");
    for (const Outcome outcome : {Outcome::allow, Outcome::deny}) {
        text.sample(kName, '{' + label("candidate", name_of(outcome)) + '}', board.flips(outcome));
    }
}

void add_zone(Text &text, const Status::ZoneUse &zone) {
    const std::string labels = '{' + label("zone", zone.name) + '}';
    const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                         std::uint64_t value) {
        text.family(name, type, help);
        text.sample(name, labels, value);
    };
    add("ipfence_zone_bytes", "gauge", "Size of the zone.", zone.bytes);
    add("ipfence_zone_credentials_capacity", "gauge", "Credentials that the zone holds at most.",
        zone.capacity);
    add("ipfence_zone_credentials", "gauge", "Credentials that it holds, estimated by a sample.",
        zone.used);
    add("ipfence_zone_evicted_total", "counter", "Live records that gave way to others.",
        zone.evicted);
    add("ipfence_zone_refused_total", "counter", "Records that found no place.", zone.refused);
}

void add_store_outcomes(Text &text, const StoreTally &tally) {
    constexpr std::string_view kRequests = "ipfence_store_requests_total";
    constexpr std::string_view kWrites = "ipfence_store_writes_total";
    text.family(kRequests, "counter", "Requests that asked the shared store, by what came of it.");
    for (const auto &[name, counter] : StoreTally::kRequestOutcomes) {
        text.sample(kRequests, '{' + label("outcome", name) + '}', tally.of(counter));
    }
    text.family(kWrites, "counter", "Answers whose records were written to the shared store.");
    for (const auto &[name, counter] : StoreTally::kWriteOutcomes) {
        text.sample(kWrites, '{' + label("outcome", name) + '}', tally.of(counter));
    }
}

void add_store(Text &text, const Status::StoreUse &store) {
    const StoreTally &tally = *store.tally;
    const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                         std::uint64_t value) {
        text.family(name, type, help);
        text.sample(name, {}, value);
    };
    add("ipfence_store_subscribed", "gauge", "Whether changes of other nodes are heard of.",
        tally.is_subscribed() ? 1 : 0);
    add("ipfence_store_copies_trusted", "gauge", "Whether local copies are used without asking.",
        store.is_trusted ? 1 : 0);
    constexpr std::string_view kBreakers = "ipfence_store_breakers";
    text.family(kBreakers, "gauge", "Workers, by the state of their circuit breaker.");
    for (const auto &[name, standing] : StoreTally::kStandings) {
        text.sample(kBreakers, '{' + label("state", name) + '}',
                    tally.workers_that_are(standing, store.workers, store.now));
    }
    add_store_outcomes(text, tally);
    add("ipfence_store_untold_total", "counter",
        "Revocations and other changes that other nodes will not be told of.",
        tally.of(StoreCounter::untold));
    add("ipfence_store_events_total", "counter", "Changes that were heard of.",
        tally.of(StoreCounter::events));
    add("ipfence_store_forged_events_total", "counter", "Messages that nobody with the key wrote.",
        tally.of(StoreCounter::forged_events));
    add("ipfence_store_gaps_total", "counter", "How often changes were missed.",
        tally.of(StoreCounter::gaps));
    add("ipfence_store_subscriptions_total", "counter", "Subscriptions that were begun.",
        tally.of(StoreCounter::subscriptions));
    add("ipfence_store_connections_total", "counter", "Connections that were made.",
        tally.of(StoreCounter::connections));
    add("ipfence_store_round_trips_total", "counter", "Commands that were answered.",
        tally.of(StoreCounter::round_trips));
    add("ipfence_store_round_trip_microseconds_total", "counter", "How long they took together.",
        tally.of(StoreCounter::round_trip_microseconds));
}

}  // namespace

std::string status_metrics(const Status &status, const StatusBoard &board) {
    Text text;
    text.family("ipfence_info", "gauge", "The version, and the policies in force.");
    text.sample("ipfence_info",
                '{' + label("version", status.version) + ',' + label("policy", status.policy) +
                    ',' + label("candidate", status.candidate_policy) + '}',
                1);
    add_faults(text, status);
    add_decisions(text, status, board);
    add_flips(text, board);
    text.family("ipfence_audit_lost_total", "counter", "Audit lines that could not be written.");
    text.sample("ipfence_audit_lost_total", {}, board.lost_audit_lines());
    if (status.zone) {
        add_zone(text, *status.zone);
    }
    if (status.store) {
        add_store(text, *status.store);
    }
    return text.take();
}

}  // namespace ipfence
