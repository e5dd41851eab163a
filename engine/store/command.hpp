#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ipfence {

/// A command as it is sent, and where to.
struct Command {
    std::string bytes;
    std::optional<std::uint16_t> slot;  ///< of the key that it is about; empty: any server
};

/// The bytes of a command: any bytes may be in its words (L17). Empty when there is no memory.
std::string format_command(std::span<const std::string_view> words);
std::string format_command(std::initializer_list<std::string_view> words);

// What a connection begins with, and asks about the server.

/// AUTH; `user` empty: the default one.
std::string authenticate_command(std::string_view user, std::string_view password);
/// SELECT, of a server that is not part of a cluster.
std::string select_command(unsigned database);
/// PING: whether the server still answers.
std::string ping_command();
/// Answered by `parse_role`.
std::string role_command();
/// Answered by `SlotMap::parse`, or by an error when the server is not part of a cluster.
std::string cluster_slots_command();
/// Before a command that is sent where an ASK redirect pointed.
std::string asking_command();
/// Asked of a Sentinel; answered by `parse_sentinel_master`.
std::string sentinel_master_command(std::string_view master);
/// SUBSCRIBE: from here on, the connection is for what is published.
std::string subscribe_command(std::string_view channel);

}  // namespace ipfence
