#include "engine/signature/public_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "engine/credential/base64.hpp"
#include "engine/credential/text.hpp"
#include "engine/json.hpp"

namespace ipfence {

namespace {

using std::string_view;
using Algorithm = SignatureAlgorithm;
using Made = Result<std::optional<VerificationKey>>;
using OwnedKey = std::unique_ptr<EVP_PKEY, VerificationKey::Free>;

template <auto free>
struct FreeWith {
    template <class T>
    void operator()(T *object) const noexcept {
        free(object);
    }
};
using Number = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;

// Empty where it is not there or no text.
string_view text_of(const json_t *jwk, const char *name) noexcept {
    return view_of(json_object_get(jwk, name));
}

// RFC 7518, section 6: big-endian bytes as base64url.
std::optional<std::string> bytes_of(const json_t *jwk, const char *name) {
    auto bytes = decode_base64url(text_of(jwk, name));
    return bytes && !bytes->empty() ? bytes : std::nullopt;
}

const unsigned char *data(const std::string &bytes) noexcept {
    return reinterpret_cast<const unsigned char *>(bytes.data());
}

OwnedKey key_from(const char *type, OSSL_PARAM *parameters) {
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY *key = nullptr;
    if (!context || parameters == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        return nullptr;
    }
    return OwnedKey(key);
}

Made made(const json_t *jwk, OwnedKey key, std::vector<Algorithm> algorithms) {
    if (key == nullptr) {
        return Error{"the key is broken"};
    }
    if (json_object_get(jwk, "alg") != nullptr) {
        const auto named = signature_algorithm_of(text_of(jwk, "alg"));
        if (!named || std::ranges::find(algorithms, *named) == algorithms.end()) {
            return Error{"\"alg\" is not one that a key of this type has"};
        }
        algorithms = {*named};
    }
    const string_view key_id = text_of(jwk, "kid");
    if (json_object_get(jwk, "kid") != nullptr && !is_name(key_id)) {
        return Error{"\"kid\" is not a text that a token could have"};
    }
    std::vector<Verifier> verifiers;
    for (const Algorithm algorithm : algorithms) {
        if (auto verifier = Verifier::make(key.get(), algorithm)) {
            verifiers.push_back(std::move(*verifier));
        }
    }
    // An OpenSSL of few algorithms; the other keys are of use all the same.
    if (verifiers.empty()) {
        return std::optional<VerificationKey>();
    }
    return std::optional(
        VerificationKey{std::string(key_id), std::move(verifiers), std::move(key)});
}

Made make_rsa(const json_t *jwk) {
    // threats.md, Libraries: a large exponent makes each verification slow.
    constexpr int kMaxExponentBits = 33;

    const auto modulus = bytes_of(jwk, "n");
    const auto exponent = bytes_of(jwk, "e");
    if (!modulus || !exponent) {
        return Error{"\"n\" or \"e\" is missing or not base64url"};
    }
    const Number n(BN_bin2bn(data(*modulus), static_cast<int>(modulus->size()), nullptr));
    const Number e(BN_bin2bn(data(*exponent), static_cast<int>(exponent->size()), nullptr));
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder) {
        return Error{"there is no memory for the key"};
    }
    if (BN_num_bits(n.get()) < Jwks::kMinRsaBits || BN_num_bits(n.get()) > Jwks::kMaxRsaBits) {
        return Error{"an RSA key has 2048 to 8192 bits"};
    }
    if (BN_num_bits(e.get()) > kMaxExponentBits || !BN_is_odd(e.get()) || BN_is_one(e.get())) {
        return Error{"the RSA exponent is even, 1, or larger than anyone's"};
    }
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    return made(jwk, key_from("RSA", parameters.get()),
                {Algorithm::rs256, Algorithm::rs384, Algorithm::rs512, Algorithm::ps256,
                 Algorithm::ps384, Algorithm::ps512});
}

struct Curve {
    string_view name;
    const char *group;
    Algorithm algorithm;
};
constexpr std::array<Curve, 3> kCurves{{
    {"P-256", "prime256v1", Algorithm::es256},
    {"P-384", "secp384r1", Algorithm::es384},
    {"P-521", "secp521r1", Algorithm::es512},
}};

Made make_ec(const json_t *jwk) {
    const auto *curve = std::ranges::find(kCurves, text_of(jwk, "crv"), &Curve::name);
    if (curve == kCurves.end()) {
        return std::optional<VerificationKey>();
    }
    const auto x = bytes_of(jwk, "x");
    const auto y = bytes_of(jwk, "y");
    const std::size_t size = coordinate_size(curve->algorithm);
    if (!x || !y || x->size() != size || y->size() != size) {
        return Error{"\"x\" or \"y\" is missing or not as long as the curve's coordinates"};
    }
    // SEC 1, section 2.3.3: an uncompressed point.
    std::string point = "\x04" + *x + *y;
    std::string group(curve->group);
    const std::array<OSSL_PARAM, 3> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end(),
    };
    OwnedKey key = key_from("EC", const_cast<OSSL_PARAM *>(parameters.data()));
    if (key == nullptr) {  // OpenSSL looks
        return Error{"the point is not on its curve"};
    }
    return made(jwk, std::move(key), {curve->algorithm});
}

Made make_okp(const json_t *jwk) {
    const string_view curve = text_of(jwk, "crv");
    if (curve != "Ed25519" && curve != "Ed448") {
        return std::optional<VerificationKey>();
    }
    const auto x = bytes_of(jwk, "x");
    if (!x) {
        return Error{"\"x\" is missing or not base64url"};
    }
    const std::string name(curve == "Ed25519" ? "ED25519" : "ED448");
    OwnedKey key(
        EVP_PKEY_new_raw_public_key_ex(nullptr, name.c_str(), nullptr, data(*x), x->size()));
    const Algorithm specified = curve == "Ed25519" ? Algorithm::ed25519 : Algorithm::ed448;
    return made(jwk, std::move(key), {Algorithm::eddsa, specified});
}

// RFC 7517, section 4.4: RSA-OAEP, for one, is no algorithm of signatures.
bool has_other_algorithm(const json_t *jwk) noexcept {
    return json_is_string(json_object_get(jwk, "alg")) &&
           !signature_algorithm_of(text_of(jwk, "alg"));
}

// RFC 7517, sections 4.2 and 4.3.
bool is_for_verification(const json_t *jwk) noexcept {
    if (has_other_algorithm(jwk) ||
        (json_object_get(jwk, "use") != nullptr && text_of(jwk, "use") != "sig")) {
        return false;
    }
    const json_t *operations = json_object_get(jwk, "key_ops");
    if (operations == nullptr) {
        return true;
    }
    std::size_t index = 0;
    const json_t *operation = nullptr;
    json_array_foreach(operations, index, operation) {
        if (view_of(operation) == "verify") {
            return true;
        }
    }
    return false;
}

// RFC 7518, section 6.3.2; `d` is the private part of the other types too.
bool has_private_part(const json_t *jwk) noexcept {
    constexpr std::array<const char *, 7> kNames{"d", "p", "q", "dp", "dq", "qi", "oth"};
    return std::ranges::any_of(
        kNames, [jwk](const char *name) { return json_object_get(jwk, name) != nullptr; });
}

Made make_key(const json_t *jwk, string_view type) {
    if (type == "RSA") {
        return make_rsa(jwk);
    }
    return type == "EC" ? make_ec(jwk) : make_okp(jwk);
}

}  // namespace

Made make_verification_key(const json_t *jwk) {
    const string_view type = text_of(jwk, "kty");
    const bool is_asymmetric = type == "RSA" || type == "EC" || type == "OKP";
    if (is_asymmetric && has_private_part(jwk)) {
        return Error{"this is a private key: give nginx the public part only"};
    }
    if (!is_asymmetric || !is_for_verification(jwk)) {
        return std::optional<VerificationKey>();
    }
    Made key = make_key(jwk, type);
    ERR_clear_error();  // nginx would log them for somebody else's connection
    return key;
}

}  // namespace ipfence
