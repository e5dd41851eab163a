#pragma once

namespace CLI {
class App;
}

namespace ipfence::cli {

/// Exit codes of every call (2 is also what shells use for a wrong call).
inline constexpr int kExitFine = 0;
inline constexpr int kExitFault = 1;
inline constexpr int kExitUsage = 2;
/// Of calls that answer a question by 0 or 1, as diff(1) does: it could not be answered.
inline constexpr int kExitTrouble = 2;

// Each of these adds one call to the command line. Parsing runs the call that was made, which
// leaves its exit code in `exit_code`.

/// `ipfence check POLICY`: every fault or warning of a policy file.
void add_check(CLI::App &ipfence, int &exit_code);

/// `ipfence compile POLICY -o FILE`: the policy as an image that needs no reading.
void add_compile(CLI::App &ipfence, int &exit_code);

/// `ipfence decide --policy POLICY`: an answer a line for a request a line.
void add_decide(CLI::App &ipfence, int &exit_code);

/// `ipfence diff OLD NEW [--json]`: every decision that flips between two policies.
void add_diff(CLI::App &ipfence, int &exit_code);

/// `ipfence explain --policy POLICY …`: one decision as a person reads it.
void add_explain(CLI::App &ipfence, int &exit_code);

/// `ipfence lint [-p PREFIX] [--json] NGINX_CONF`: ways around the gate in an nginx configuration.
void add_lint(CLI::App &ipfence, int &exit_code);

/// `ipfence replay --policy CANDIDATE [--max-flips N] [--json] AUDIT…`: an audit log decided again.
void add_replay(CLI::App &ipfence, int &exit_code);

/// `ipfence test POLICY CASES`: cases that a policy is to answer so.
void add_test(CLI::App &ipfence, int &exit_code);

/// `ipfence token [--jwks FILE] TOKEN`: what a JWT says, and whether it verifies.
void add_token(CLI::App &ipfence, int &exit_code);

}  // namespace ipfence::cli
