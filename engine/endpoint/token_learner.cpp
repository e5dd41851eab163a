#include "engine/endpoint/token_learner.hpp"

#include "engine/endpoint/lifetimes.hpp"
#include "engine/endpoint/token_digest.hpp"

namespace ipfence {

namespace {

Seconds lifetime_of(const std::optional<std::int64_t> &told, Seconds otherwise) noexcept {
    return told ? static_cast<Seconds>(std::min<std::int64_t>(*told, Memory::kMaxLifetime))
                : otherwise;
}

// A JWT is good until its `exp`, whatever `expires_in` says, and some seconds more to whom its
// clock differs: where it is forgotten before, a token exchange takes it for one from elsewhere.
Seconds lifetime_of_jwt(const std::optional<std::int64_t> &span) noexcept {
    return span ? lifetime_of(*span + Lifetimes::kLeeway, 0) : 0;
}

}  // namespace

TokenLearner::TokenLearner(Memory &memory, const IssuedTokens &tokens, bool refreshed,
                           Seconds now) noexcept
    : memory_(memory),
      tokens_(tokens),
      refreshed_(refreshed),
      now_(now),
      access_key_(key_of(tokens.access_token)),
      refresh_key_(key_of(tokens.refresh_token)),
      id_key_(key_of(tokens.id_token)) {}

const std::optional<Digest> &TokenLearner::founding_key(
    const std::optional<Digest> &redeemed) const noexcept {
    const auto &other = tokens_.access_token.empty() ? id_key_ : access_key_;
    const bool goes_on = redeemed == refresh_key_ && other;
    return tokens_.refresh_token.empty() || goes_on ? other : refresh_key_;
}

Seconds TokenLearner::lifetime() const noexcept {
    const Seconds refresh = tokens_.refresh_token.empty() ? 0 : refresh_lifetime();
    const Seconds id = tokens_.id_token.empty() ? 0 : id_lifetime();
    const Seconds secret = tokens_.device_secret.empty() ? 0 : refresh_lifetime();
    return std::max({access_lifetime(), id, refresh, secret});
}

Learned TokenLearner::learn(const Digest &grant, std::uint32_t owner) {
    Learned learned = Learned::learned;
    if (!tokens_.access_token.empty()) {
        learned =
            learn_one(CredentialKind::access_token, access_key_, grant, access_lifetime(), owner);
    }
    if (!tokens_.refresh_token.empty()) {
        learned = worse(learned, learn_one(CredentialKind::refresh_token, refresh_key_, grant,
                                           refresh_lifetime(), owner));
    }
    if (!tokens_.id_token.empty()) {
        learned = worse(learned,
                        learn_one(CredentialKind::id_token, id_key_, grant, id_lifetime(), owner));
    }
    if (!tokens_.device_secret.empty()) {
        // It is redeemed as other tokens are, and lives as long as the session on its device.
        learned =
            worse(learned, learn_one(CredentialKind::refresh_token, key_of(tokens_.device_secret),
                                     grant, refresh_lifetime(), owner));
    }
    return learned;
}

Seconds TokenLearner::access_lifetime() const noexcept {
    const Seconds otherwise =
        tokens_.access_token_refreshes ? Lifetimes::kRefreshToken : Lifetimes::kAccessToken;
    return std::max(lifetime_of(tokens_.expires_in, otherwise),
                    lifetime_of_jwt(tokens_.access_token_span));
}

Seconds TokenLearner::id_lifetime() const noexcept {
    return std::max(access_lifetime(), lifetime_of_jwt(tokens_.id_token_span));
}

Seconds TokenLearner::refresh_lifetime() const noexcept {
    // To Keycloak, 0 is the lifetime of a token that does not expire (an offline token).
    const bool is_endless = tokens_.refresh_expires_in == 0;
    return is_endless ? Lifetimes::kRefreshToken
                      : lifetime_of(tokens_.refresh_expires_in, Lifetimes::kRefreshToken);
}

std::optional<Digest> TokenLearner::key_of(std::string_view token) const noexcept {
    return token.empty() ? std::nullopt : digest_of_token(memory_, token);
}

Learned TokenLearner::learn_one(CredentialKind kind, const std::optional<Digest> &key,
                                const Digest &grant, Seconds lifetime, std::uint32_t owner) {
    if (!key) {
        return Learned::refused;
    }
    const bool refreshed = refreshed_ && kind == CredentialKind::access_token;
    return learned_of(memory_.remember(
        {.kind = kind, .key = *key, .grant = grant, .lifetime = lifetime, .refreshed = refreshed},
        owner, now_));
}

}  // namespace ipfence
