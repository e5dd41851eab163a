// A JSON Web Key Set.

#include "engine/signature/jwks.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::ExactText text = fuzz::Input(data, size).rest();
    const auto jwks = Jwks::parse(text.view());
    if (!jwks) {
        require(!jwks.error().message.empty(), "an error says what is wrong");
        return 0;
    }
    require(!jwks->keys().empty(), "a set that is accepted can verify something");
    for (const VerificationKey &key : jwks->keys()) {
        require(!key.verifiers.empty(), "a key verifies some algorithm");
        const int bits = EVP_PKEY_get_bits(key.key.get());
        require(EVP_PKEY_get_base_id(key.key.get()) != EVP_PKEY_RSA ||
                    (bits >= Jwks::kMinRsaBits && bits <= Jwks::kMaxRsaBits),
                "an RSA key is neither weak nor slow");
    }
    return 0;
}
