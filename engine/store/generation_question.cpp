#include "engine/store/generation_question.hpp"

#include <utility>

#include "engine/store/store_commands.hpp"

namespace ipfence {

std::vector<Command> GenerationQuestion::next_round() {
    std::vector<Command> commands;
    if (!std::exchange(is_asked_, true)) {
        commands.push_back(get_generation_command(name_));
    }
    return commands;
}

bool GenerationQuestion::take(std::span<const Reply> replies) {
    generation_ = replies.size() == 1 ? parse_generation(replies.front()) : std::nullopt;
    return generation_.has_value();
}

}  // namespace ipfence
