#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>

#include "engine/cli/calls.hpp"
#include "engine/cli/decide_request.hpp"
#include "engine/cli/geoip_arguments.hpp"
#include "engine/cli/output.hpp"
#include "engine/cli/policy_argument.hpp"
#include "engine/cli/request_lines.hpp"

namespace ipfence::cli {

namespace {

json_t *string_or_null(std::string_view text) {
    return text.empty() ? json_null() : json_text(text);
}

std::string_view profile_name(const Policy &policy, const DecisionRequest &request,
                              const Decision &decision) {
    // Step 1 may have ended the decision before step 2 asked for the profile.
    const Profile *profile =
        decision.profile != nullptr ? decision.profile : effective_profile(policy, request);
    return profile != nullptr ? std::string_view(profile->name) : std::string_view();
}

std::string_view relaxation_name(const DecisionRequest &request, const Decision &decision) {
    if (!request.app) {
        return {};
    }
    return name_of(decision.app != nullptr ? decision.app->ip_relaxation : Relaxation::enforce);
}

OwnedJson error_answer(std::string_view message) {
    OwnedJson answer(json_object());
    json_object_set_new(answer.get(), "error", json_text(message));
    return answer;
}

OwnedJson answer_to(const Policy &policy, const DecisionRequest &request) {
    const Decision decision = decide(policy, request);
    OwnedJson answer(json_object());
    const auto set = [&answer](const char *key, json_t *value) {
        json_object_set_new(answer.get(), key, value);
    };
    set("decision", json_text(name_of(decision.outcome)));
    set("reason", json_text(name_of(decision.reason)));
    set("rule", string_or_null(rule_text(decision)));
    set("profile", string_or_null(profile_name(policy, request, decision)));
    set("relaxation", string_or_null(relaxation_name(request, decision)));
    return answer;
}

OwnedJson answer_to(const Policy &policy, const OriginSource &origins, const RequestLine &line) {
    if (line.too_long) {
        return error_answer("the line is longer than " + std::to_string(kLineLimit) + " bytes");
    }
    Result<DecideRequest> request = parse_decide_request(line.text);
    if (!request) {
        return error_answer(request.error().message);
    }
    request->request.origins = &origins;
    return answer_to(policy, request->request);
}

void append_line(const OwnedJson &answer, Output &output) {
    const auto append = [](const char *text, std::size_t size, void *to) {
        static_cast<Output *>(to)->append({text, size});
        return 0;
    };
    json_dump_callback(answer.get(), append, &output, 0);
    output.append("\n");
}

int report(const char *what, int error) {
    std::cerr << "ipfence: " << what << ": " << std::strerror(error) << '\n';
    return kExitFault;
}

int decide_lines(const Policy &policy, const OriginSource &origins) {
    // A reader that went away is a write that fails with EPIPE, not a signal.
    std::signal(SIGPIPE, SIG_IGN);
    RequestLines lines(STDIN_FILENO);
    Output output(STDOUT_FILENO);
    do {
        while (const std::optional<RequestLine> line = lines.next()) {
            append_line(answer_to(policy, origins, *line), output);
        }
        // Whoever waits for an answer before the next request must get it before we wait for that.
        if (!output.flush()) {
            return output.error() == EPIPE ? kExitFault : report("standard output", output.error());
        }
    } while (lines.read_more());
    return lines.error() == 0 ? kExitFine : report("standard input", lines.error());
}

struct DecideArguments {
    std::string policy;
    GeoipArguments geoip;
};

int decide_arguments(const DecideArguments &arguments) {
    const std::unique_ptr<const Policy> policy = load_policy_argument(arguments.policy);
    if (!policy) {
        return kExitFault;
    }
    const std::unique_ptr<const GeoipDatabases> geoip = open_geoip(arguments.geoip, *policy);
    return geoip ? decide_lines(*policy, *geoip) : kExitFault;
}

}  // namespace

void add_decide(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand(
        "decide", "Answer requests: one JSON object a line in, one a line out, in order");
    const auto arguments = std::make_shared<DecideArguments>();
    call->add_option("--policy", arguments->policy, "The policy file")
        ->required()
        ->type_name("POLICY");
    add_geoip_options(*call, arguments->geoip);
    call->callback([arguments, &exit_code] { exit_code = decide_arguments(*arguments); });
}

}  // namespace ipfence::cli
