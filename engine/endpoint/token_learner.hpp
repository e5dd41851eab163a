#pragma once

#include <optional>
#include <string_view>

#include "engine/credential/issued_tokens.hpp"
#include "engine/endpoint/learned.hpp"

namespace ipfence {

/// The tokens of one answer, to be remembered under one grant. Digests each of them once.
class TokenLearner {
  public:
    /// `refreshed`: the answer is to a refresh token. `tokens` must outlive it.
    TokenLearner(Memory &memory, const IssuedTokens &tokens, bool refreshed, Seconds now) noexcept;

    /// What a grant goes by that no code or refresh token led to: the key of the token that lives
    /// longest. A refresh token that goes on, which is `redeemed`, is of the grant before: that one
    /// may have been forgotten, and shall not come back with all its tokens. Empty when there is no
    /// memory.
    const std::optional<Digest> &founding_key(
        const std::optional<Digest> &redeemed = std::nullopt) const noexcept;

    /// Of the refresh token; empty where there is none.
    const std::optional<Digest> &refresh_key() const noexcept { return refresh_key_; }

    /// How long the longest of them lives.
    Seconds lifetime() const noexcept;

    /// Remembers them as `owner`'s.
    Learned learn(const Digest &grant, std::uint32_t owner);

  private:
    Seconds access_lifetime() const noexcept;
    Seconds id_lifetime() const noexcept;
    Seconds refresh_lifetime() const noexcept;
    std::optional<Digest> key_of(std::string_view token) const noexcept;
    Learned learn_one(CredentialKind kind, const std::optional<Digest> &key, const Digest &grant,
                      Seconds lifetime, std::uint32_t owner);

    Memory &memory_;
    const IssuedTokens &tokens_;
    bool refreshed_;
    Seconds now_;
    std::optional<Digest> access_key_;
    std::optional<Digest> refresh_key_;
    std::optional<Digest> id_key_;
};

}  // namespace ipfence
