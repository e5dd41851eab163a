#include "engine/credential/named_user.hpp"

namespace ipfence {

NamedUser user_named_in(const Claims &claims, std::span<const std::string> user_claims) noexcept {
    for (const std::string &claim : user_claims) {
        if (const auto user = claims.text(claim)) {
            return {user, claim};
        }
        if (claims.is_unreadable(claim)) {
            return {std::nullopt, claim, true};
        }
    }
    return {};
}

}  // namespace ipfence
