#include "engine/credential/token_response.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/credential/claims.hpp"
#include "engine/credential/jwt.hpp"

namespace ipfence {

namespace {

using std::string_view;
using Kind = TokenResponse::Kind;

constexpr std::array<const char *, 3> kTokenMembers{"access_token", "refresh_token", "id_token"};

TokenResponse of_kind(Kind kind, string_view problem = {}) {
    TokenResponse response;
    response.kind = kind;
    response.problem = problem;
    return response;
}

TokenResponse unreadable(string_view problem) {
    return of_kind(Kind::unreadable, problem);
}

bool is_success(unsigned status) noexcept {
    return status >= 200 && status < 300;
}

bool is_redirect(unsigned status) noexcept {
    return status >= 300 && status < 400;
}

// An escape can spell a member's name in another way, and so can UTF-16, which is full of NUL; but
// not in a page.
bool may_hide_member_names(string_view body) noexcept {
    constexpr string_view kByteOrderMark = "\xef\xbb\xbf";
    if (body.starts_with(kByteOrderMark)) {
        body.remove_prefix(kByteOrderMark.size());
    }
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    const bool is_page = first != string_view::npos && body[first] == '<';
    return !is_page &&
           (body.find("\\u00") != string_view::npos || body.find('\0') != string_view::npos);
}

// Whether text that is no JSON to us may still give a token to a more lenient reader.
bool may_carry_token(string_view body) noexcept {
    return may_hide_member_names(body) ||
           std::ranges::any_of(kTokenMembers, [body](string_view member) {
               return body.find(member) != string_view::npos;
           });
}

// RFC 6749, sections 4.1.2 and 4.2.2: what a redirect hands out is in its query or fragment. An
// escaped name could be any.
bool hands_out(string_view location) noexcept {
    constexpr std::array<string_view, 4> kGifts{"access_token", "id_token", "refresh_token",
                                                "code"};
    constexpr string_view kSeparators = "?#&;";
    for (std::size_t at = location.find_first_of("?#"); at != string_view::npos;
         at = location.find_first_of(kSeparators)) {
        location.remove_prefix(at + 1);
        const string_view parameter = location.substr(0, location.find_first_of(kSeparators));
        const string_view name = parameter.substr(0, parameter.find('='));
        if (name.find('%') != string_view::npos ||
            std::ranges::find(kGifts, name) != kGifts.end()) {
            return true;
        }
    }
    return false;
}

// The user and profile that one token names.
struct Identity {
    std::optional<string_view> user;
    const char *claim = nullptr;  // the one that named the user
};

Identity identity_in(const Claims &claims, std::span<const std::string> user_claims) {
    for (const std::string &claim : user_claims) {
        if (const auto user = claims.text(claim.c_str())) {
            return {user, claim.c_str()};
        }
    }
    return {};
}

// Reads the tokens of an answer that is JSON with at least one of them.
class TokensReader {
  public:
    TokensReader(const Claims &answer, const IdentityClaims &wanted)
        : answer_(answer), wanted_(wanted) {}

    TokenResponse read() {
        if (const string_view problem = read_tokens(); !problem.empty()) {
            return unreadable(problem);
        }
        response_.kind = Kind::tokens;
        read_user();
        read_profile();
        return std::move(response_);
    }

  private:
    // Says what is wrong; empty when nothing is.
    string_view read_tokens() {
        for (const char *member : kTokenMembers) {
            if (answer_.has(member) && !answer_.text(member)) {
                return "a token is not a string, or is empty";
            }
        }
        if (!read_claims("id_token", id_token_)) {
            return "the id_token is a JWT with more than one reading";
        }
        if (!read_claims("access_token", access_token_)) {
            return "the access_token is a JWT with more than one reading";
        }
        return {};
    }

    // False when the token has more than one reading. One that is opaque says nothing.
    bool read_claims(const char *member, std::optional<Claims> &claims) {
        const auto token = answer_.text(member);
        if (!token) {
            return true;
        }
        UnverifiedJwt jwt = read_unverified_jwt(*token);
        claims = std::move(jwt.claims);
        return jwt.kind != UnverifiedJwt::Kind::ambiguous;
    }

    void read_user() {
        Identity identity = id_token_ ? identity_in(*id_token_, wanted_.user_claims) : Identity{};
        if (!identity.user && access_token_) {
            identity = identity_in(*access_token_, wanted_.user_claims);
        } else if (identity.user && access_token_) {
            const auto other = access_token_->text(identity.claim);
            response_.users_disagree = other && other != identity.user;
        }
        if (identity.user && !response_.users_disagree) {
            response_.user = *identity.user;
        }
    }

    void read_profile() {
        if (wanted_.profile_claim.empty()) {
            return;
        }
        const std::string claim(wanted_.profile_claim);
        for (const auto *token : {&id_token_, &access_token_}) {
            if (*token && (*token)->has(claim.c_str())) {
                response_.profile_claimed = true;
                response_.claimed_profile = (*token)->text(claim.c_str()).value_or(string_view{});
                return;
            }
        }
    }

    const Claims &answer_;
    const IdentityClaims &wanted_;
    std::optional<Claims> id_token_;
    std::optional<Claims> access_token_;
    TokenResponse response_;
};

bool has_token(const Claims &answer) noexcept {
    return std::ranges::any_of(kTokenMembers,
                               [&](const char *member) { return answer.has(member); });
}

TokenResponse read_json(unsigned status, const Claims &answer, const IdentityClaims &claims) {
    if (has_token(answer)) {
        return TokensReader(answer, claims).read();
    }
    if (is_success(status) && !answer.text("error")) {
        return unreadable("a success answer has neither a token nor an error");
    }
    return of_kind(Kind::no_token);
}

TokenResponse read_other(unsigned status, string_view body) {
    if (is_success(status)) {
        return unreadable("a success answer is not one JSON object with unique members");
    }
    return may_carry_token(body) ? unreadable("an answer that is no readable JSON mentions a token")
                                 : of_kind(Kind::no_token);
}

}  // namespace

TokenResponse read_token_response(unsigned status, bool content_coded, string_view location,
                                  string_view body, const IdentityClaims &claims) {
    if (status < 200 || status > 599) {
        return unreadable("the status is not that of an answer");
    }
    if (content_coded) {
        return unreadable("the answer has a content coding, though none was asked for");
    }
    if (is_redirect(status) && hands_out(location)) {
        return unreadable("a redirect hands out a token or code");
    }
    const auto answer = Claims::parse(body);
    return answer ? read_json(status, *answer, claims) : read_other(status, body);
}

}  // namespace ipfence
