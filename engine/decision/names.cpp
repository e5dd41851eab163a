#include "engine/decision/names.hpp"

#include <algorithm>

namespace ipfence {

namespace {

template <class Table>
constexpr auto value_of(const Table &table, std::string_view text) noexcept
    -> std::optional<decltype(table.front().value)> {
    const auto *found = std::find_if(table.begin(), table.end(),
                                     [text](const auto &name) { return name.text == text; });
    return found == table.end() ? std::nullopt : std::optional(found->value);
}

}  // namespace

std::string_view name_of(Operation operation) noexcept {
    return kOperationNames[static_cast<std::size_t>(operation)].text;
}

std::string_view name_of(Flow flow) noexcept {
    return kFlowNames[static_cast<std::size_t>(flow)].text;
}

std::string_view name_of(Outcome outcome) noexcept {
    return kOutcomeNames[static_cast<std::size_t>(outcome)].text;
}

std::string_view name_of(Reason reason) noexcept {
    return kReasonNames[static_cast<std::size_t>(reason)].text;
}

std::optional<Operation> operation_of(std::string_view name) noexcept {
    return value_of(kOperationNames, name);
}

std::optional<Flow> flow_of(std::string_view name) noexcept {
    return value_of(kFlowNames, name);
}

std::optional<Outcome> outcome_of(std::string_view name) noexcept {
    return value_of(kOutcomeNames, name);
}

std::optional<Reason> reason_of(std::string_view name) noexcept {
    return value_of(kReasonNames, name);
}

}  // namespace ipfence
