#include "t/unit/signature/signing_key.hpp"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>

#include <stdexcept>
#include <utility>

#include "engine/signature/algorithm.hpp"
#include "t/unit/credential/encoding.hpp"

namespace ipfence {

namespace {

void check(bool done) {
    if (!done) {
        throw std::runtime_error("OpenSSL could not do that");
    }
}

unsigned char *bytes(std::string &text) {
    return reinterpret_cast<unsigned char *>(text.data());
}

const unsigned char *bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char *>(text.data());
}

std::string number_bytes(const BIGNUM *number, std::size_t size) {
    std::string text(size, '\0');
    check(BN_bn2binpad(number, bytes(text), static_cast<int>(size)) >= 0);
    return text;
}

std::string number_of(const EVP_PKEY *key, const char *name, std::size_t size = 0) {
    BIGNUM *number = nullptr;
    check(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    std::string text =
        number_bytes(number, size != 0 ? size : static_cast<std::size_t>(BN_num_bytes(number)));
    BN_free(number);
    return base64url(text);
}

std::size_t coordinate_of(std::string_view curve) {
    return curve == "P-256" ? 32 : curve == "P-384" ? 48 : 66;
}

std::string from_asn1(std::string_view asn1, std::size_t coordinate) {
    const unsigned char *in = bytes(asn1);
    ECDSA_SIG *pair = d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(asn1.size()));
    check(pair != nullptr);
    std::string raw = number_bytes(ECDSA_SIG_get0_r(pair), coordinate) +
                      number_bytes(ECDSA_SIG_get0_s(pair), coordinate);
    ECDSA_SIG_free(pair);
    return raw;
}

}  // namespace

SigningKey::SigningKey(EVP_PKEY *key, std::string curve) : key_(key), curve_(std::move(curve)) {
    check(key != nullptr);
}

SigningKey SigningKey::rsa(unsigned bits) {
    return SigningKey(EVP_RSA_gen(bits));
}

SigningKey SigningKey::ec(const std::string &curve) {
    return SigningKey(EVP_EC_gen(curve.c_str()), curve);
}

SigningKey SigningKey::okp(const std::string &curve) {
    const char *type = curve == "Ed25519" ? "ED25519" : "ED448";
    return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, type), curve);
}

const SigningKey &SigningKey::of(std::string_view alg) {
    static const SigningKey rsa_key = rsa();
    static const SigningKey p256 = ec("P-256");
    static const SigningKey p384 = ec("P-384");
    static const SigningKey p521 = ec("P-521");
    static const SigningKey ed25519 = okp("Ed25519");
    if (alg == "EdDSA" || alg == "Ed25519") {
        return ed25519;
    }
    if (alg.starts_with("ES")) {
        return alg == "ES256" ? p256 : alg == "ES384" ? p384 : p521;
    }
    return rsa_key;
}

std::string SigningKey::members() const {
    if (curve_.empty()) {
        return R"("kty":"RSA","n":")" + number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N) +
               R"(","e":")" + number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E) + '"';
    }
    if (curve_.starts_with("P-")) {
        const std::size_t size = coordinate_of(curve_);
        return R"("kty":"EC","crv":")" + curve_ + R"(","x":")" +
               number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, size) + R"(","y":")" +
               number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, size) + '"';
    }
    std::size_t size = 0;
    check(EVP_PKEY_get_raw_public_key(key_.get(), nullptr, &size) == 1);
    std::string x(size, '\0');
    check(EVP_PKEY_get_raw_public_key(key_.get(), bytes(x), &size) == 1);
    return R"("kty":"OKP","crv":")" + curve_ + R"(","x":")" + base64url(x) + '"';
}

std::string SigningKey::jwk(std::string_view more) const {
    return '{' + members() + (more.empty() ? "" : ",") + std::string(more) + '}';
}

std::string SigningKey::pem() const {
    BIO *memory = BIO_new(BIO_s_mem());
    check(memory != nullptr && PEM_write_bio_PUBKEY(memory, key_.get()) == 1);
    char *data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(memory);
    return text;
}

std::string SigningKey::token(std::string_view alg, std::string_view payload,
                              std::string_view more) const {
    const std::string header = R"({"alg":")" + std::string(alg) + '"' + (more.empty() ? "" : ",") +
                               std::string(more) + '}';
    const std::string text = base64url(header) + '.' + base64url(payload);
    return text + '.' + base64url(sign(alg, text));
}

std::string SigningKey::sign(std::string_view alg, std::string_view text, int salt_size) const {
    const SignatureAlgorithm algorithm = signature_algorithm_of(alg).value();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_context = nullptr;
    check(EVP_DigestSignInit(context, &key_context, digest_of(algorithm), nullptr, key_.get()) ==
          1);
    if (is_pss(algorithm)) {
        check(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, salt_size) == 1);
    }
    std::size_t size = 0;
    check(EVP_DigestSign(context, nullptr, &size, bytes(text), text.size()) == 1);
    std::string signature(size, '\0');
    check(EVP_DigestSign(context, bytes(signature), &size, bytes(text), text.size()) == 1);
    signature.resize(size);
    EVP_MD_CTX_free(context);
    return is_ecdsa(algorithm) ? from_asn1(signature, coordinate_of(curve_)) : signature;
}

std::string SigningKey::sign_block(std::string_view block) const {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key_.get(), nullptr);
    std::string signature(block.size(), '\0');
    std::size_t size = signature.size();
    check(EVP_PKEY_sign_init(context) == 1 &&
          EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1 &&
          EVP_PKEY_sign(context, bytes(signature), &size, bytes(block), block.size()) == 1);
    EVP_PKEY_CTX_free(context);
    return signature;
}

std::string key_set(std::string_view jwks) {
    return R"({"keys":[)" + std::string(jwks) + "]}";
}

Jwks parsed(std::string_view jwks) {
    auto set = Jwks::parse(key_set(jwks));
    if (!set) {
        throw std::runtime_error(set.error().message);
    }
    return std::move(set).value();
}

}  // namespace ipfence
