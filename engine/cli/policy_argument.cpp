#include "engine/cli/policy_argument.hpp"

#include <iostream>

#include "engine/policy/load_policy.hpp"

namespace ipfence::cli {

std::unique_ptr<const Policy> load_policy_argument(const std::string &file) {
    PolicyLoad load = load_policy(file);
    for (const Diagnostic &error : load.errors) {
        std::cerr << error.text() << '\n';
    }
    return std::move(load.policy);
}

}  // namespace ipfence::cli
