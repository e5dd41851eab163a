#include "engine/store/command.hpp"

#include <hiredis/hiredis.h>

#include <vector>

namespace ipfence {

std::string format_command(std::span<const std::string_view> words) {
    std::vector<const char *> texts;
    std::vector<std::size_t> sizes;
    for (const std::string_view word : words) {
        texts.push_back(word.empty() ? "" : word.data());
        sizes.push_back(word.size());
    }
    char *formatted = nullptr;
    const int size = redisFormatCommandArgv(&formatted, static_cast<int>(words.size()),
                                            texts.data(), sizes.data());
    if (size < 0) {
        return {};
    }
    std::string bytes(formatted, static_cast<std::size_t>(size));
    redisFreeCommand(formatted);
    return bytes;
}

std::string format_command(std::initializer_list<std::string_view> words) {
    return format_command(std::span(words.begin(), words.size()));
}

std::string authenticate_command(std::string_view user, std::string_view password) {
    return user.empty() ? format_command({"AUTH", password})
                        : format_command({"AUTH", user, password});
}

std::string select_command(unsigned database) {
    return format_command({"SELECT", std::to_string(database)});
}

std::string ping_command() {
    return format_command({"PING"});
}

std::string role_command() {
    return format_command({"ROLE"});
}

std::string cluster_slots_command() {
    return format_command({"CLUSTER", "SLOTS"});
}

std::string asking_command() {
    return format_command({"ASKING"});
}

std::string sentinel_master_command(std::string_view master) {
    return format_command({"SENTINEL", "get-master-addr-by-name", master});
}

std::string subscribe_command(std::string_view channel) {
    return format_command({"SUBSCRIBE", channel});
}

}  // namespace ipfence
