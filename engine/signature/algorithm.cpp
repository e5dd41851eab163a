#include "engine/signature/algorithm.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ipfence {

namespace {

using Algorithm = SignatureAlgorithm;

constexpr std::array<std::pair<std::string_view, Algorithm>, 12> kAlgorithmNames{{
    {"RS256", Algorithm::rs256},
    {"RS384", Algorithm::rs384},
    {"RS512", Algorithm::rs512},
    {"PS256", Algorithm::ps256},
    {"PS384", Algorithm::ps384},
    {"PS512", Algorithm::ps512},
    {"ES256", Algorithm::es256},
    {"ES384", Algorithm::es384},
    {"ES512", Algorithm::es512},
    {"EdDSA", Algorithm::eddsa},
    {"Ed25519", Algorithm::ed25519},
    {"Ed448", Algorithm::ed448},
}};

}  // namespace

std::optional<Algorithm> signature_algorithm_of(std::string_view alg) noexcept {
    const auto *found =
        std::ranges::find(kAlgorithmNames, alg, &decltype(kAlgorithmNames)::value_type::first);
    return found == kAlgorithmNames.end() ? std::nullopt : std::optional(found->second);
}

const EVP_MD *digest_of(Algorithm algorithm) noexcept {
    switch (algorithm) {
        case Algorithm::rs256:
        case Algorithm::ps256:
        case Algorithm::es256:
            return EVP_sha256();
        case Algorithm::rs384:
        case Algorithm::ps384:
        case Algorithm::es384:
            return EVP_sha384();
        case Algorithm::rs512:
        case Algorithm::ps512:
        case Algorithm::es512:
            return EVP_sha512();
        case Algorithm::eddsa:
        case Algorithm::ed25519:
        case Algorithm::ed448:
            break;
    }
    return nullptr;
}

std::size_t coordinate_size(Algorithm algorithm) noexcept {
    switch (algorithm) {
        case Algorithm::es256:
            return 32;
        case Algorithm::es384:
            return 48;
        case Algorithm::es512:
            return 66;
        default:
            return 0;
    }
}

}  // namespace ipfence
