#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/decision/decision.hpp"

namespace ipfence {

/// One step of semantics.md that was taken: its number, its question, and what it found.
struct StepTaken {
    unsigned number;
    std::string_view question;
    std::string finding;
};

/// The row of semantics.md, "The table that this restates", that a request falls under, and the
/// notes to the table that keep it from holding, or take its place.
struct TableRow {
    Relaxation relaxation;
    bool continuous_ip_enforcement;
    std::string_view meaning;
    std::vector<std::string_view> notes;
};

/// How a decision came about, for people.
struct Explanation {
    Decision decision;
    std::vector<StepTaken> steps;
    TableRow row;
};

/// Takes the same steps as `decide`, and writes down each of them. Slow; never on a request's path.
Explanation explain(const Policy &policy, const DecisionRequest &request);

}  // namespace ipfence
