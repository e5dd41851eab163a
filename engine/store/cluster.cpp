#include "engine/store/cluster.hpp"

#include <algorithm>

#include "engine/whole_number.hpp"

namespace ipfence {

namespace {

// CRC16-CCITT as XMODEM has it: polynomial 0x1021, nothing reflected, begins with 0.
constexpr std::array<std::uint16_t, 256> crc16_table() noexcept {
    std::array<std::uint16_t, 256> table{};
    for (unsigned byte = 0; byte < table.size(); ++byte) {
        unsigned value = byte << 8;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value & 0x8000) != 0 ? value << 1 ^ 0x1021 : value << 1;
        }
        table[byte] = static_cast<std::uint16_t>(value);
    }
    return table;
}

constexpr auto kCrc16Table = crc16_table();

std::uint16_t crc16(std::string_view text) noexcept {
    unsigned crc = 0;
    for (const char byte : text) {
        crc =
            (crc << 8 ^ kCrc16Table[(crc >> 8 ^ static_cast<unsigned char>(byte)) & 0xff]) & 0xffff;
    }
    return static_cast<std::uint16_t>(crc);
}

constexpr std::int64_t kMaxPort = 65535;

std::optional<std::uint16_t> port_of(std::int64_t number) noexcept {
    return number > 0 && number <= kMaxPort ? std::optional(static_cast<std::uint16_t>(number))
                                            : std::nullopt;
}

bool is_slot(std::int64_t number) noexcept {
    return number >= 0 && number < kClusterSlots;
}

// `[host, port, ...]`, as CLUSTER SLOTS names a server.
std::optional<ServerName> parse_server(const Reply &reply, const ServerName &asked) {
    if (reply.items.size() < 2 || !reply.items[1].is(Reply::Kind::integer)) {
        return std::nullopt;
    }
    const Reply &host = reply.items[0];
    const auto port = port_of(reply.items[1].integer);
    const bool is_unnamed = host.is(Reply::Kind::nothing) ||
                            (host.is(Reply::Kind::text) && (host.text.empty() || host.text == "?"));
    if (!port || (!is_unnamed && !host.is(Reply::Kind::text))) {
        return std::nullopt;
    }
    return ServerName{is_unnamed ? asked.host : host.text, *port};
}

}  // namespace

std::uint16_t cluster_slot_of(std::string_view key) noexcept {
    const auto begin = key.find('{');
    if (begin != std::string_view::npos) {
        const auto end = key.find('}', begin + 1);
        if (end != std::string_view::npos && end != begin + 1) {
            key = key.substr(begin + 1, end - begin - 1);
        }
    }
    return crc16(key) % kClusterSlots;
}

Result<SlotMap> SlotMap::parse(const Reply &reply, const ServerName &asked) {
    const Error error{"the answer to CLUSTER SLOTS is none"};
    if (!reply.is(Reply::Kind::list)) {
        return error;
    }
    SlotMap map;
    for (const Reply &range : reply.items) {
        if (range.items.size() < 3 || !range.items[0].is(Reply::Kind::integer) ||
            !range.items[1].is(Reply::Kind::integer)) {
            return error;
        }
        const std::int64_t first = range.items[0].integer;
        const std::int64_t last = range.items[1].integer;
        const auto server = parse_server(range.items[2], asked);
        const auto number = server ? map.number_of(*server) : std::nullopt;
        if (!is_slot(first) || !is_slot(last) || first > last || !number) {
            return error;
        }
        for (auto slot = static_cast<std::size_t>(first); slot <= static_cast<std::size_t>(last);
             ++slot) {
            if (map.server_of_slot_[slot] != kNone) {
                return Error{"the answer to CLUSTER SLOTS gives a slot two masters"};
            }
            map.server_of_slot_[slot] = *number;
        }
    }
    return map;
}

const ServerName *SlotMap::server_of(std::uint16_t slot) const noexcept {
    const std::uint16_t number = server_of_slot_[slot % kClusterSlots];
    return number == kNone ? nullptr : &servers_[number];
}

std::optional<std::uint16_t> SlotMap::number_of(const ServerName &server) {
    const auto found = std::ranges::find(servers_, server);
    const auto number = static_cast<std::size_t>(found - servers_.begin());
    if (found == servers_.end()) {
        if (servers_.size() == kNone) {
            return std::nullopt;
        }
        servers_.push_back(server);
    }
    return static_cast<std::uint16_t>(number);
}

void SlotMap::move(std::uint16_t slot, const ServerName &server) {
    if (const auto number = number_of(server)) {
        server_of_slot_[slot % kClusterSlots] = *number;
    }
}

std::optional<Redirect> parse_redirect(const Reply &reply, const ServerName &asked) {
    Redirect redirect;
    if (reply.is_error("ASK")) {
        redirect.kind = Redirect::Kind::ask;
    } else if (!reply.is_error("MOVED")) {
        return std::nullopt;
    }
    std::string_view rest = reply.text;
    rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
    const auto space = rest.find(' ');
    const auto colon = rest.rfind(':');  // an IPv6 address has more of them, and no brackets
    if (space == std::string_view::npos || colon == std::string_view::npos || colon < space) {
        return std::nullopt;
    }
    const auto slot = whole_number<std::uint16_t>(rest.substr(0, space));
    const auto port = whole_number<std::uint16_t>(rest.substr(colon + 1));
    if (!slot || *slot >= kClusterSlots || !port || *port == 0) {
        return std::nullopt;
    }
    const std::string_view host = rest.substr(space + 1, colon - space - 1);
    redirect.slot = *slot;
    redirect.server = {host.empty() || host == "?" ? asked.host : std::string(host), *port};
    return redirect;
}

}  // namespace ipfence
