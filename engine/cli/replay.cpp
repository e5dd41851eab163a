#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "engine/cli/audit_log.hpp"
#include "engine/cli/calls.hpp"
#include "engine/cli/geoip_arguments.hpp"
#include "engine/cli/json_output.hpp"
#include "engine/cli/policy_argument.hpp"
#include "engine/cli/progress_bar.hpp"
#include "engine/cli/replay_tally.hpp"
#include "engine/whole_number.hpp"

namespace ipfence::cli {

namespace {

struct ReplayArguments {
    std::string policy;
    std::vector<std::string> logs;
    std::optional<std::uint64_t> max_flips;
    bool json = false;
    GeoipArguments geoip;
};

// The bytes of all logs together; 0 where they are not known.
std::uint64_t size_of(const std::vector<std::string> &logs) {
    std::uint64_t size = 0;
    for (const std::string &log : logs) {
        struct stat status {};
        if (log == "-" || ::stat(log.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
            return 0;
        }
        size += static_cast<std::uint64_t>(status.st_size);
    }
    return size;
}

// Asks the databases, and notes whether anybody asked.
class NotingOrigins final : public OriginSource {
  public:
    explicit NotingOrigins(const OriginSource &origins) : origins_(origins) {}

    AddressOrigin origin_of(Address address) const noexcept override {
        was_asked_ = true;
        return origins_.origin_of(address);
    }

    // Whether somebody did since this was last called.
    bool take_was_asked() noexcept { return std::exchange(was_asked_, false); }

  private:
    const OriginSource &origins_;
    mutable bool was_asked_ = false;
};

class Replay {
  public:
    Replay(const Policy &candidate, const GeoipDatabases &geoip, std::uint64_t total)
        : candidate_(candidate),
          origins_(geoip),
          misses_database_(
              candidate.names_more_than(geoip.countries() != nullptr, geoip.systems() != nullptr)),
          total_(total) {}

    // Whether the log was read to its end.
    bool read(const std::string &name) {
        return read_audit_log(name, [&](const RequestLine &line, std::uint64_t number) {
            add(line, name, number);
            done_ += line.text.size() + 1;
            bar_.show("of the audit log replayed", done_, total_);
        });
    }

    const ReplayTally &tally() const noexcept { return tally_; }

  private:
    void add(const RequestLine &line, const std::string &name, std::uint64_t number) {
        if (line.text.empty() && !line.too_long) {
            return;  // what the gate writes behind a line that a full disk has cut
        }
        const Result<AuditLine> audit = parse_audit_line(line);
        const std::string place = name + ':' + std::to_string(number);
        if (!audit) {
            tally_.add_undecidable(place, audit.error().message);
        } else if (!is_of_a_decision(audit->reason)) {
            tally_.add_without_decision(audit->reason);
        } else if (is_of_nobody_known(*audit)) {
            tally_.add_undecidable(place, "was allowed without looking who asked");
        } else {
            add_decision(*audit, place);
        }
    }

    void add_decision(const AuditLine &audit, const std::string &place) {
        const Decision decision = decide(candidate_, request_for(audit));
        if (origins_.take_was_asked() && misses_database_) {
            tally_.add_undecidable(place,
                                   "depends on where its address is, and no database says "
                                   "so: give --geoip-country and --geoip-asn");
        } else {
            tally_.add_decision(audit, decision);
        }
    }

    // Where continuous enforcement was off nobody looked for the user, who may not have been known
    // or not have been there. Of client credentials the candidate says who that is, or that nobody.
    bool is_of_nobody_known(const AuditLine &audit) const {
        const bool is_of_app = audit.request.flow == Flow::client_credentials && audit.request.app;
        return audit.reason == Reason::not_continuous && !audit.request.user && !is_of_app &&
               candidate_.organization().continuous_ip_enforcement;
    }

    DecisionRequest request_for(const AuditLine &audit) const {
        DecisionRequest request = audit.request;
        request.origins = &origins_;
        return request;
    }

    const Policy &candidate_;
    NotingOrigins origins_;
    bool misses_database_;  // of those that the candidate needs
    std::uint64_t total_;
    std::uint64_t done_ = 0;
    ReplayTally tally_;
    ProgressBar bar_;
};

void print(const ReplayTally &tally, bool json) {
    if (json) {
        print_json(tally.json());
    } else {
        std::cout << tally.text();
    }
}

int exit_code_of(const ReplayTally &tally, const std::optional<std::uint64_t> &max_flips) {
    if (tally.decisions() == 0 && tally.undecidable() > 0) {
        std::cerr << "ipfence: no line could be decided: is this an audit log of ipfence?\n";
        return kExitTrouble;
    }
    return max_flips && tally.flips() > *max_flips ? kExitFault : kExitFine;
}

int replay(const ReplayArguments &arguments) {
    const std::unique_ptr<const Policy> candidate = load_policy_argument(arguments.policy);
    if (!candidate) {
        return kExitTrouble;
    }
    const std::unique_ptr<const GeoipDatabases> geoip = open_geoip(arguments.geoip);
    if (!geoip) {
        return kExitTrouble;
    }
    ReplayTally tally;
    {
        Replay replay(*candidate, *geoip, size_of(arguments.logs));
        for (const std::string &name : arguments.logs) {
            if (!replay.read(name)) {
                return kExitTrouble;
            }
        }
        tally = replay.tally();
    }
    print(tally, arguments.json);
    return std::cout.flush() ? exit_code_of(tally, arguments.max_flips) : kExitTrouble;
}

}  // namespace

void add_replay(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand(
        "replay", "Decide an audit log again under another policy, and count what flips");
    const auto arguments = std::make_shared<ReplayArguments>();
    call->add_option("--policy", arguments->policy, "The policy to come")
        ->required()
        ->type_name("POLICY");
    call->add_option("AUDIT", arguments->logs, "Audit logs; - is standard input")
        ->required()
        ->type_name("");
    call->add_option_function<std::string>(
            "--max-flips",
            [arguments](const std::string &text) {
                arguments->max_flips = whole_number<std::uint64_t>(text);
            },
            "Exit with 1 when more decisions flip")
        ->type_name("N")
        // Left to CLI11, -1 would be the largest number there is, and an empty text none.
        ->check([](const std::string &text) {
            return whole_number<std::uint64_t>(text) ? std::string()
                                                     : "not a number of flips: " + text;
        });
    add_geoip_options(*call, arguments->geoip);
    call->add_flag("--json", arguments->json, "Everything, as one JSON object");
    call->callback([arguments, &exit_code] { exit_code = replay(*arguments); });
}

}  // namespace ipfence::cli
