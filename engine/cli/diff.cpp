#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "engine/cli/calls.hpp"
#include "engine/cli/comparison_text.hpp"
#include "engine/cli/geoip_arguments.hpp"
#include "engine/cli/json_output.hpp"
#include "engine/cli/policy_argument.hpp"
#include "engine/cli/progress_bar.hpp"
#include "engine/comparison/compare.hpp"

namespace ipfence::cli {

namespace {

struct DiffArguments {
    std::string before;
    std::string after;
    bool json = false;
    GeoipArguments geoip;
};

// Whether it is known where the origins of the database in this file are.
template <class Runs, class Covers>
bool take_covers(const std::optional<std::string> &file, const Result<Runs> &runs,
                 std::optional<Covers> &covers) {
    if (!runs) {
        std::cerr << "ipfence: " << file.value_or("") << ": " << runs.error().message << '\n';
        return false;
    }
    covers = covers_of(runs.value());
    return true;
}

// Empty after an error, which is said.
std::optional<KnownOrigins> known_to(const GeoipDatabases &geoip, const GeoipArguments &files) {
    KnownOrigins known;
    known.source = &geoip;
    const GeoipDatabase *countries = geoip.countries();
    const GeoipDatabase *systems = geoip.systems();
    if ((countries != nullptr &&
         !take_covers(files.country, countries->country_runs(), known.countries)) ||
        (systems != nullptr && !take_covers(files.asn, systems->as_number_runs(), known.systems))) {
        return std::nullopt;
    }
    return known;
}

Comparison compare_with_progress(const Policy &before, const Policy &after,
                                 const KnownOrigins &known) {
    ProgressBar bar;
    return compare(before, after, known, [&bar](std::uint64_t done, std::uint64_t total) {
        bar.show("of all profiles and apps compared", done, total);
    });
}

int diff(const DiffArguments &arguments) {
    const std::unique_ptr<const Policy> before = load_policy_argument(arguments.before);
    const std::unique_ptr<const Policy> after = load_policy_argument(arguments.after);
    if (!before || !after) {
        return kExitTrouble;
    }
    const std::unique_ptr<const GeoipDatabases> geoip = open_geoip(arguments.geoip);
    if (!geoip) {
        return kExitTrouble;
    }
    const auto known = known_to(*geoip, arguments.geoip);
    if (!known) {
        return kExitTrouble;
    }
    const Comparison comparison = compare_with_progress(*before, *after, *known);
    if (arguments.json) {
        print_json(json_of_comparison(comparison));
    } else {
        std::cout << text_of(comparison);
    }
    if (!std::cout.flush()) {
        return kExitTrouble;
    }
    return comparison.flips.empty() ? kExitFine : kExitFault;
}

}  // namespace

void add_diff(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand(
        "diff", "Show every decision that flips between two policies, exactly");
    const auto arguments = std::make_shared<DiffArguments>();
    call->add_option("OLD", arguments->before, "The policy in force")->required()->type_name("");
    call->add_option("NEW", arguments->after, "The policy to come")->required()->type_name("");
    add_geoip_options(*call, arguments->geoip);
    call->add_flag("--json", arguments->json, "Everything, as one JSON object");
    call->callback([arguments, &exit_code] { exit_code = diff(*arguments); });
}

}  // namespace ipfence::cli
