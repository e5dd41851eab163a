#include "engine/credential/authorization_request.hpp"

#include <algorithm>
#include <array>

#include "engine/credential/jwt.hpp"
#include "engine/credential/parameter_scan.hpp"
#include "engine/credential/text.hpp"

namespace ipfence {

namespace {

enum Wanted : std::size_t { kClientId, kPrompt, kRequest, kRequestUri };
constexpr std::array<std::string_view, 4> kWanted{"client_id", "prompt", "request", "request_uri"};

bool asks_for_user(std::string_view prompt) noexcept {
    constexpr std::array<std::string_view, 3> kQuestions{"login", "select_account", "create"};
    return std::ranges::any_of(kQuestions, [prompt](std::string_view question) {
        return prompt.find(question) != std::string_view::npos;
    });
}

// RFC 9101, section 5: the client of the request object is the one of the request; section 6.3: its
// other parameters count instead of the query's.
std::optional<Refusal> read_request_object(std::string_view object, AuthorizationRequest &request) {
    const UnverifiedJwt jwt = read_unverified_jwt(object);
    if (jwt.kind == UnverifiedJwt::Kind::ambiguous) {
        return Refusal{"the request object is a JWT with more than one reading"};
    }
    if (jwt.kind == UnverifiedJwt::Kind::opaque) {
        return std::nullopt;
    }
    if (jwt.claims->has("client_id") && jwt.claims->text("client_id") != request.client_id) {
        return Refusal{"the request object names another client"};
    }
    request.asks_for_user |= asks_for_user(jwt.claims->text("prompt").value_or(std::string_view{}));
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
    AuthorizationRequest request{client_id.value_or(std::string_view{}),
                                 asks_for_user(scan.value(kPrompt).value_or(std::string_view{}))};
    if (const auto object = scan.value(kRequest)) {
        if (const auto refusal = read_request_object(*object, request)) {
            return *refusal;
        }
    }
    return request;
}

}  // namespace ipfence
