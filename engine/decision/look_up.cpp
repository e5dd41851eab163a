#include "engine/decision/look_up.hpp"

namespace ipfence {

const App *effective_app(const Policy &policy, std::optional<std::string_view> client_id) noexcept {
    return client_id ? listed_or_default(policy, policy.find_app(*client_id)) : nullptr;
}

std::optional<std::string_view> effective_user(const Policy &policy,
                                               const DecisionRequest &request) noexcept {
    const bool is_of_app = request.flow == Flow::client_credentials;
    const std::string_view user =
        user_of(request, is_of_app ? effective_app(policy, request.app) : nullptr);
    return user.empty() ? std::nullopt : std::optional(user);
}

const Profile *NameSearches::profile_of_app_user(std::string_view user,
                                                 const Policy &policy) noexcept {
    return policy.find_user(user);
}

}  // namespace ipfence
