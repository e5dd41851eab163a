// An answer of the authorization endpoint: a byte that chooses the status, one that says whether it
// is HTML, a line with the Location, the body.

#include <array>
#include <string>

#include "engine/credential/authorization_response.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

constexpr std::array kStatuses{302U, 200U, 303U, 201U, 400U};
constexpr std::array kIsHtml{false, true};
const std::array<std::string, 1> kUserClaims{"sub"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using Kind = AuthorizationResponse::Kind;
    fuzz::Input input(data, size);
    const unsigned status = input.one_of(kStatuses);
    const bool is_html = input.one_of(kIsHtml);
    const fuzz::ExactText location = input.line();
    const fuzz::ExactText body = input.rest();
    const IdentityClaims claims{.user_claims = kUserClaims};
    const AuthorizationResponse response =
        read_authorization_response(status, false, location.view(), is_html, body.view(), claims);
    require((response.kind == Kind::issues) <= (!response.code.empty() || response.has_token()),
            "what issues something has it");
    require((response.kind == Kind::unreadable) == !response.problem.empty(),
            "what is unreadable says why");
    // A second code never takes the place of the first. (Without a Location the code is the
    // page's.)
    if (response.kind == Kind::issues && !response.code.empty() && !location.view().empty()) {
        const std::string twice = std::string(location.view()) + "&code=another";
        const AuthorizationResponse other =
            read_authorization_response(status, false, twice, is_html, body.view(), claims);
        require(other.kind == Kind::unreadable || other.code == response.code ||
                    other.code == response.code + "&code=another",
                "there is one code");
    }
    return 0;
}
