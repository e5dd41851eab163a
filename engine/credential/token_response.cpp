#include "engine/credential/token_response.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/credential/claims.hpp"
#include "engine/credential/status_class.hpp"
#include "engine/text_pieces.hpp"

namespace ipfence {

namespace {

using std::string_view;
constexpr std::array<string_view, 3> kTokenMembers{"access_token", "refresh_token", "id_token"};
constexpr string_view kRefreshTokenType = "urn:ietf:params:oauth:token-type:refresh_token";

TokenResponse of_kind(TokenResponse::Kind kind, string_view problem = {}) {
    TokenResponse response;
    response.kind = kind;
    response.problem = problem;
    return response;
}

TokenResponse unreadable_tokens(string_view problem) {
    return of_kind(TokenResponse::Kind::unreadable, problem);
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

// OpenID Connect Core, section 11, and Back-Channel Logout, section 2.7: a refresh token of this
// scope stays good when its user signs out.
bool is_for_offline_access(string_view scope) noexcept {
    return has_word(scope, "offline_access");
}

// The token members of an answer, in the order of kTokenMembers.
struct TokenMembers {
    std::array<string_view, kTokenMembers.size()> texts{};  // empty: none, or it is no token
    bool is_any_there = false;
    bool is_any_unusable = false;  // not a string, or empty
};

// Many serializers write `null` or an empty string for what is not there; without an access token
// there is nothing that it could be beside.
bool is_none(const Claims &answer, string_view member) noexcept {
    const string_view access_token = kTokenMembers.front();
    return member != access_token && answer.has(access_token) && !answer.is_unreadable(member);
}

TokenMembers token_members_of(const Claims &answer) noexcept {
    TokenMembers members;
    for (std::size_t index = 0; index < kTokenMembers.size(); ++index) {
        const auto text = answer.text(kTokenMembers[index]);
        const bool is_there = text || answer.has(kTokenMembers[index]);
        members.texts[index] = text.value_or(string_view{});
        members.is_any_there |= is_there;
        members.is_any_unusable |= is_there && !text && !is_none(answer, kTokenMembers[index]);
    }
    return members;
}

TokenResponse read_tokens(Claims answer, const TokenMembers &members,
                          const IdentityClaims &claims) {
    TokenResponse response;
    IssuedTokens &tokens = response.tokens;
    tokens.access_token = members.texts[0];
    tokens.refresh_token = members.texts[1];
    tokens.id_token = members.texts[2];
    tokens.device_secret = answer.text("device_secret").value_or(string_view{});
    tokens.expires_in = believable_lifetime(answer.integer("expires_in"));
    tokens.refresh_expires_in = believable_lifetime(answer.integer("refresh_expires_in"));
    tokens.access_token_refreshes = answer.text("issued_token_type") == kRefreshTokenType;
    tokens.outlive_logout = (!tokens.refresh_token.empty() || tokens.access_token_refreshes) &&
                            is_for_offline_access(answer.text("scope").value_or(string_view{}));
    response.answer = std::move(answer);
    response.problem = members.is_any_unusable ? "a token is not a string, or is empty"
                                               : read_identity(tokens, claims, response.claims);
    response.kind =
        response.problem.empty() ? TokenResponse::Kind::tokens : TokenResponse::Kind::unreadable;
    return response;
}

TokenResponse read_json(unsigned status, Claims answer, const IdentityClaims &claims) {
    const TokenMembers members = token_members_of(answer);
    if (members.is_any_there) {
        return read_tokens(std::move(answer), members, claims);
    }
    if (is_success(status) && !answer.text("error")) {
        return unreadable_tokens("a success answer has neither a token nor an error");
    }
    return of_kind(TokenResponse::Kind::no_token);
}

TokenResponse read_other(unsigned status, string_view body) {
    if (is_success(status)) {
        return unreadable_tokens("a success answer is not one JSON object with unique members");
    }
    return may_carry_token(body)
               ? unreadable_tokens("an answer that is no readable JSON mentions a token")
               : of_kind(TokenResponse::Kind::no_token);
}

}  // namespace

TokenResponse read_token_response(unsigned status, bool content_coded, string_view location,
                                  string_view body, const IdentityClaims &claims) {
    if (status < 200 || status > 599) {
        return unreadable_tokens("the status is not that of an answer");
    }
    if (content_coded) {
        return unreadable_tokens("the answer has a content coding, though none was asked for");
    }
    if (is_redirect(status) && hands_out(location)) {
        return unreadable_tokens("a redirect hands out a token or code");
    }
    auto answer = Claims::parse(body);
    return answer ? read_json(status, *std::move(answer), claims) : read_other(status, body);
}

}  // namespace ipfence
