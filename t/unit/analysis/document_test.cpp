// docs/lint.md and the table of rules say the same.

#include <gtest/gtest.h>

#include <fstream>

#include "t/unit/analysis/every_rule.hpp"

namespace ipfence::document_test {
namespace {

// The rules of the document in their order, each with its severity: "### mirror (error)".
std::vector<std::string> documented_rules() {
    std::ifstream document(IPFENCE_LINT_DOCUMENT);
    std::vector<std::string> rules;
    for (std::string line; std::getline(document, line);) {
        if (line.starts_with("### ")) {
            rules.push_back(line.substr(4));
        }
    }
    return rules;
}

TEST(Document, HasASectionForEveryRuleInTheirOrder) {
    std::vector<std::string> expected;
    for (const LintRule *rule : rules::kAll) {
        expected.push_back(std::string(rule->name) + " (" + std::string(name_of(rule->severity)) +
                           ')');
    }
    EXPECT_EQ(documented_rules(), expected);
}

}  // namespace
}  // namespace ipfence::document_test
