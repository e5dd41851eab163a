#include "engine/endpoint/learning.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace ipfence {

namespace {

Learned learned_of(Stored stored) noexcept {
    switch (stored) {
        case Stored::stored:
            return Learned::learned;
        case Stored::evicting:
            return Learned::evicting;
        case Stored::refused:
            break;
    }
    return Learned::refused;
}

Learned worse(Learned one, Learned other) noexcept {
    return std::max(one, other);
}

Seconds lifetime_of(const std::optional<std::int64_t> &told, Seconds otherwise) noexcept {
    return told ? static_cast<Seconds>(std::min<std::int64_t>(*told, Memory::kMaxLifetime))
                : otherwise;
}

// The tokens of one answer under one grant.
class TokenLearner {
  public:
    TokenLearner(Memory &memory, const IssuedTokens &tokens, bool refreshed, Seconds now) noexcept
        : memory_(memory), tokens_(tokens), refreshed_(refreshed), now_(now) {}

    /// How long the longest of them lives.
    Seconds lifetime() const noexcept {
        const Seconds refresh = tokens_.refresh_token.empty() ? 0 : refresh_lifetime();
        return std::max(access_lifetime(), refresh);
    }

    Learned learn(const Digest &grant, std::uint32_t owner) {
        const Learned access = learn_one(CredentialKind::access_token, tokens_.access_token, grant,
                                         access_lifetime(), owner);
        const Learned refresh = learn_one(CredentialKind::refresh_token, tokens_.refresh_token,
                                          grant, refresh_lifetime(), owner);
        const Learned id =
            learn_one(CredentialKind::id_token, tokens_.id_token, grant, access_lifetime(), owner);
        return worse(access, worse(refresh, id));
    }

  private:
    Seconds access_lifetime() const noexcept {
        return lifetime_of(tokens_.expires_in, Lifetimes::kAccessToken);
    }
    Seconds refresh_lifetime() const noexcept {
        return lifetime_of(tokens_.refresh_expires_in, Lifetimes::kRefreshToken);
    }

    Learned learn_one(CredentialKind kind, std::string_view token, const Digest &grant,
                      Seconds lifetime, std::uint32_t owner) {
        if (token.empty()) {
            return Learned::learned;
        }
        const auto key = memory_.digest(Role::token, {}, token);
        if (!key) {
            return Learned::refused;
        }
        const bool refreshed = refreshed_ && kind == CredentialKind::access_token;
        return learned_of(memory_.remember({.kind = kind,
                                            .key = *key,
                                            .grant = grant,
                                            .lifetime = lifetime,
                                            .refreshed = refreshed},
                                           owner, now_));
    }

    Memory &memory_;
    const IssuedTokens &tokens_;
    bool refreshed_;
    Seconds now_;
};

// What names a grant that no code or refresh token led to: the credential of the answer that lives
// longest.
std::string_view name_of_grant(std::string_view code, const IssuedTokens &tokens) noexcept {
    for (const std::string_view name :
         {code, std::string_view(tokens.refresh_token), std::string_view(tokens.access_token)}) {
        if (!name.empty()) {
            return name;
        }
    }
    return tokens.id_token;
}

// A grant that is already there learns what the exchange of its code, or a refresh, adds to it.
Learned add_to_grant(Memory &memory, const Digest &key, const SessionOrigin &origin,
                     const std::optional<Address> &address, Seconds lifetime, Seconds now) {
    bool fits = true;
    const bool found = memory.change_grant(key, lifetime, now, [&](GrantRecord &grant) {
        const SessionOrigin before = origin_of(grant, false);
        const auto profile =
            origin.claimed_profile ? origin.claimed_profile : before.claimed_profile;
        fits = grant.set_names(before.app.empty() ? origin.app : before.app,
                               before.user.empty() ? origin.user : before.user,
                               profile.value_or(std::string_view{}));
        if (!fits) {
            return;
        }
        grant.set(GrantRecord::kProfileClaimed, profile.has_value());
        grant.set(GrantRecord::kDeviceActivated,
                  before.device_activated || origin.device_activated);
        grant.set(GrantRecord::kRefreshed, grant.has(GrantRecord::kRefreshed) || origin.refreshed);
        grant.set_address(address);
    });
    if (!fits) {
        return Learned::too_long;
    }
    return found ? Learned::learned : Learned::refused;
}

Learned remember_grant(Memory &memory, const Digest &key, const SessionOrigin &origin,
                       const std::optional<Address> &address, Seconds lifetime, Standing standing,
                       Seconds now, std::uint32_t owner = 0) {
    GrantRecord grant = grant_of(origin, address);
    grant.header.owner = owner;
    if (!grant.set_names(origin.app, origin.user,
                         origin.claimed_profile.value_or(std::string_view{}))) {
        return Learned::too_long;
    }
    return learned_of(memory.remember_grant(key, grant, lifetime, standing, now));
}

bool failed(Learned learned) noexcept {
    return learned >= Learned::refused;
}

SessionOrigin origin_of(const Judgement &judgement, const IssuedTokens &tokens, bool refreshed) {
    const DecisionRequest &request = judgement.request;
    return {
        .app = request.app.value_or(std::string_view{}),
        .user = request.user.value_or(std::string_view{}),
        .claimed_profile = request.claimed_profile,
        .flow = request.flow,
        .refreshed = refreshed,
        .device_activated = request.device_activated || tokens.verified,
        .device_tag = std::nullopt,
    };
}

std::uint32_t owner_of(const Memory &memory, const SessionOrigin &origin) noexcept {
    GrantRecord names;
    return names.set_names(origin.app, origin.user, {}) ? memory.owner_of(names) : 0;
}

// As long as nobody knows the user, a browser session is as good as one, and a login without a
// session stands for itself. Were it the app, all who use it would look like one flood.
std::uint32_t owner_of_login(const Memory &memory, const SessionOrigin &origin, const Digest &grant,
                             std::span<const BrowserSession> sessions) noexcept {
    if (!origin.user.empty()) {
        return owner_of(memory, origin);
    }
    return static_cast<std::uint32_t>((sessions.empty() ? grant : sessions.front().key).words[1]);
}

Learned learn_code(Memory &memory, std::string_view code, const Digest &grant, std::uint32_t owner,
                   Seconds now) {
    if (code.empty()) {
        return Learned::learned;
    }
    const auto key = memory.digest(Role::code, {}, code);
    return key ? learned_of(memory.remember({.kind = CredentialKind::code,
                                             .key = *key,
                                             .grant = grant,
                                             .lifetime = Lifetimes::kCode},
                                            owner, now))
               : Learned::refused;
}

// What was redeemed has had its day.
void retire(Memory &memory, const Redeemed &redeemed, const IssuedTokens &tokens, Seconds now) {
    if (!redeemed.key) {
        return;
    }
    if (redeemed.is_code) {
        memory.forget(*redeemed.key);
        return;
    }
    const auto next = tokens.refresh_token.empty()
                          ? redeemed.key
                          : memory.digest(Role::token, {}, tokens.refresh_token);
    if (redeemed.is_refresh_token && next != redeemed.key) {
        memory.shorten(*redeemed.key, Lifetimes::kRotated, now);
    }
}

}  // namespace

Learned learn_tokens(Memory &memory, const IssuedTokens &tokens, const Judgement &judgement,
                     const Redeemed &redeemed, Seconds now) {
    const SessionOrigin origin = origin_of(judgement, tokens, redeemed.is_refresh_token);
    const auto &address = judgement.request.client_address;
    TokenLearner learner(memory, tokens, redeemed.is_refresh_token, now);

    std::optional<Digest> grant;
    Learned learned = Learned::refused;
    if (redeemed.memory && (redeemed.is_code || redeemed.is_refresh_token)) {
        grant = redeemed.memory->credential.grant;
        learned = add_to_grant(memory, *grant, origin, address, learner.lifetime(), now);
    }
    if (learned == Learned::refused) {
        grant = memory.digest(Role::grant, {}, name_of_grant({}, tokens));
        learned = grant ? remember_grant(memory, *grant, origin, address, learner.lifetime(),
                                         Standing::learned, now)
                        : Learned::refused;
    }
    if (failed(learned)) {
        return learned;
    }
    learned = worse(learned, learner.learn(*grant, owner_of(memory, origin)));
    retire(memory, redeemed, tokens, now);
    return learned;
}

Learned learn_authorization(Memory &memory, std::string_view code, const IssuedTokens &tokens,
                            const SessionOrigin &origin, const std::optional<Address> &address,
                            std::span<const BrowserSession> sessions, Seconds now) {
    TokenLearner learner(memory, tokens, false, now);
    Seconds lifetime = std::max(learner.lifetime(), Lifetimes::kCode);
    for (const BrowserSession &session : sessions) {
        lifetime = std::max(lifetime, session.lifetime);
    }
    const auto grant = memory.digest(Role::grant, {}, name_of_grant(code, tokens));
    if (!grant) {
        return Learned::refused;
    }
    const std::uint32_t owner = owner_of_login(memory, origin, *grant, sessions);
    Learned learned =
        remember_grant(memory, *grant, origin, address, lifetime, Standing::learned, now, owner);
    if (!failed(learned)) {
        learned = worse(learned, worse(learner.learn(*grant, owner),
                                       learn_code(memory, code, *grant, owner, now)));
    }
    // Also to a grant that was not remembered: such a session is lost, and not one that lacks it.
    for (const BrowserSession &session : sessions) {
        learned = worse(learned, learned_of(memory.bind_session(session.key, *grant, owner,
                                                                session.lifetime, now)));
    }
    return learned;
}

Learned learn_replaced_session(Memory &memory, const BrowserSession &session, Seconds now) {
    Learned learned = Learned::learned;
    if (!session.replaces || *session.replaces == session.key) {
        return learned;
    }
    SessionMemory before;
    memory.recall_session(*session.replaces, now, before);
    if (before.state == SessionMemory::State::lost) {
        // No grant has the key of a session: what is bound to one is lost, too.
        const auto owner = static_cast<std::uint32_t>(session.key.words[1]);
        return learned_of(
            memory.bind_session(session.key, *session.replaces, owner, session.lifetime, now));
    }
    for (const GrantRecord &grant : before.grants()) {
        learned = worse(learned,
                        learned_of(memory.bind_session(session.key, grant.header.key,
                                                       grant.header.owner, session.lifetime, now)));
    }
    return learned;
}

Learned learn_derived_token(Memory &memory, const Digest &key, const SessionOrigin &origin,
                            Seconds lifetime, Seconds now) {
    std::string names;
    for (const std::string_view name :
         {origin.app, origin.user, origin.claimed_profile.value_or(std::string_view{})}) {
        names.append(name).push_back('\0');  // no name has a control byte
    }
    const auto grant = memory.digest(Role::grant, "derived", names);
    if (!grant) {
        return Learned::refused;
    }
    const bool known =
        memory.change_grant(*grant, lifetime, now, [](const GrantRecord &) { return true; });
    const Learned learned = known ? Learned::learned
                                  : remember_grant(memory, *grant, origin, std::nullopt, lifetime,
                                                   Standing::derived, now);
    if (failed(learned)) {
        return learned;
    }
    return worse(learned, learned_of(memory.remember({.kind = CredentialKind::access_token,
                                                      .key = key,
                                                      .grant = *grant,
                                                      .lifetime = lifetime,
                                                      .standing = Standing::derived},
                                                     owner_of(memory, origin), now)));
}

}  // namespace ipfence
