#include "engine/store/server_role.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/whole_number.hpp"

namespace ipfence {

std::optional<ServerRole> parse_role(const Reply &reply) {
    if (!reply.is(Reply::Kind::list) || reply.items.empty() ||
        !reply.items[0].is(Reply::Kind::text)) {
        return std::nullopt;
    }
    const std::string_view role = reply.items[0].text;
    if (role == "master") {
        return ServerRole::master;
    }
    if (role == "slave" || role == "replica") {
        return ServerRole::replica;
    }
    return role == "sentinel" ? std::optional(ServerRole::sentinel) : std::nullopt;
}

std::optional<ServerName> parse_sentinel_master(const Reply &reply) {
    if (!reply.is(Reply::Kind::list) || reply.items.size() != 2 ||
        !reply.items[0].is(Reply::Kind::text) || !reply.items[1].is(Reply::Kind::text)) {
        return std::nullopt;
    }
    const auto port = whole_number<std::uint16_t>(reply.items[1].text);
    if (port.value_or(0) == 0 || reply.items[0].text.empty()) {
        return std::nullopt;
    }
    return ServerName{reply.items[0].text, *port};
}

bool is_unusable_server(const Reply &reply) noexcept {
    constexpr std::array<std::string_view, 9> kWords{"LOADING",     "READONLY", "MASTERDOWN",
                                                     "CLUSTERDOWN", "NOAUTH",   "WRONGPASS",
                                                     "NOPERM",      "MISCONF",  "NOREPLICAS"};
    return std::ranges::any_of(kWords, [&](std::string_view word) { return reply.is_error(word); });
}

}  // namespace ipfence
