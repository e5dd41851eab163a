#pragma once

#include <bitset>
#include <cstddef>
#include <string>

#include "engine/decision/decision.hpp"

namespace ipfence {

/// What `diff` calls a moment: what a request does and what is known of its session: all inputs of
/// a decision but who, through which app and from where.
struct Moment {
    Operation operation = Operation::login;
    Flow flow = Flow::web_server;
    bool refreshed = false;
    bool device_activated = false;
};

inline constexpr std::size_t kOperations = static_cast<std::size_t>(Operation::login_flow) + 1;
inline constexpr std::size_t kFlows = static_cast<std::size_t>(Flow::unknown) + 1;
/// Refreshed or not, on an activated device or not.
inline constexpr std::size_t kSessions = 4;
inline constexpr std::size_t kMoments = kOperations * kFlows * kSessions;

/// A set of moments, by their numbers.
using Moments = std::bitset<kMoments>;

/// The moment of a number, which is less than kMoments; each is that of one number.
constexpr Moment moment_of(std::size_t number) noexcept {
    return {static_cast<Operation>(number / (kFlows * kSessions)),
            static_cast<Flow>(number / kSessions % kFlows), number % kSessions / 2 != 0,
            number % 2 != 0};
}

/// A set of moments as a person reads it: `login, refresh: web_server; access: any flow,
/// refreshed`. `possible` are those that there could have been.
std::string text_of(const Moments &moments, const Moments &possible);

}  // namespace ipfence
