#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "engine/cli/calls.hpp"
#include "engine/cli/progress_bar.hpp"
#include "engine/policy/compiled_file.hpp"
#include "engine/policy/load_policy.hpp"

namespace ipfence::cli {

namespace {

struct Arguments {
    std::string policy;
    std::string output;
};

PolicyLoad load_with_progress(const std::string &file) {
    ProgressBar bar;
    return load_policy(file, [&bar](std::string_view what, std::uint64_t done,
                                    std::uint64_t total) { bar.show(what, done, total); });
}

int compile(const Arguments &arguments) {
    const PolicyLoad load = load_with_progress(arguments.policy);
    for (const Diagnostic &error : load.errors) {
        std::cerr << error.text() << '\n';
    }
    for (const Diagnostic &warning : load.warnings) {
        std::cerr << "warning: " << warning.text() << '\n';
    }
    if (!load.policy) {
        return kExitFault;
    }
    if (const auto error = write_compiled(*load.policy, arguments.output)) {
        std::cerr << error->message << '\n';
        return kExitFault;
    }
    std::cout << arguments.output << ": policy " << load.policy->hash() << ", "
              << load.policy->image().bytes().size() << " bytes\n"
              << std::flush;
    return std::cout ? kExitFine : kExitFault;
}

}  // namespace

void add_compile(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand(
        "compile", "Write a policy in the form that nginx maps, and any call takes");
    const auto arguments = std::make_shared<Arguments>();
    call->add_option("POLICY", arguments->policy, "The policy file")->required()->type_name("");
    call->add_option("-o,--output", arguments->output, "The compiled policy")
        ->required()
        ->type_name("FILE");
    call->callback([arguments, &exit_code] { exit_code = compile(*arguments); });
}

}  // namespace ipfence::cli
