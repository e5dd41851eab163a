// A JWT access token, against the public keys of RFC 7515, appendices A.2 and A.3. Both examples
// sign one payload; whatever verifies is one of them.

#include <string_view>

#include "engine/signature/verified_jwt.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

constexpr std::string_view kKeys = R"({"keys": [
    {"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx)"
                                   R"(HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs)"
                                   R"(D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSH)"
                                   R"(SXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV)"
                                   R"(MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8)"
                                   R"(NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
    {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                                  "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";

constexpr std::string_view kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";
constexpr std::int64_t kExpires = 1'300'819'380;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const Jwks jwks = Jwks::parse(kKeys).value();
    const fuzz::ExactText token = fuzz::Input(data, size).rest();
    const JwtExpectations expectations{.issuer = "joe", .audiences = {}, .now = kExpires - 1};
    if (verify_jwt(jwks, token.view(), expectations)) {
        require(token.view().find(kPayload) != std::string_view::npos, "no signature is forged");
    }
    const JwtExpectations later{
        .issuer = "joe", .audiences = {}, .now = kExpires + JwtExpectations::kLeeway + 1};
    require(!verify_jwt(jwks, token.view(), later), "what has expired does not verify");
    return 0;
}
