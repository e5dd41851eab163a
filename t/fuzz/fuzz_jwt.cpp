// A JWT that nobody verifies.

#include <algorithm>
#include <string>

#include "engine/credential/jwt.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::ExactText token = fuzz::Input(data, size).rest();
    const UnverifiedJwt jwt = read_unverified_jwt(token.view());
    require((jwt.kind == UnverifiedJwt::Kind::claims) == jwt.claims.has_value(),
            "claims are there when they are said to be");
    if (jwt.claims) {
        require(std::ranges::count(token.view(), '.') == 2, "a JWS has three parts");
        require(!jwt.claims->has_variant_of("sub"), "`sub` has one spelling");
        const std::string padded = std::string(token.view()) + "=";
        require(!read_unverified_jwt(padded).claims, "there is one spelling of base64url");
    }
    return 0;
}
