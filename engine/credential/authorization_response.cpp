#include "engine/credential/authorization_response.hpp"

#include <algorithm>
#include <array>

#include "engine/credential/form_post.hpp"
#include "engine/credential/jwt.hpp"
#include "engine/credential/parameter_scan.hpp"
#include "engine/credential/status_class.hpp"
#include "engine/whole_number.hpp"

namespace ipfence {

namespace {

using std::string_view;
// What an answer may hand out, in the order of kNames.
enum Gift : std::size_t {
    kCode,
    kAccessToken,
    kIdToken,
    kRefreshToken,
    kExpiresIn,
    kResponse,
    kGiftCount,
};
constexpr std::array<string_view, kGiftCount> kNames{"code",          "access_token", "id_token",
                                                     "refresh_token", "expires_in",   "response"};
// Of which views stay good wherever it is moved.
using Gifts = std::vector<std::string>;

AuthorizationResponse unreadable(string_view problem) {
    AuthorizationResponse response;
    response.kind = AuthorizationResponse::Kind::unreadable;
    response.problem = problem;
    return response;
}

// JARM, section 2.1: the parameters are the claims of a JWT. Says what is wrong, or nothing.
string_view open_response_object(Gifts &gifts) {
    const std::string object = std::move(gifts[kResponse]);
    gifts[kResponse].clear();
    if (std::ranges::count(object, '.') == 4) {
        return "the response is encrypted";
    }
    const UnverifiedJwt jwt = read_unverified_jwt(object);
    if (jwt.kind == UnverifiedJwt::Kind::ambiguous) {
        return "the response is a JWT with more than one reading";
    }
    if (jwt.kind == UnverifiedJwt::Kind::opaque) {
        return {};
    }
    for (const Gift gift : {kCode, kAccessToken, kIdToken, kRefreshToken}) {
        const auto text = jwt.claims->text(kNames[gift].data());
        if (!text && jwt.claims->has(kNames[gift].data())) {
            return "the response has a token or code that is not a string";
        }
        if (text && !gifts[gift].empty()) {
            return "the answer has a token or code twice";
        }
        gifts[gift] += text.value_or(string_view{});
    }
    if (const auto seconds = jwt.claims->integer("expires_in")) {
        gifts[kExpiresIn] = std::to_string(*seconds);
    }
    return {};
}

AuthorizationResponse read_gifts(Gifts gifts, const IdentityClaims &claims) {
    if (const string_view problem = open_response_object(gifts); !problem.empty()) {
        return unreadable(problem);
    }
    AuthorizationResponse response;
    response.code = std::move(gifts[kCode]);
    IssuedTokens &tokens = response.tokens;
    tokens.access_token = gifts[kAccessToken];
    tokens.id_token = gifts[kIdToken];
    tokens.refresh_token = gifts[kRefreshToken];
    tokens.expires_in = believable_lifetime(whole_number<std::int64_t>(gifts[kExpiresIn]));
    response.parameters = std::move(gifts);
    if (response.code.empty() && !response.has_token()) {
        return response;
    }
    response.problem = read_identity(tokens, claims, response.claims);
    response.kind = response.problem.empty() ? AuthorizationResponse::Kind::issues
                                             : AuthorizationResponse::Kind::unreadable;
    return response;
}

// RFC 6749, sections 4.1.2 and 4.2.2: in the query or in the fragment, whatever the scheme.
AuthorizationResponse read_redirect(string_view location, const IdentityClaims &claims) {
    std::string storage(location.size(), '\0');
    ParameterScan scan(kNames);
    if (scan.read_location(location, storage)) {
        return unreadable("a redirect has a token or code with more than one reading");
    }
    Gifts gifts(kGiftCount);
    for (std::size_t gift = 0; gift < kGiftCount; ++gift) {
        gifts[gift] = scan.value(gift).value_or(string_view{});
    }
    return read_gifts(std::move(gifts), claims);
}

AuthorizationResponse read_page(string_view body, const IdentityClaims &claims) {
    const FormPostPage page(body, kNames);
    if (page.is_ambiguous()) {
        return unreadable("a page has a token or code with more than one reading");
    }
    Gifts gifts(kGiftCount);
    for (std::size_t gift = 0; gift < kGiftCount; ++gift) {
        gifts[gift] = page.value(gift);
    }
    return read_gifts(std::move(gifts), claims);
}

// An error in JSON often has a `code` of its own, a number or a word; so has what is JSON without
// saying so, to the scripts of a login page.
AuthorizationResponse read_other(unsigned status, bool is_html, string_view body) {
    const auto object = Claims::parse(body);
    const auto has = [&object](Gift gift) { return object && object->has(kNames[gift].data()); };
    if (has(kAccessToken) || has(kIdToken) || has(kRefreshToken)) {
        return unreadable("a JSON answer has a token");
    }
    return !is_html && is_success(status) && has(kCode) && object->text(kNames[kCode].data())
               ? unreadable("a JSON answer has a code")
               : AuthorizationResponse{};
}

}  // namespace

AuthorizationResponse read_authorization_response(unsigned status, bool content_coded,
                                                  string_view location, bool is_html,
                                                  string_view body, const IdentityClaims &claims) {
    // An interim answer, which nginx takes for the answer: what follows it is the provider's own.
    if (status < 200 || status > 599) {
        return unreadable("the status is not that of an answer");
    }
    // A browser shows the page of a redirect that does not say where to.
    if (is_redirect(status) && !location.empty()) {
        return read_redirect(location, claims);
    }
    if (content_coded && !body.empty()) {
        return unreadable("the answer has a content coding, though none was asked for");
    }
    constexpr unsigned kPartialContent = 206;
    if (is_html && status == kPartialContent) {
        return unreadable("the answer is a part of a page");
    }
    if (is_html) {
        AuthorizationResponse page = read_page(body, claims);
        if (page.kind != AuthorizationResponse::Kind::nothing) {
            return page;
        }
    }
    return read_other(status, is_html, body);
}

}  // namespace ipfence
