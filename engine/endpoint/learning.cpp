#include "engine/endpoint/learning.hpp"

#include <algorithm>
#include <string>

#include "engine/endpoint/learned_grant.hpp"
#include "engine/endpoint/token_learner.hpp"

namespace ipfence {

namespace {

// A grant that is already there learns what the exchange of its code, or a refresh, adds to it; but
// not that of a code whose login has ended meanwhile. `owner` is that of the origin's user.
Learned add_to_grant(Memory &memory, const Redeemed &redeemed, const SessionOrigin &origin,
                     const std::optional<Address> &address, std::uint32_t owner, Seconds lifetime,
                     Seconds now) {
    bool fits = true;
    bool has_ended = false;
    const Digest &key = redeemed.memory->credential.grant;
    const bool found = memory.change_grant(key, lifetime, now, [&](GrantRecord &grant) {
        has_ended = redeemed.is_code && grant.has(GrantRecord::kForgotten);
        if (has_ended) {
            return;
        }
        const SessionOrigin before = origin_of(grant, false);
        const bool user_is_new = before.user.empty() && !origin.user.empty();
        const auto profile =
            origin.claimed_profile ? origin.claimed_profile : before.claimed_profile;
        fits = grant.set_names(before.app.empty() ? origin.app : before.app,
                               before.user.empty() ? origin.user : before.user,
                               profile.value_or(std::string_view{}));
        if (!fits) {
            return;
        }
        if (user_is_new) {
            grant.header.owner = owner;
        }
        grant.set(GrantRecord::kProfileClaimed, profile.has_value());
        grant.set(GrantRecord::kDeviceActivated,
                  before.device_activated || origin.device_activated);
        grant.set(GrantRecord::kRefreshed, grant.has(GrantRecord::kRefreshed) || origin.refreshed);
        grant.set_outlives_logout(grant.outlives_logout() || origin.outlives_logout);
        grant.set_address(address);
    });
    if (!fits) {
        return Learned::too_long;
    }
    return found && !has_ended ? Learned::learned : Learned::refused;
}

// Whom the policy lists is decided whatever his tokens claim, which counts once it lists him no
// longer. An app in its own name has no profile.
std::optional<std::string_view> claimed_profile_of(const DecisionRequest &request,
                                                   const IssuedTokens &tokens) noexcept {
    return tokens.profile_claimed && request.flow != Flow::client_credentials
               ? tokens.claimed_profile
               : request.claimed_profile;
}

SessionOrigin origin_of(const Judgement &judgement, const IssuedTokens &tokens, bool refreshed) {
    const DecisionRequest &request = judgement.request;
    return {
        .app = request.app.value_or(std::string_view{}),
        .user = request.user.value_or(std::string_view{}),
        .claimed_profile = claimed_profile_of(request, tokens),
        .flow = request.flow,
        .refreshed = refreshed,
        .device_activated = request.device_activated || tokens.verified,
        .device_tag = std::nullopt,
        .outlives_logout = tokens.outlive_logout,
    };
}

// Whom memory knows already need not be digested again.
std::uint32_t owner_of(const Memory &memory, const SessionOrigin &origin,
                       const std::optional<Remembered> &known) noexcept {
    const bool is_same = known && !origin.user.empty() && known->grant.user() == origin.user;
    return is_same ? known->grant.header.owner : memory.owner_of(origin.user, origin.app);
}

// As long as nobody knows the user, it is whose session it is, or nobody's: whoever signs in can
// have a code and a new session for each request, and displace all others, were each of those an
// owner of its own.
std::uint32_t owner_of_login(const Memory &memory, const SessionOrigin &origin,
                             std::span<const BrowserSession> sessions, Seconds now) noexcept {
    if (!origin.user.empty()) {
        return memory.owner_of(origin.user, origin.app);
    }
    std::uint32_t owner = RecordHeader::kNobody;
    for (const BrowserSession &session : sessions) {
        owner = owner == RecordHeader::kNobody ? memory.owner_of_session(session.key, now) : owner;
    }
    return owner;
}

// The code's key is that of its grant, too.
Learned learn_code(Memory &memory, const Digest &key, std::uint32_t owner, Seconds now) {
    return learned_of(memory.remember(
        {.kind = CredentialKind::code, .key = key, .grant = key, .lifetime = Lifetimes::kCode},
        owner, now));
}

// What was redeemed has had its day; `next` is the refresh token in its place, if any.
void retire(Memory &memory, const Redeemed &redeemed, const std::optional<Digest> &next,
            Seconds now) {
    if (!redeemed.key) {
        return;
    }
    if (redeemed.is_code) {
        memory.forget(*redeemed.key);
        return;
    }
    if (redeemed.is_refresh_token && next && next != redeemed.key) {
        memory.shorten(*redeemed.key, Lifetimes::kRotated, now);
    }
}

}  // namespace

Learned learn_tokens(Memory &memory, const IssuedTokens &tokens, const Judgement &judgement,
                     const Redeemed &redeemed, Seconds now) {
    const SessionOrigin origin = origin_of(judgement, tokens, redeemed.is_refresh_token);
    const auto &address = judgement.request.client_address;
    TokenLearner learner(memory, tokens, redeemed.is_refresh_token, now);

    const std::uint32_t owner = owner_of(memory, origin, redeemed.memory);

    std::optional<Digest> grant;
    Learned learned = Learned::refused;
    if (redeemed.memory && (redeemed.is_code || redeemed.is_refresh_token)) {
        grant = redeemed.memory->credential.grant;
        learned = add_to_grant(memory, redeemed, origin, address, owner, learner.lifetime(), now);
    }
    if (failed(learned)) {
        grant = learner.founding_key(redeemed.key);
    }
    if (learned == Learned::refused && grant) {
        learned = remember_grant(memory,
                                 {.key = *grant,
                                  .origin = origin,
                                  .login = {address},
                                  .owner = owner,
                                  .lifetime = learner.lifetime()},
                                 now);
    }
    // That they are from here is known, and that nobody can say of what: a token exchange must not
    // take them for tokens from elsewhere. A refresh token that goes on is of what it was.
    const bool goes_on = redeemed.memory && redeemed.key == learner.refresh_key();
    if (learned == Learned::too_long && grant && !goes_on) {
        return worse(learned, learner.learn(*grant, owner));
    }
    if (failed(learned)) {
        return learned;
    }
    learned = worse(learned, learner.learn(*grant, owner));
    retire(memory, redeemed, learner.refresh_key(), now);
    return learned;
}

Learned learn_authorization(Memory &memory, std::string_view code, const IssuedTokens &tokens,
                            const SessionOrigin &origin, const BrowserLogin &login,
                            std::span<const BrowserSession> sessions, Seconds now) {
    TokenLearner learner(memory, tokens, false, now);
    Seconds lifetime = std::max(learner.lifetime(), Lifetimes::kCode);
    for (const BrowserSession &session : sessions) {
        lifetime = std::max(lifetime, session.lifetime);
    }
    const auto grant = code.empty() ? learner.founding_key() : memory.digest(Role::code, {}, code);
    if (!grant) {
        return Learned::refused;
    }
    const std::uint32_t owner = owner_of_login(memory, origin, sessions, now);
    Learned learned = remember_grant(
        memory,
        {.key = *grant, .origin = origin, .login = login, .owner = owner, .lifetime = lifetime},
        now);
    // Also of a grant that was not remembered, as above.
    learned = worse(learned, learner.learn(*grant, owner));
    if (!code.empty()) {
        learned = worse(learned, learn_code(memory, *grant, owner, now));
    }
    // Also to a grant that was not remembered: such a session is lost, and not one that lacks it.
    for (const BrowserSession &session : sessions) {
        learned = worse(learned, learned_of(memory.bind_session(session.key, *grant, owner,
                                                                session.lifetime, now)));
    }
    return learned;
}

Learned learn_derived_token(Memory &memory, const Digest &key, const SessionOrigin &origin,
                            Seconds lifetime, Seconds now) {
    std::string names;
    for (const std::string_view name : {origin.app, origin.user}) {
        names.append(name).push_back('\0');  // no name has a control byte
    }
    // A profile that cannot be read denies, and is not none.
    if (origin.claimed_profile) {
        names.append(*origin.claimed_profile).push_back('\0');
    }
    const auto grant = memory.digest(Role::grant, "derived", names);
    if (!grant) {
        return Learned::refused;
    }
    const std::uint32_t owner = memory.owner_of(origin.user, origin.app);
    const Learned learned = remember_shared_grant(memory,
                                                  {.key = *grant,
                                                   .origin = origin,
                                                   .login = {},
                                                   .owner = owner,
                                                   .lifetime = lifetime,
                                                   .standing = Standing::derived},
                                                  now);
    if (failed(learned)) {
        return learned;
    }
    return worse(learned, learned_of(memory.remember({.kind = CredentialKind::access_token,
                                                      .key = key,
                                                      .grant = *grant,
                                                      .lifetime = lifetime,
                                                      .standing = Standing::derived},
                                                     owner, now)));
}

}  // namespace ipfence
