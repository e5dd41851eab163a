#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/status/board.hpp"
#include "engine/status/store_tally.hpp"

namespace ipfence {

/// What an operator is told, beside the counts.
struct Status {
    std::int64_t time = 0;       ///< seconds since 1970
    std::string_view version{};  ///< of ipfence
    std::string_view policy{};   ///< the hash of the one in force; empty: none applies here
    std::string_view candidate_policy{};  ///< likewise; empty: there is none
    bool policy_is_faulty = false;        ///< its files have changed, into what is no policy
    bool candidate_is_faulty = false;     ///< likewise
    std::array<std::string_view, StatusBoard::kKinds> kinds{};  ///< by their number on the board

    /// Memory for what is learned.
    struct ZoneUse {
        std::string_view name{};
        std::uint64_t bytes = 0;
        std::uint64_t capacity = 0;  ///< credentials that it holds at most
        std::uint64_t used = 0;      ///< of those, about how many it holds: a sample was counted
        std::uint64_t evicted = 0;   ///< live records that gave way to others
        std::uint64_t refused = 0;   ///< records that found no place
    };
    std::optional<ZoneUse> zone{};

    /// The shared store.
    struct StoreUse {
        const StoreTally *tally = nullptr;
        std::size_t workers = 0;
        std::uint64_t now = 0;    ///< milliseconds of the clock that never steps
        bool is_trusted = false;  ///< copies are used without asking: nothing was missed
    };
    std::optional<StoreUse> store{};
};

/// All of it as one JSON object; docs/directives.md says what the members are.
std::string status_json(const Status &status, StatusBoard &board);

/// All of it but names of apps and users, in the text format of Prometheus (0.0.4). The labels take
/// values of closed sets only, but for the hash of a policy.
std::string status_metrics(const Status &status, const StatusBoard &board);

}  // namespace ipfence
