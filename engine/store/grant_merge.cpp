#include "engine/store/grant_merge.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "engine/memory/memory.hpp"

namespace ipfence {

namespace {

// Of two texts of which one may be unknown; empty when they differ.
std::optional<std::string_view> known_of(std::string_view one, std::string_view other) noexcept {
    if (one.empty() || other.empty() || one == other) {
        return one.empty() ? other : one;
    }
    return std::nullopt;
}

// In this order the greater one's profile and address are the merged ones.
auto profile_order(const GrantRecord &grant) noexcept {
    return std::tuple(grant.has(GrantRecord::kProfileClaimed), grant.issued, grant.profile(),
                      grant.has(GrantRecord::kFromKnown), grant.has(GrantRecord::kFromIpv4),
                      grant.address_high, grant.address_low);
}

// In this order the greater one says what was verified, and whose record it is.
auto user_order(const GrantRecord &grant) noexcept {
    return std::tuple(!grant.user().empty(), grant.has(GrantRecord::kDeviceActivated));
}

auto owner_order(const GrantRecord &grant) noexcept {
    return std::tuple(!grant.user().empty(), grant.header.owner);
}

GrantRecord contradiction(const GrantRecord &one, const GrantRecord &other) noexcept {
    GrantRecord merged;
    merged.header.version = one.header.version;
    merged.header.epoch = one.header.epoch;
    merged.header.key = one.header.key;
    merged.header.expires = std::max(one.header.expires, other.header.expires);
    merged.header.flags = GrantRecord::kForgotten | GrantRecord::kContradictory;
    return merged;
}

}  // namespace

GrantRecord merge(const GrantRecord &one, const GrantRecord &other) noexcept {
    const auto app = known_of(one.app(), other.app());
    const auto user = known_of(one.user(), other.user());
    const bool is_contradictory =
        one.has(GrantRecord::kContradictory) || other.has(GrantRecord::kContradictory);
    if (is_contradictory || !app || !user || one.flow() != other.flow()) {
        return contradiction(one, other);
    }
    const GrantRecord &latest = profile_order(one) < profile_order(other) ? other : one;
    const GrantRecord &knowing = user_order(one) < user_order(other) ? other : one;
    GrantRecord merged;
    if (!merged.set_names(*app, *user, latest.profile())) {
        return contradiction(one, other);
    }
    merged.header = one.header;
    merged.header.expires = std::max(one.header.expires, other.header.expires);
    merged.header.owner = (owner_order(one) < owner_order(other) ? other : one).header.owner;
    merged.header.standing = std::max(one.header.standing, other.header.standing);
    merged.header.flags = 0;
    merged.set(GrantRecord::kForgotten,
               one.has(GrantRecord::kForgotten) || other.has(GrantRecord::kForgotten));
    merged.set(GrantRecord::kRefreshed,
               one.has(GrantRecord::kRefreshed) || other.has(GrantRecord::kRefreshed));
    merged.set(GrantRecord::kDeviceActivated, knowing.has(GrantRecord::kDeviceActivated));
    merged.set(GrantRecord::kProfileClaimed, latest.has(GrantRecord::kProfileClaimed));
    merged.set_flow(one.flow());
    merged.set_outlives_logout(one.outlives_logout() || other.outlives_logout());
    merged.issued = latest.issued;
    merged.set_address(latest.address());
    if (one.has(GrantRecord::kDeviceTagged) && other.has(GrantRecord::kDeviceTagged) &&
        one.device_tag == other.device_tag) {
        merged.set(GrantRecord::kDeviceTagged, true);
        merged.device_tag = one.device_tag;
    }
    return merged;
}

bool decides_otherwise(const GrantRecord &before, const GrantRecord &after) noexcept {
    return before.has(GrantRecord::kForgotten) != after.has(GrantRecord::kForgotten) ||
           !Memory::are_alike(before, after);
}

}  // namespace ipfence
