#include "engine/policy/policy.hpp"

#include <utility>

namespace ipfence {

std::string_view name_of(Relaxation relaxation) noexcept {
    switch (relaxation) {
        case Relaxation::enforce:
            return "enforce";
        case Relaxation::relax_for_refresh_tokens:
            return "relax_for_refresh_tokens";
        case Relaxation::relax_for_activated_devices:
            return "relax_for_activated_devices";
        case Relaxation::relax:
            return "relax";
    }
    return "";
}

std::string_view name_of(SensitiveOperations mode) noexcept {
    switch (mode) {
        case SensitiveOperations::block_relaxed_apps:
            return "block_relaxed_apps";
        case SensitiveOperations::block_relaxed_sessions:
            return "block_relaxed_sessions";
        case SensitiveOperations::outside_ranges:
            return "outside_ranges";
    }
    return "";
}

std::string_view name_of(TrustedRangesEffect effect) noexcept {
    switch (effect) {
        case TrustedRangesEffect::replace:
            return "replace";
        case TrustedRangesEffect::bypass:
            return "bypass";
    }
    return "";
}

const Profile *Policy::find_profile(std::string_view name) const noexcept {
    const auto found = profiles_.find(name);
    return found == profiles_.end() ? nullptr : found->second.get();
}

const Profile *Policy::find_user(std::string_view user) const noexcept {
    const auto found = users_.find(user);
    return found == users_.end() ? nullptr : found->second;
}

const App *Policy::find_app(std::string_view client_id) const noexcept {
    const auto found = apps_.find(client_id);
    return found == apps_.end() ? nullptr : &found->second;
}

PolicyBuilder::PolicyBuilder() : policy_(new Policy) {}
PolicyBuilder::~PolicyBuilder() = default;

const Profile *PolicyBuilder::add_profile(Profile profile) {
    std::string name = profile.name;
    const auto added =
        policy_->profiles_.emplace(std::move(name), std::make_unique<Profile>(std::move(profile)));
    return added.first->second.get();
}

bool PolicyBuilder::add_user(std::string user, const Profile *profile) {
    return policy_->users_.emplace(std::move(user), profile).second;
}

bool PolicyBuilder::add_app(App app) {
    std::string client_id = app.client_id;
    return policy_->apps_.emplace(std::move(client_id), std::move(app)).second;
}

void PolicyBuilder::set_organization(Organization organization) {
    policy_->organization_ = std::move(organization);
}

void PolicyBuilder::set_hash(std::string hash) {
    policy_->hash_ = std::move(hash);
}

const Profile *PolicyBuilder::find_profile(std::string_view name) const noexcept {
    return policy_->find_profile(name);
}

const Profile *PolicyBuilder::find_user(std::string_view user) const noexcept {
    return policy_->find_user(user);
}

std::size_t PolicyBuilder::users() const noexcept {
    return policy_->users();
}

std::unique_ptr<const Policy> PolicyBuilder::build() {
    if (policy_->organization_.user_claims.empty()) {
        policy_->organization_.user_claims = {"sub"};
    }
    return std::move(policy_);
}

}  // namespace ipfence
