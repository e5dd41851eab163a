#include "engine/cli/policy_argument.hpp"

#include <iostream>

namespace ipfence::cli {

namespace {

void print_errors(const PolicyLoad &load) {
    for (const Diagnostic &error : load.errors) {
        std::cerr << error.text() << '\n';
    }
}

}  // namespace

void print_diagnostics(const PolicyLoad &load) {
    print_errors(load);
    for (const Diagnostic &warning : load.warnings) {
        std::cerr << "warning: " << warning.text() << '\n';
    }
}

std::unique_ptr<const Policy> load_policy_argument(const std::string &file) {
    PolicyLoad load = load_policy(file);
    print_errors(load);
    return std::move(load.policy);
}

}  // namespace ipfence::cli
