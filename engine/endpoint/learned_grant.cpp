#include "engine/endpoint/learned_grant.hpp"

namespace ipfence {

Learned remember_grant(Memory &memory, const NewGrant &grant, Seconds now) {
    const auto &[key, origin, login, owner, lifetime, standing] = grant;
    GrantRecord record = grant_of(origin, login.client_address);
    record.header.owner = owner;
    if (!record.set_names(origin.app, origin.user,
                          origin.claimed_profile.value_or(login.undecided_users))) {
        return Learned::too_long;
    }
    return learned_of(memory.remember_grant(key, record, lifetime, standing, now));
}

Learned remember_shared_grant(Memory &memory, const NewGrant &grant, Seconds now) {
    const bool lives_on =
        memory.change_grant(grant.key, grant.lifetime, now, [](const GrantRecord &) {});
    return lives_on ? Learned::learned : remember_grant(memory, grant, now);
}

}  // namespace ipfence
