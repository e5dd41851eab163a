#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/result.hpp"
#include "engine/store/location.hpp"
#include "engine/store/reply.hpp"

namespace ipfence {

/// Slots of a Redis Cluster.
inline constexpr std::uint16_t kClusterSlots = 16384;

/// The slot of a key (Redis Cluster specification): the CRC16 of what stands between its first `{`
/// and the `}` after it, if that is not empty; else of all of it.
std::uint16_t cluster_slot_of(std::string_view key) noexcept;

/// Which server has which slots.
class SlotMap {
  public:
    /// Reads the answer to CLUSTER SLOTS; `asked` is who answered, for a server that does not know
    /// its own name (it says "" or "?"). Fails on anything else, and when a slot has two masters.
    static Result<SlotMap> parse(const Reply &reply, const ServerName &asked);

    /// The master of a slot; null when the cluster has none for it.
    const ServerName *server_of(std::uint16_t slot) const noexcept;

    /// Every master once.
    const std::vector<ServerName> &servers() const noexcept { return servers_; }

    /// What a MOVED redirect says, until the map is read anew.
    void move(std::uint16_t slot, const ServerName &server);

  private:
    SlotMap() { server_of_slot_.fill(kNone); }

    static constexpr std::uint16_t kNone = 0xffff;
    std::optional<std::uint16_t> number_of(const ServerName &server);

    std::vector<ServerName> servers_;
    std::array<std::uint16_t, kClusterSlots> server_of_slot_;
};

/// Where an error sends a command instead.
struct Redirect {
    enum class Kind : std::uint8_t {
        moved,  ///< this slot's commands go there from now on
        ask,    ///< only this command goes there, after ASKING
    };
    Kind kind = Kind::moved;
    std::uint16_t slot = 0;
    ServerName server;
};

/// Reads `MOVED 3999 127.0.0.1:6381` or `ASK ...`; an empty host is that of `asked`. Empty for any
/// other reply.
std::optional<Redirect> parse_redirect(const Reply &reply, const ServerName &asked);

}  // namespace ipfence
