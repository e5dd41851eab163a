#include "engine/endpoint/token_digest.hpp"

#include <new>
#include <string>

namespace ipfence {

std::optional<Digest> digest_of_any_spelling(const Memory &memory,
                                             std::string_view token) noexcept {
    try {
        const std::string lesser = lesser_spelling_of(token);
        return memory.digest(Role::token, {}, lesser.empty() ? token : std::string_view(lesser));
    } catch (const std::bad_alloc &) {
        return std::nullopt;
    }
}

}  // namespace ipfence
