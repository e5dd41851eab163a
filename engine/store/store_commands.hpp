#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/memory/instant.hpp"
#include "engine/store/command.hpp"
#include "engine/store/reply.hpp"

namespace ipfence {

// What the store is asked to do with records. Lifetimes are relative, so that a Redis server whose
// clock is wrong keeps values for as long as it should; 6.0 knows all of it. Names are StoreNames'.

/// GET: the value, or nothing.
Command get_command(const std::string &name);

/// HGETALL: names of fields and values in turn; none where there is no session.
Command get_session_command(const std::string &name);

/// SET for so long. `only_new`: leaves one alone that is there, and answers nothing.
Command set_command(const std::string &name, std::string_view value, Seconds lifetime,
                    bool only_new);

/// DEL.
Command delete_command(const std::string &name);

/// Sets a value if the present one is `expected` (empty: there must be none). Answers the integer
/// 1, or else the present value, or nothing.
Command replace_command(const std::string &name, std::string_view expected, std::string_view value,
                        Seconds lifetime);

/// A session that has so many fields takes no more: what it received is read as a whole. Above what
/// any reader looks at, so that those of them that logout forgets are many.
constexpr std::size_t kMaxSessionFields = 256;

/// Sets a field of a session, which then lives at least for so long; one that is full gets a field
/// instead that makes it lost. Answers how many fields there were before.
Command bind_command(const std::string &name, std::string_view field, std::string_view value,
                     Seconds lifetime);

/// Removes a field of a session.
Command unbind_command(const std::string &name, std::string_view field);

/// The counter of events: a text of digits, or nothing.
Command get_generation_command(const std::string &name);

/// What the answer to `get_generation_command` says; empty when it says nothing sensible.
std::optional<std::uint64_t> parse_generation(const Reply &reply);

/// Counts and publishes events (as EventFormat writes them) in one step, so that all machines see
/// them in the order of their numbers. Answers the last number.
Command announce_command(const std::string &generation, std::string_view channel,
                         std::span<const std::string> events);

}  // namespace ipfence
