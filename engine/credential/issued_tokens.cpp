#include "engine/credential/issued_tokens.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/credential/jwt.hpp"
#include "engine/credential/named_user.hpp"

namespace ipfence {

namespace {

using std::string_view;

bool is_one_of(std::optional<string_view> value, std::span<const std::string> wanted) noexcept {
    return value && std::ranges::find(wanted, *value) != wanted.end();
}

// Reads what the tokens of one answer say of themselves.
class IdentityReader {
  public:
    IdentityReader(IssuedTokens &tokens, const IdentityClaims &wanted, TokenClaims &read)
        : tokens_(tokens),
          wanted_(wanted),
          id_token_(read.id_token),
          access_token_(read.access_token) {}

    /// Says what is wrong; empty when nothing is.
    string_view read() {
        if (!read_claims(tokens_.id_token, id_token_)) {
            return "the id_token is a JWT with more than one reading";
        }
        if (!read_claims(tokens_.access_token, access_token_)) {
            return "the access_token is a JWT with more than one reading";
        }
        tokens_.access_token_span = span_of(access_token_);
        tokens_.id_token_span = span_of(id_token_);
        read_user();
        read_profile();
        read_client();
        read_verification();
        return {};
    }

  private:
    // False when the token has more than one reading. One that is opaque says nothing.
    static bool read_claims(string_view token, std::optional<Claims> &claims) {
        if (token.empty()) {
            return true;
        }
        UnverifiedJwt jwt = read_unverified_jwt(token);
        claims = std::move(jwt.claims);
        return jwt.kind != UnverifiedJwt::Kind::ambiguous;
    }

    static std::optional<std::int64_t> span_of(const std::optional<Claims> &claims) noexcept {
        const auto begin = claims ? claims->time("iat", Claims::Rounding::down) : std::nullopt;
        const auto end = begin ? claims->time("exp", Claims::Rounding::up) : std::nullopt;
        return end ? std::optional(std::max<std::int64_t>(*end - *begin, 0)) : std::nullopt;
    }

    void read_user() {
        NamedUser named = id_token_ ? user_named_in(*id_token_, wanted_.user_claims) : NamedUser{};
        if (named.user && access_token_) {
            const auto other = access_token_->text(named.claim);
            tokens_.is_user_unclear = other && other != named.user;
        } else if (!named.is_unreadable && !named.user && access_token_) {
            named = user_named_in(*access_token_, wanted_.user_claims);
        }
        tokens_.is_user_unclear |= named.is_unreadable;
        if (named.user && !tokens_.is_user_unclear) {
            tokens_.user = *named.user;
        }
    }

    void read_profile() {
        if (wanted_.profile_claim.empty()) {
            return;
        }
        const string_view claim = wanted_.profile_claim;
        for (const auto *token : {&id_token_, &access_token_}) {
            if (*token && (*token)->has(claim)) {
                tokens_.profile_claimed = true;
                tokens_.claimed_profile = (*token)->text(claim).value_or(string_view{});
                return;
            }
        }
    }

    // OpenID Connect Core, section 2; RFC 9068, section 2.2.
    void read_client() {
        if (id_token_) {
            const auto party = id_token_->text("azp");
            tokens_.client_id = party ? *party : only_audience(*id_token_);
        }
        if (tokens_.client_id.empty() && access_token_) {
            const auto client = access_token_->text("client_id");
            tokens_.client_id = client ? *client : text_in(*access_token_, "azp");
        }
    }

    static string_view text_in(const Claims &claims, string_view claim) noexcept {
        return claims.text(claim).value_or(string_view{});
    }

    // RFC 7519, section 4.1.3: one audience may be written as a list as well.
    static string_view only_audience(const Claims &claims) {
        if (const auto audience = claims.text("aud")) {
            return *audience;
        }
        const std::vector<string_view> audiences = claims.texts("aud");
        return audiences.size() == 1 ? audiences.front() : string_view{};
    }

    // OpenID Connect Core, section 2: `amr` is a list, `acr` a string.
    void read_verification() {
        if (!id_token_) {
            return;
        }
        tokens_.verified = is_one_of_wanted("acr", wanted_.verified_acr) || has_wanted_method();
    }

    bool is_one_of_wanted(string_view claim, std::span<const std::string> wanted) const noexcept {
        return !wanted.empty() && is_one_of(id_token_->text(claim), wanted);
    }

    bool has_wanted_method() const {
        return !wanted_.verified_amr.empty() &&
               std::ranges::any_of(id_token_->texts("amr"), [this](string_view method) {
                   return is_one_of(method, wanted_.verified_amr);
               });
    }

    IssuedTokens &tokens_;
    const IdentityClaims &wanted_;
    std::optional<Claims> &id_token_;
    std::optional<Claims> &access_token_;
};

}  // namespace

std::string_view read_identity(IssuedTokens &tokens, const IdentityClaims &claims,
                               TokenClaims &read) {
    return IdentityReader(tokens, claims, read).read();
}

}  // namespace ipfence
