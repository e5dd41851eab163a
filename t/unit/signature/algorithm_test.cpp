#include "engine/signature/algorithm.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>

namespace ipfence::algorithm_test {
namespace {

// RFC 7518, section 3.1, and RFC 8037: also where OpenSSL would take the same without being told.
TEST(SignatureAlgorithm, HasTheDigestAndTheCoordinatesThatItsNameSays) {
    struct Case {
        std::string_view name;
        const EVP_MD *digest;
        std::size_t coordinate_size;
    };
    for (const Case &expected : {
             Case{"RS256", EVP_sha256(), 0},
             Case{"RS384", EVP_sha384(), 0},
             Case{"RS512", EVP_sha512(), 0},
             Case{"PS256", EVP_sha256(), 0},
             Case{"PS384", EVP_sha384(), 0},
             Case{"PS512", EVP_sha512(), 0},
             Case{"ES256", EVP_sha256(), 32},
             Case{"ES384", EVP_sha384(), 48},
             Case{"ES512", EVP_sha512(), 66},
             Case{"EdDSA", nullptr, 0},
             Case{"Ed25519", nullptr, 0},
             Case{"Ed448", nullptr, 0},
         }) {
        const auto algorithm = signature_algorithm_of(expected.name);
        ASSERT_TRUE(algorithm) << expected.name;
        EXPECT_EQ(digest_of(*algorithm), expected.digest) << expected.name;
        EXPECT_EQ(coordinate_size(*algorithm), expected.coordinate_size) << expected.name;
    }
    for (const std::string_view name : {"", "none", "HS256", "rs256", "RS2566"}) {
        EXPECT_EQ(signature_algorithm_of(name), std::nullopt) << name;
    }
}

}  // namespace
}  // namespace ipfence::algorithm_test
