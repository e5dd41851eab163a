#include <string>

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

std::string label(std::string_view name, std::string_view value) {
    return std::string(name) + "=\"" + std::string(value) + '"';
}

void add_decisions(Text &text, const Status &status, const StatusBoard &board) {
    constexpr std::string_view kName = "ipfence_decisions_total";
    text.family(kName, "counter", "Decisions, by what was asked for, the answer and its reason.");
    for (std::size_t kind = 0; kind < status.kinds.size(); ++kind) {
        for (std::size_t decision = 0; decision < kCountedDecisions; ++decision) {
            for (std::size_t reason = 0; reason < kReasons; ++reason) {
                const auto counted = static_cast<CountedDecision>(decision);
                const auto why = static_cast<Reason>(reason);
                if (const auto count = board.decisions(kind, counted, why); count > 0) {
                    text.sample(kName,
                                '{' + label("kind", status.kinds[kind]) + ',' +
                                    label("decision", name_of(counted)) + ',' +
                                    label("reason", name_of(why)) + '}',
                                count);
                }
            }
        }
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

}  // namespace

std::string status_metrics(const Status &status, const StatusBoard &board) {
    Text text;
    text.family("ipfence_info", "gauge", "The version, and the policies in force.");
    text.sample("ipfence_info",
                '{' + label("version", status.version) + ',' + label("policy", status.policy) +
                    ',' + label("candidate", status.candidate_policy) + '}',
                1);
    add_decisions(text, status, board);
    add_flips(text, board);
    if (status.zone) {
        add_zone(text, *status.zone);
    }
    return text.take();
}

}  // namespace ipfence
