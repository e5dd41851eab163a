// An answer of the token endpoint: a byte that chooses the status, a line with the Location, the
// body.

#include <array>
#include <string>

#include "engine/credential/token_response.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

constexpr std::array kStatuses{200U, 201U, 204U, 206U, 302U, 400U, 401U, 500U};
const std::array<std::string, 2> kUserClaims{"preferred_username", "sub"};
const std::array<std::string, 1> kVerified{"mfa"};
constexpr unsigned kOk = 200;
constexpr unsigned kRedirect = 300;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using Kind = TokenResponse::Kind;
    fuzz::Input input(data, size);
    const unsigned status = input.one_of(kStatuses);
    const fuzz::ExactText location = input.line();
    const fuzz::ExactText body = input.rest();
    const IdentityClaims claims{.user_claims = kUserClaims,
                                .profile_claim = "profile",
                                .verified_amr = kVerified,
                                .verified_acr = kVerified};
    const TokenResponse response =
        read_token_response(status, false, location.view(), body.view(), claims);
    const IssuedTokens &tokens = response.tokens;
    const bool has_token =
        !tokens.access_token.empty() || !tokens.refresh_token.empty() || !tokens.id_token.empty();
    require((response.kind == Kind::tokens) <= has_token, "tokens are there when said to be");
    require((response.kind == Kind::unreadable) == !response.problem.empty(),
            "what is unreadable says why");
    require(!tokens.is_user_unclear || tokens.user.empty(),
            "no user where it is unclear who it is");
    // Whatever issues tokens under one status does not issue none under another.
    if (response.kind == Kind::tokens && status >= kOk && status < kRedirect) {
        require(read_token_response(400, false, location.view(), body.view(), claims).kind !=
                    Kind::no_token,
                "tokens count whatever the status");
    }
    require(read_token_response(status, true, location.view(), body.view(), claims).kind !=
                Kind::tokens,
            "what is encoded is not read");
    return 0;
}
