#include "engine/status/what_if.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/credential/form.hpp"
#include "engine/decision/explain.hpp"
#include "engine/json.hpp"

namespace ipfence {

namespace {

WhatIf error(std::string_view what) {
    const OwnedJson object(json_object());
    json_object_set_new(object.get(), "error", shown_text(what));
    return {false, dump_json(object.get(), JSON_COMPACT)};
}

std::optional<std::string_view> value_of(const Form &form, std::string_view name) {
    const auto value = form.find(name);
    return value && !value->empty() ? value : std::nullopt;
}

// Left out, it is false; what is neither is not guessed.
std::optional<bool> truth_of(const Form &form, std::string_view name) {
    const std::string_view value = value_of(form, name).value_or("0");
    return value == "0" || value == "1" ? std::optional(value == "1") : std::nullopt;
}

// What is wrong with the request, or nothing.
std::string_view read(const Form &form, DecisionRequest &request) {
    constexpr std::array<std::string_view, 8> kNames{
        "ip", "user", "app", "operation", "flow", "refreshed", "device_activated", "profile_claim"};
    for (const Form::Parameter &parameter : form.parameters()) {
        if (std::ranges::find(kNames, parameter.name) == kNames.end()) {
            return "a parameter is not known";
        }
    }
    const auto ip = value_of(form, "ip");
    request.client_address = ip ? Address::parse(*ip) : std::nullopt;
    if (ip && !request.client_address) {
        return "ip is no IP address";
    }
    request.user = value_of(form, "user");
    request.app = value_of(form, "app");
    request.claimed_profile = value_of(form, "profile_claim");
    const auto operation = operation_of(value_of(form, "operation").value_or(""));
    if (!operation) {
        return "operation is missing, or is none";
    }
    request.operation = *operation;
    const auto flow = value_of(form, "flow");
    const auto known = flow_of(flow.value_or(request.app ? "unknown" : "direct"));
    if (!known) {
        return "flow is none";
    }
    request.flow = *known;
    const auto refreshed = truth_of(form, "refreshed");
    const auto device_activated = truth_of(form, "device_activated");
    if (!refreshed || !device_activated) {
        return "refreshed and device_activated are 1 or 0";
    }
    request.refreshed = *refreshed;
    request.device_activated = *device_activated;
    return {};
}

json_t *steps_of(const Explanation &explanation) {
    json_t *steps = json_array();
    for (const StepTaken &step : explanation.steps) {
        json_t *object = json_object();
        json_object_set_new(object, "step", json_integer(step.number));
        json_object_set_new(object, "question", shown_text(step.question));
        json_object_set_new(object, "finding", shown_text(step.finding));
        json_array_append_new(steps, object);
    }
    return steps;
}

}  // namespace

WhatIf what_if(const Policy &policy, std::string_view query, const OriginSource *origins) {
    std::vector<char> storage(Form::storage_size(query.size()));
    const auto form = Form::parse(query, storage);
    if (!form) {
        return error(form.error().description);
    }
    DecisionRequest request;
    if (const std::string_view fault = read(*form, request); !fault.empty()) {
        return error(fault);
    }
    request.origins = origins;
    const Explanation explanation = explain(policy, request);
    const OwnedJson object(json_object());
    const auto set = [&object](const char *key, json_t *value) {
        json_object_set_new(object.get(), key, value);
    };
    const Decision &decision = explanation.decision;
    set("policy", shown_text(policy.hash()));
    set("decision", shown_text(name_of(decision.outcome)));
    set("reason", shown_text(name_of(decision.reason)));
    set("rule", shown_text(rule_text(decision)));
    set("steps", steps_of(explanation));
    return {true, dump_json(object.get(), JSON_COMPACT)};
}

}  // namespace ipfence
