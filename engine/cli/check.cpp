#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "engine/cli/calls.hpp"
#include "engine/policy/load_policy.hpp"

namespace ipfence::cli {

namespace {

std::string counted(std::size_t count, const char *noun) {
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

int check(const std::string &file) {
    const PolicyLoad load = load_policy(file);
    for (const Diagnostic &error : load.errors) {
        std::cerr << error.text() << '\n';
    }
    for (const Diagnostic &warning : load.warnings) {
        std::cerr << "warning: " << warning.text() << '\n';
    }
    if (!load.policy) {
        return kExitFault;
    }
    const Policy &policy = *load.policy;
    std::cout << file << ": ok, " << counted(policy.users(), "user") << ", "
              << counted(policy.profiles(), "profile") << ", " << counted(policy.apps(), "app")
              << ", policy " << policy.hash() << '\n'
              << std::flush;
    return std::cout ? kExitFine : kExitFault;
}

}  // namespace

void add_check(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand("check", "Check a policy file and report every error");
    const auto file = std::make_shared<std::string>();
    call->add_option("POLICY", *file, "The policy file")->required()->type_name("");
    call->callback([file, &exit_code] { exit_code = check(*file); });
}

}  // namespace ipfence::cli
