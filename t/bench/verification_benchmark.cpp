// What it costs to verify a JWT that was not seen before, and what of that is OpenSSL's part, which
// nobody can do without: both of the same tokens, in one run.

#include <benchmark/benchmark.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <array>
#include <string>
#include <string_view>

#include "engine/credential/base64.hpp"
#include "engine/signature/algorithm.hpp"
#include "engine/signature/verified_jwt.hpp"
#include "t/unit/signature/signing_key.hpp"

using namespace ipfence;

namespace {

constexpr std::array<const char *, 3> kAlgorithms{"RS256", "ES256", "EdDSA"};
constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::string_view kPayload =
    R"({"iss":"https://login.example.com","sub":"alice@example.com","client_id":"web",)"
    R"("aud":"https://api.example.com","exp":1800003600,"iat":1800000000,"jti":"8f14e45fceea167a"})";

// A token by one algorithm, and the key set that verifies it.
struct World {
    explicit World(std::string_view algorithm)
        : keys(parsed(SigningKey::of(algorithm).jwk(R"("kid":"2026-11")"))),
          token(SigningKey::of(algorithm).token(algorithm, kPayload, R"("kid":"2026-11")")) {}

    Jwks keys;
    std::string token;
};

void whole(benchmark::State &state, const std::string &algorithm) {
    const World world(algorithm);
    const std::array<std::string_view, 1> audiences{"https://api.example.com"};
    const JwtExpectations expectations{"https://login.example.com", audiences, kNow};
    for ([[maybe_unused]] auto _ : state) {
        if (!verify_jwt(world.keys, world.token, expectations)) {
            state.SkipWithError("it does not verify");
            return;
        }
    }
}

// ECDSA signatures of JOSE are two numbers (RFC 7518, section 3.4), those of OpenSSL are ASN.1.
std::string as_openssl_reads_it(std::string_view signature) {
    const std::size_t half = signature.size() / 2;
    const auto number = [](std::string_view bytes) {
        return BN_bin2bn(reinterpret_cast<const unsigned char *>(bytes.data()),
                         static_cast<int>(bytes.size()), nullptr);
    };
    ECDSA_SIG *pair = ECDSA_SIG_new();
    ECDSA_SIG_set0(pair, number(signature.substr(0, half)), number(signature.substr(half)));
    std::string asn1(static_cast<std::size_t>(i2d_ECDSA_SIG(pair, nullptr)), '\0');
    auto *out = reinterpret_cast<unsigned char *>(asn1.data());
    i2d_ECDSA_SIG(pair, &out);
    ECDSA_SIG_free(pair);
    return asn1;
}

bool verify_with_openssl(const VerificationKey &key, const EVP_MD *digest, std::string_view text,
                         std::string_view signature) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool is_verified =
        EVP_DigestVerifyInit(context, nullptr, digest, nullptr, key.key.get()) == 1 &&
        EVP_DigestVerify(context, reinterpret_cast<const unsigned char *>(signature.data()),
                         signature.size(), reinterpret_cast<const unsigned char *>(text.data()),
                         text.size()) == 1;
    EVP_MD_CTX_free(context);
    return is_verified;
}

void bare(benchmark::State &state, const std::string &algorithm) {
    const World world(algorithm);
    const SignatureAlgorithm named = *signature_algorithm_of(algorithm);
    const std::size_t dot = world.token.rfind('.');
    const std::string_view text = std::string_view(world.token).substr(0, dot);
    std::string signature = *decode_base64url(std::string_view(world.token).substr(dot + 1));
    if (is_ecdsa(named)) {
        signature = as_openssl_reads_it(signature);
    }
    for ([[maybe_unused]] auto _ : state) {
        if (!verify_with_openssl(world.keys.keys().front(), digest_of(named), text, signature)) {
            state.SkipWithError("it does not verify");
            return;
        }
    }
}

}  // namespace

int main(int argc, char **argv) {
    for (const std::string algorithm : kAlgorithms) {
        for (const auto run : {bare, whole}) {
            const auto name = (run == bare ? "openssl/" : "whole/") + algorithm;
            benchmark::RegisterBenchmark(name.c_str(), run, algorithm)
                ->Repetitions(15)
                ->ReportAggregatesOnly();
        }
    }
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
