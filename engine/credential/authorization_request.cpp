#include "engine/credential/authorization_request.hpp"

#include <array>

#include "engine/credential/jwt.hpp"
#include "engine/credential/parameter_scan.hpp"
#include "engine/credential/text.hpp"
#include "engine/text_pieces.hpp"

namespace ipfence {

namespace {

enum Wanted : std::size_t { kClientId, kPrompt, kRequest, kRequestUri };
constexpr std::array<std::string_view, 4> kWanted{"client_id", "prompt", "request", "request_uri"};

// The one word behind which the session alone does not do: with `select_account` it may be chosen,
// and `create` is ignored by providers that do not know it, as every such word is.
constexpr std::string_view kQuestion = "login";
constexpr std::string_view kNoQuestion = "none";

// By this Glewlwyd's login page leads back, and who says it is not asked, whatever `prompt` is. It
// may be there twice; no browser escapes a name.
bool says_that_user_was_asked(std::string_view parameters) noexcept {
    constexpr std::string_view kContinue = "g_continue";
    if (parameters.find('%') == std::string_view::npos &&
        parameters.find(kContinue) == std::string_view::npos) {
        return false;  // of thousands of parameters, too, without a look at each
    }
    while (!parameters.empty()) {
        const std::string_view piece = take_until(parameters, '&');
        const std::string_view name = piece.substr(0, piece.find('='));
        if (name == kContinue || name.find('%') != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

void read_prompt(std::string_view prompt, AuthorizationRequest &request) noexcept {
    request.asks_for_user |= has_word(prompt, kQuestion);
    request.may_keep_session |= has_word(prompt, kNoQuestion);
}

// RFC 9101, section 5: the client of the request object is the one of the request; section 6.3: its
// other parameters count instead of the query's.
std::optional<Refusal> read_request_object(std::string_view object, AuthorizationRequest &request) {
    const UnverifiedJwt jwt = read_unverified_jwt(object);
    if (jwt.kind == UnverifiedJwt::Kind::ambiguous) {
        return Refusal{"the request object is a JWT with more than one reading"};
    }
    if (jwt.kind == UnverifiedJwt::Kind::opaque) {
        request.may_keep_session = true;
        return std::nullopt;
    }
    if (jwt.claims->has("client_id") && jwt.claims->text("client_id") != request.client_id) {
        return Refusal{request.client_id.empty()
                           ? "the request object names a client, and the request none"
                           : "the request object names another client"};
    }
    const std::string_view prompt = jwt.claims->text("prompt").value_or(std::string_view{});
    request.may_keep_session |= !has_word(prompt, kQuestion);
    read_prompt(prompt, request);
    return std::nullopt;
}

}  // namespace

Result<AuthorizationRequest, Refusal> parse_authorization_request(std::string_view parameters,
                                                                  std::span<char> storage) {
    ParameterScan scan(kWanted);
    if (const auto refusal = scan.read(parameters, storage)) {
        return *refusal;
    }
    const auto client_id = scan.value(kClientId);
    if (client_id && !is_name(*client_id)) {
        return Refusal{"the client_id is empty or not readable text"};
    }
    AuthorizationRequest request{.client_id = client_id.value_or(std::string_view{})};
    read_prompt(scan.value(kPrompt).value_or(std::string_view{}), request);
    request.may_keep_session |=
        scan.value(kRequestUri).has_value() || says_that_user_was_asked(parameters);
    if (const auto object = scan.value(kRequest)) {
        if (const auto refusal = read_request_object(*object, request)) {
            return *refusal;
        }
    }
    return request;
}

}  // namespace ipfence
