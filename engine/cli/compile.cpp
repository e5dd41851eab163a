#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "engine/cli/calls.hpp"
#include "engine/cli/policy_argument.hpp"
#include "engine/cli/progress_bar.hpp"
#include "engine/policy/compiled_file.hpp"
#include "engine/policy/load_policy.hpp"

namespace ipfence::cli {

namespace {

struct CompileArguments {
    std::string policy;
    std::string output;
};

PolicyLoad load_with_progress(const std::string &file) {
    ProgressBar bar;
    return load_policy(file, [&bar](std::string_view what, std::uint64_t done,
                                    std::uint64_t total) { bar.show(what, done, total); });
}

// Also by another name, as /dev/stdout.
bool is_standard_output(const std::string &file) {
    struct stat named {};
    struct stat standard {};
    return file == "-" ||
           (::stat(file.c_str(), &named) == 0 && ::fstat(STDOUT_FILENO, &standard) == 0 &&
            named.st_dev == standard.st_dev && named.st_ino == standard.st_ino);
}

// Whether it was written; what it is, is said only where the image does not go itself.
bool write(const Policy &policy, const std::string &file) {
    const bool is_standard = is_standard_output(file);
    const std::optional<Error> error =
        is_standard ? write_compiled(policy, STDOUT_FILENO, "standard output")
                    : write_compiled(policy, file);
    if (error) {
        std::cerr << error->message << '\n';
        return false;
    }
    if (!is_standard) {
        std::cout << file << ": policy " << policy.hash() << ", " << policy.image().bytes().size()
                  << " bytes\n"
                  << std::flush;
    }
    return static_cast<bool>(std::cout);
}

// The document is what people edit, and the image does not give it back.
bool are_one_file(const std::string &one, const std::string &other) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(one, ignored) &&
           std::filesystem::equivalent(one, other, ignored);
}

int compile(const CompileArguments &arguments) {
    if (are_one_file(arguments.policy, arguments.output)) {
        std::cerr << arguments.output << ": is the policy itself: name another file\n";
        return kExitUsage;
    }
    const PolicyLoad load = load_with_progress(arguments.policy);
    print_diagnostics(load);
    if (!load.policy) {
        return kExitFault;
    }
    return write(*load.policy, arguments.output) ? kExitFine : kExitFault;
}

}  // namespace

void add_compile(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand(
        "compile", "Write a policy in the form that nginx maps, and any call takes");
    const auto arguments = std::make_shared<CompileArguments>();
    call->add_option("POLICY", arguments->policy, "The policy file")->required()->type_name("");
    call->add_option("-o,--output", arguments->output, "The compiled policy; - is standard output")
        ->required()
        ->type_name("FILE");
    call->callback([arguments, &exit_code] { exit_code = compile(*arguments); });
}

}  // namespace ipfence::cli
