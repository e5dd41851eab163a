#include "engine/cli/decide_request.hpp"

#include <algorithm>

#include "engine/decision/name_unless_empty.hpp"
#include "engine/json.hpp"

namespace ipfence::cli {

namespace {

// What the members of a request object say; the flow's default depends on the app.
struct RequestMembers {
    DecisionRequest request;
    std::optional<Operation> operation;
    std::optional<Flow> flow;
};

// Takes a value that is not null into the members; says what is wrong with it, or nothing.
using TakeValue = std::string (*)(const json_t *value, RequestMembers &members);

constexpr const char *kNotAString = "must be a string";
constexpr const char *kNotABoolean = "must be true or false";

std::string take_ip(const json_t *value, RequestMembers &members) {
    if (!json_is_string(value)) {
        return kNotAString;
    }
    members.request.client_address = Address::parse(view_of(value));
    return members.request.client_address ? "" : "is not an IP address";
}

template <std::optional<std::string_view> DecisionRequest::*kMember>
std::string take_name(const json_t *value, RequestMembers &members) {
    if (!json_is_string(value)) {
        return kNotAString;
    }
    members.request.*kMember = name_unless_empty(view_of(value));
    return {};
}

template <bool DecisionRequest::*kMember>
std::string take_flag(const json_t *value, RequestMembers &members) {
    if (!json_is_boolean(value)) {
        return kNotABoolean;
    }
    members.request.*kMember = json_is_true(value);
    return {};
}

std::string take_operation(const json_t *value, RequestMembers &members) {
    if (!json_is_string(value)) {
        return kNotAString;
    }
    members.operation = operation_of(view_of(value));
    return members.operation ? "" : "is not an operation";
}

std::string take_flow(const json_t *value, RequestMembers &members) {
    if (!json_is_string(value)) {
        return kNotAString;
    }
    members.flow = flow_of(view_of(value));
    return members.flow ? "" : "is not a flow";
}

struct Member {
    std::string_view key;
    TakeValue take;
};

constexpr Member kMembers[] = {
    {"ip", take_ip},
    {"user", take_name<&DecisionRequest::user>},
    {"app", take_name<&DecisionRequest::app>},
    {"operation", take_operation},
    {"flow", take_flow},
    {"refreshed", take_flag<&DecisionRequest::refreshed>},
    {"device_activated", take_flag<&DecisionRequest::device_activated>},
};

// What is wrong with one member, or nothing.
std::string take_member(std::string_view key, const json_t *value, RequestMembers &members) {
    const auto *member = std::find_if(std::begin(kMembers), std::end(kMembers),
                                      [key](const Member &known) { return known.key == key; });
    if (member == std::end(kMembers)) {
        return "unknown key \"" + std::string(key) + '"';
    }
    if (json_is_null(value)) {
        return {};
    }
    const std::string fault = member->take(value, members);
    return fault.empty() ? fault : std::string(key) + ' ' + fault;
}

// Jansson quotes the input, and may cut that inside a character; an answer must be UTF-8.
Error syntax_error(const json_error_t &error) {
    std::string text = error.text;
    std::replace_if(
        text.begin(), text.end(), [](char byte) { return static_cast<signed char>(byte) < 0; },
        '?');
    return {"not JSON: " + text};
}

}  // namespace

Flow default_flow(const std::optional<std::string_view> &app) noexcept {
    return app ? Flow::unknown : Flow::direct;
}

Result<DecideRequest> parse_decide_request(std::string_view line) {
    json_error_t error;
    OwnedJson document = load_json(line, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!document) {
        return syntax_error(error);
    }
    if (!json_is_object(document.get())) {
        return Error{"a request is a JSON object"};
    }
    RequestMembers members;
    const char *key = nullptr;
    json_t *value = nullptr;
    json_object_foreach(document.get(), key, value) {
        if (std::string fault = take_member(key, value, members); !fault.empty()) {
            return Error{std::move(fault)};
        }
    }
    if (!members.operation) {
        return Error{"operation is missing"};
    }
    members.request.operation = *members.operation;
    members.request.flow = members.flow.value_or(default_flow(members.request.app));
    return DecideRequest{std::move(document), members.request};
}

}  // namespace ipfence::cli
