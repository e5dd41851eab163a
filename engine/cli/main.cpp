#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cli/calls.hpp"

namespace {

// The arguments, the last first, as CLI11 takes them. It takes what follows `--name=` for the
// value, which is empty: that is said here as `--name ""`.
std::vector<std::string> arguments_of(int argc, char **argv) {
    std::vector<std::string> arguments;
    bool may_be_option = true;
    for (int number = 1; number < argc; ++number) {
        const std::string_view argument = argv[number];
        may_be_option = may_be_option && argument != "--";
        const bool is_named = may_be_option && argument.size() > 3 && argument.starts_with("--");
        if (is_named && argument.find('=') == argument.size() - 1) {
            arguments.emplace_back(argument.substr(0, argument.size() - 1));
            arguments.emplace_back();
        } else {
            arguments.emplace_back(argument);
        }
    }
    return {arguments.rbegin(), arguments.rend()};
}

void add_calls(CLI::App &ipfence, int &exit_code) {
    ipfence::cli::add_check(ipfence, exit_code);
    ipfence::cli::add_compile(ipfence, exit_code);
    ipfence::cli::add_decide(ipfence, exit_code);
    ipfence::cli::add_diff(ipfence, exit_code);
    ipfence::cli::add_explain(ipfence, exit_code);
    ipfence::cli::add_lint(ipfence, exit_code);
    ipfence::cli::add_replay(ipfence, exit_code);
    ipfence::cli::add_test(ipfence, exit_code);
    ipfence::cli::add_token(ipfence, exit_code);
}

bool has_call(CLI::App &ipfence, std::string_view name) {
    return !ipfence.get_subcommands([name](CLI::App *call) { return call->get_name() == name; })
                .empty();
}

}  // namespace

// What CLI11 throws beside those below, while calls are added, is this program's mistake.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char **argv) {
    // A file that may not be as large is an error to be said, as a full disk is.
    std::signal(SIGXFSZ, SIG_IGN);
    CLI::App ipfence("IP relaxation and continuous IP enforcement for OAuth providers.", "ipfence");
    ipfence.set_version_flag("--version", "ipfence " IPFENCE_VERSION, "Print the version and exit");
    ipfence.require_subcommand(1);

    int exit_code = ipfence::cli::kExitFine;
    add_calls(ipfence, exit_code);

    // Of a wrong name CLI11 would say that there is none.
    if (argc > 1 && *argv[1] != '-' && !has_call(ipfence, argv[1])) {
        std::cerr << "There is no subcommand " << argv[1]
                  << "\nRun with --help for more information.\n";
        return ipfence::cli::kExitUsage;
    }
    try {
        ipfence.parse(arguments_of(argc, argv));
    } catch (const CLI::ParseError &stopped) {
        // Help and version arrive here too, as an exception whose exit code is 0.
        exit_code = ipfence.exit(stopped) == 0 ? ipfence::cli::kExitFine : ipfence::cli::kExitUsage;
    } catch (const std::bad_alloc &) {
        // An answer of a call that answers by 0 or 1 this is not.
        std::cerr << "ipfence: there is not enough memory\n";
        return ipfence::cli::kExitTrouble;
    }
    if (!std::cout.flush()) {
        std::cerr << "ipfence: standard output could not be written\n";
        return exit_code == ipfence::cli::kExitFine ? ipfence::cli::kExitFault : exit_code;
    }
    return exit_code;
}
