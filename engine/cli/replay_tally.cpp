#include "engine/cli/replay_tally.hpp"

#include <algorithm>

#include "engine/cli/counted.hpp"
#include "engine/policy/visible.hpp"

namespace ipfence::cli {

namespace {

constexpr std::size_t kMostNames =
    1'000'000;  // of apps, and of users; the rest is counted together
constexpr std::string_view kOtherNames = "(others)";
constexpr std::string_view kNoName = "(none)";
constexpr std::size_t kKeptFlips = 1'000;
constexpr std::size_t kShownFlips = 20;
constexpr std::size_t kShownNames = 10;
constexpr std::size_t kKeptUndecidable = 10;

std::string text_or_none(std::optional<std::string_view> name) {
    return std::string(name.value_or(kNoName));
}

}  // namespace

void ReplayTally::Count::add(bool before, bool after) noexcept {
    ++decisions;
    denied_before += before ? 1 : 0;
    denied_after += after ? 1 : 0;
    flips += before != after ? 1 : 0;
}

ReplayTally::Count &ReplayTally::place(Counts &counts, std::string_view name) {
    if (const auto found = counts.find(name); found != counts.end()) {
        return found->second;
    }
    return counts[std::string(counts.size() < kMostNames ? name : kOtherNames)];
}

void ReplayTally::add_decision(const AuditLine &line, const Decision &candidate) {
    const bool before = line.outcome == Outcome::deny;
    const bool after = candidate.outcome == Outcome::deny;
    ++decisions_;
    newly_denied_ += !before && after ? 1 : 0;
    newly_allowed_ += before && !after ? 1 : 0;
    place(apps_, line.request.app.value_or(kNoName)).add(before, after);
    place(users_, line.request.user.value_or(kNoName)).add(before, after);
    ++reasons_[name_of(line.reason)].before;
    ++reasons_[name_of(candidate.reason)].after;
    if (before != after && flipped_.size() < kKeptFlips) {
        keep_flip(line, candidate);
    }
}

void ReplayTally::keep_flip(const AuditLine &line, const Decision &candidate) {
    const DecisionRequest &request = line.request;
    flipped_.push_back({std::string(line.time), std::string(line.request_id),
                        text_or_none(request.user), text_or_none(request.app),
                        request.client_address ? request.client_address->text() : "unknown",
                        request.operation, request.flow, line.reason, candidate.reason,
                        candidate.outcome});
}

void ReplayTally::add_without_decision(Reason reason) {
    ++without_decision_;
    ++other_reasons_[name_of(reason)];
}

void ReplayTally::add_undecidable(const std::string &place, const std::string &fault) {
    ++undecidable_;
    if (undecidable_examples_.size() < kKeptUndecidable) {
        undecidable_examples_.push_back(place + ": " + fault);
    }
}

void ReplayTally::append_counts(std::string &text, const char *what, const Counts &counts) {
    std::vector<const Counts::value_type *> most;
    for (const auto &entry : counts) {
        most.push_back(&entry);
    }
    std::ranges::stable_sort(most, [](const auto *one, const auto *other) {
        return std::pair(one->second.flips, one->second.decisions) >
               std::pair(other->second.flips, other->second.decisions);
    });
    text += std::string("\n") + what + ": flips, denied before -> after, of decisions\n";
    for (std::size_t index = 0; index < std::min(most.size(), kShownNames); ++index) {
        const auto &[name, count] = *most[index];
        text += "  " + visible(name) + ": " + std::to_string(count.flips) + ", " +
                std::to_string(count.denied_before) + " -> " + std::to_string(count.denied_after) +
                ", of " + std::to_string(count.decisions) + '\n';
    }
    if (most.size() > kShownNames) {
        text += "  and " + std::to_string(most.size() - kShownNames) + " more (--json shows all)\n";
    }
}

void ReplayTally::append_flips(std::string &text) const {
    if (!flipped_.empty()) {
        text += "\nFlips\n";
    }
    for (std::size_t index = 0; index < std::min(flipped_.size(), kShownFlips); ++index) {
        const FlippedLine &line = flipped_[index];
        text += "  " + visible(line.time) + ' ' + visible(line.request_id) + ' ' + line.ip +
                " user " + visible(line.user) + " app " + visible(line.app) + ' ' +
                std::string(name_of(line.operation)) + ' ' + std::string(name_of(line.flow)) +
                ": " + std::string(name_of(line.before)) + " -> " +
                std::string(name_of(line.becomes)) + ", " + std::string(name_of(line.after)) + '\n';
    }
    if (flips() > kShownFlips) {
        text += "  and " + std::to_string(flips() - kShownFlips) + " more\n";
    }
}

std::string ReplayTally::text() const {
    std::string text = counted(decisions_, "decision") + " replayed, " + counted(flips(), "flip") +
                       ": " + std::to_string(newly_denied_) + " allow -> deny, " +
                       std::to_string(newly_allowed_) + " deny -> allow\n";
    if (decisions_ > 0) {
        text += "\nReasons: before -> after\n";
        for (const auto &[reason, count] : reasons_) {
            text += "  " + std::string(reason) + ": " + std::to_string(count.before) + " -> " +
                    std::to_string(count.after) + '\n';
        }
        append_counts(text, "Apps", apps_);
        append_counts(text, "Users", users_);
    }
    append_flips(text);
    if (without_decision_ > 0) {
        text += '\n' + counted(without_decision_, "line") +
                " without a decision, which no policy changes\n";
        for (const auto &[reason, count] : other_reasons_) {
            text += "  " + std::string(reason) + ": " + std::to_string(count) + '\n';
        }
    }
    if (undecidable_ > 0) {
        text += '\n' + counted(undecidable_, "line") + " cannot be decided\n";
        for (const std::string &example : undecidable_examples_) {
            text += "  " + example + '\n';
        }
    }
    return text;
}

json_t *ReplayTally::json_of(const Counts &counts) {
    json_t *object = json_object();
    for (const auto &[name, count] : counts) {
        json_t *value = json_object();
        json_object_set_new(value, "decisions", json_number(count.decisions));
        json_object_set_new(value, "denied_before", json_number(count.denied_before));
        json_object_set_new(value, "denied_after", json_number(count.denied_after));
        json_object_set_new(value, "flips", json_number(count.flips));
        json_object_setn_new(object, name.data(), name.size(), value);
    }
    return object;
}

json_t *ReplayTally::json_of(const FlippedLine &line) {
    json_t *value = json_object();
    const auto member = [value](const char *key, std::string_view text) {
        json_object_set_new(value, key, json_text(text));
    };
    member("time", line.time);
    member("request_id", line.request_id);
    member("ip", line.ip);
    member("user", line.user);
    member("app", line.app);
    member("operation", name_of(line.operation));
    member("flow", name_of(line.flow));
    member("reason_before", name_of(line.before));
    member("decision_after", name_of(line.becomes));
    member("reason_after", name_of(line.after));
    return value;
}

OwnedJson ReplayTally::json() const {
    OwnedJson document(json_object());
    const auto set = [&document](const char *key, json_t *value) {
        json_object_set_new(document.get(), key, value);
    };
    set("decisions", json_number(decisions_));
    set("flips", json_number(flips()));
    set("allow_to_deny", json_number(newly_denied_));
    set("deny_to_allow", json_number(newly_allowed_));
    set("without_decision", json_number(without_decision_));
    set("undecidable", json_number(undecidable_));
    json_t *reasons = json_object();
    for (const auto &[reason, count] : reasons_) {
        json_t *value = json_object();
        json_object_set_new(value, "before", json_number(count.before));
        json_object_set_new(value, "after", json_number(count.after));
        json_object_setn_new(reasons, reason.data(), reason.size(), value);
    }
    set("reasons", reasons);
    set("apps", json_of(apps_));
    set("users", json_of(users_));
    json_t *flipped = json_array();
    for (const FlippedLine &line : flipped_) {
        json_array_append_new(flipped, json_of(line));
    }
    set("flipped", flipped);
    json_t *examples = json_array();
    for (const std::string &example : undecidable_examples_) {
        json_array_append_new(examples, json_text(example));
    }
    set("undecidable_examples", examples);
    return document;
}

}  // namespace ipfence::cli
