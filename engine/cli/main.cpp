#include <CLI/CLI.hpp>
#include <iostream>
#include <new>

#include "engine/cli/calls.hpp"

int main(int argc, char **argv) {
    CLI::App ipfence("IP relaxation and continuous IP enforcement for OAuth providers.", "ipfence");
    ipfence.set_version_flag("--version", "ipfence " IPFENCE_VERSION, "Print the version and exit");
    ipfence.require_subcommand(1);

    int exit_code = ipfence::cli::kExitFine;
    ipfence::cli::add_check(ipfence, exit_code);
    ipfence::cli::add_compile(ipfence, exit_code);
    ipfence::cli::add_decide(ipfence, exit_code);
    ipfence::cli::add_diff(ipfence, exit_code);
    ipfence::cli::add_explain(ipfence, exit_code);
    ipfence::cli::add_lint(ipfence, exit_code);
    ipfence::cli::add_replay(ipfence, exit_code);
    ipfence::cli::add_test(ipfence, exit_code);
    ipfence::cli::add_token(ipfence, exit_code);

    try {
        ipfence.parse(argc, argv);
    } catch (const CLI::ParseError &stopped) {
        // Help and version arrive here too, as an exception whose exit code is 0.
        return ipfence.exit(stopped) == 0 ? ipfence::cli::kExitFine : ipfence::cli::kExitUsage;
    } catch (const std::bad_alloc &) {
        // An answer of a call that answers by 0 or 1 this is not.
        std::cerr << "ipfence: there is not enough memory\n";
        return ipfence::cli::kExitTrouble;
    }
    if (!std::cout) {
        std::cerr << "ipfence: standard output could not be written\n";
    }
    return exit_code;
}
