#include "engine/comparison/moment.hpp"

#include <array>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace ipfence {

namespace {

constexpr unsigned kAnySession = (1U << kSessions) - 1;

// The sessions of each flow, a bit each.
using SessionsByFlow = std::array<unsigned, kFlows>;

SessionsByFlow sessions_of(const Moments &moments, std::size_t operation) {
    SessionsByFlow sessions{};
    for (std::size_t flow = 0; flow < kFlows; ++flow) {
        for (std::size_t session = 0; session < kSessions; ++session) {
            if (moments[(operation * kFlows + flow) * kSessions + session]) {
                sessions[flow] |= 1U << session;
            }
        }
    }
    return sessions;
}

std::string joined_names(const std::vector<std::string_view> &names) {
    std::string text;
    for (const std::string_view name : names) {
        text += text.empty() ? "" : ", ";
        text += name;
    }
    return text;
}

constexpr std::array<std::string_view, kSessions> kSessionTexts{
    "neither refreshed nor activated", "activated, not refreshed", "refreshed, not activated",
    "refreshed and activated"};

std::string session_text(unsigned sessions) {
    switch (sessions) {
        case kAnySession:
            return {};
        case 0b1100:
            return " (refreshed)";
        case 0b0011:
            return " (not refreshed)";
        case 0b1010:
            return " (device activated)";
        case 0b0101:
            return " (device not activated)";
        default:
            break;
    }
    std::string text;
    for (std::size_t session = 0; session < kSessions; ++session) {
        if ((sessions >> session & 1) != 0) {
            text += text.empty() ? " (" : "; or ";
            text += kSessionTexts[session];
        }
    }
    return text + ')';
}

// The flows that have just these sessions: by name, or the others by name where most have them.
std::string names_of_flows(const SessionsByFlow &sessions, const SessionsByFlow &possible,
                           unsigned with) {
    std::vector<std::string_view> names;
    std::vector<std::string_view> others;
    for (std::size_t flow = 0; flow < kFlows; ++flow) {
        if (possible[flow] != 0) {
            (sessions[flow] == with ? names : others).push_back(name_of(static_cast<Flow>(flow)));
        }
    }
    if (names.size() <= others.size() || names.size() == 1) {
        return joined_names(names);
    }
    return others.empty() ? "any flow" : "any flow but " + joined_names(others);
}

// The flows that have the same sessions, by these; `possible` are those that could have any.
std::string flows_text(const SessionsByFlow &sessions, const SessionsByFlow &possible) {
    std::set<unsigned> all_sessions(sessions.begin(), sessions.end());
    all_sessions.erase(0);
    std::string text;
    for (const unsigned with : all_sessions) {
        text += text.empty() ? "" : ", ";
        text += names_of_flows(sessions, possible, with) + session_text(with);
    }
    return text;
}

}  // namespace

std::string text_of(const Moments &moments, const Moments &possible) {
    std::vector<std::pair<SessionsByFlow, std::vector<std::string_view>>> groups;
    for (std::size_t operation = 0; operation < kOperations; ++operation) {
        const SessionsByFlow sessions = sessions_of(moments, operation);
        if (sessions == SessionsByFlow{}) {
            continue;
        }
        const std::string_view name = name_of(static_cast<Operation>(operation));
        if (!groups.empty() && groups.back().first == sessions) {
            groups.back().second.push_back(name);
        } else {
            groups.push_back({sessions, {name}});
        }
    }
    std::string text;
    for (const auto &[sessions, operations] : groups) {
        text += text.empty() ? "" : "; ";
        text += operations.size() == kOperations ? "any operation" : joined_names(operations);
        text += ": " + flows_text(sessions, sessions_of(possible, 0));
    }
    return text;
}

}  // namespace ipfence
