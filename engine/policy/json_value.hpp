#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/json.hpp"
#include "engine/named.hpp"
#include "engine/policy/inspection.hpp"

namespace ipfence {

// Typed reading of JSON values. Each function reports what is wrong to the inspection, at the place
// where that is now, and then returns an empty value.

/// Reports that `value` is none of the type that is wanted, in words.
void report_type(Inspection &inspection, std::string_view wanted, const json_t *value);

/// Whether `value` is an object, all of whose keys are among `known`. With an unknown key the
/// object is still read, so that its other faults show too.
bool is_object(Inspection &inspection, const json_t *value,
               std::span<const std::string_view> known);

/// Whether `value` is an object, whatever its keys, none of which may be empty or hold control
/// bytes.
bool is_map(Inspection &inspection, const json_t *value);

/// Whether `value` is an array with at least one element.
bool is_list(Inspection &inspection, const json_t *value);

/// A string that is not empty and has no control byte.
std::optional<std::string> text_of(Inspection &inspection, const json_t *value);

/// `true` or `false`.
std::optional<bool> boolean_of(Inspection &inspection, const json_t *value);

/// A list of strings, all different, each of which `check` is shown at its place.
std::vector<std::string> texts_of(
    Inspection &inspection, const json_t *value,
    const std::function<void(const std::string &)> &check = [](const std::string &) {});

/// A word that stands for a value of an enumeration.
template <class Value, std::size_t kCount>
std::optional<Value> word_of(Inspection &inspection, const json_t *value,
                             const std::array<Named<Value>, kCount> &words) {
    const auto text = text_of(inspection, value);
    if (!text) {
        return std::nullopt;
    }
    std::string allowed;
    for (const auto &[meaning, word] : words) {
        if (word == *text) {
            return meaning;
        }
        allowed += (allowed.empty() ? "\"" : ", \"") + std::string(word) + "\"";
    }
    inspection.error("\"" + *text + "\" is not one of " + allowed);
    return std::nullopt;
}

}  // namespace ipfence
