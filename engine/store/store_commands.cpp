#include "engine/store/store_commands.hpp"

#include <algorithm>
#include <vector>

#include "engine/store/cluster.hpp"
#include "engine/whole_number.hpp"

namespace ipfence {

namespace {

// KEYS[1]; expected, value, milliseconds.
constexpr std::string_view kReplace =
    "local present = redis.call('GET', KEYS[1])\n"
    "if (present or '') ~= ARGV[1] then return present end\n"
    "redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])\n"
    "return 1";

// KEYS[1]; field, value, milliseconds, most fields. A field that names no grant makes a session
// lost, also when others are removed later.
constexpr std::string_view kBind =
    "local before = redis.call('HLEN', KEYS[1])\n"
    "if before < tonumber(ARGV[4]) then\n"
    "  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])\n"
    "else\n"
    "  redis.call('HSET', KEYS[1], 'full', '')\n"
    "end\n"
    "if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then\n"
    "  redis.call('PEXPIRE', KEYS[1], ARGV[3])\n"
    "end\n"
    "return before";

// KEYS[1]; channel, events.
constexpr std::string_view kAnnounce =
    "local generation\n"
    "for index = 2, #ARGV do\n"
    "  generation = redis.call('INCR', KEYS[1])\n"
    "  redis.call('PUBLISH', ARGV[1], string.format('%.0f', generation) .. ':' .. ARGV[index])\n"
    "end\n"
    "return generation";

Command command_on(const std::string &name, std::initializer_list<std::string_view> words) {
    return {format_command(words), cluster_slot_of(name)};
}

std::string milliseconds_of(Seconds lifetime) {
    return std::to_string(std::max<std::uint64_t>(lifetime, 1) * 1000);
}

}  // namespace

Command get_command(const std::string &name) {
    return command_on(name, {"GET", name});
}

Command get_session_command(const std::string &name) {
    return command_on(name, {"HGETALL", name});
}

Command set_command(const std::string &name, std::string_view value, Seconds lifetime,
                    bool only_new) {
    const std::string milliseconds = milliseconds_of(lifetime);
    return only_new ? command_on(name, {"SET", name, value, "PX", milliseconds, "NX"})
                    : command_on(name, {"SET", name, value, "PX", milliseconds});
}

Command delete_command(const std::string &name) {
    return command_on(name, {"DEL", name});
}

Command replace_command(const std::string &name, std::string_view expected, std::string_view value,
                        Seconds lifetime) {
    return command_on(name,
                      {"EVAL", kReplace, "1", name, expected, value, milliseconds_of(lifetime)});
}

Command bind_command(const std::string &name, std::string_view field, std::string_view value,
                     Seconds lifetime) {
    return command_on(name, {"EVAL", kBind, "1", name, field, value, milliseconds_of(lifetime),
                             std::to_string(kMaxSessionFields)});
}

Command unbind_command(const std::string &name, std::string_view field) {
    return command_on(name, {"HDEL", name, field});
}

Command get_generation_command(const std::string &name) {
    return get_command(name);
}

std::optional<std::uint64_t> parse_generation(const Reply &reply) {
    if (reply.is(Reply::Kind::nothing)) {
        return 0;
    }
    return reply.is(Reply::Kind::text) ? whole_number<std::uint64_t>(reply.text) : std::nullopt;
}

Command announce_command(const std::string &generation, std::string_view channel,
                         std::span<const std::string> events) {
    std::vector<std::string_view> words{"EVAL", kAnnounce, "1", generation, channel};
    words.insert(words.end(), events.begin(), events.end());
    return {format_command(words), cluster_slot_of(generation)};
}

}  // namespace ipfence
