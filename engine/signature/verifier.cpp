#include "engine/signature/verifier.hpp"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <string>
#include <utility>

namespace ipfence {

namespace {

using std::string_view;

struct FreeEcdsa {
    void operator()(ECDSA_SIG *signature) const noexcept { ECDSA_SIG_free(signature); }
};

const unsigned char *data(string_view bytes) noexcept {
    return reinterpret_cast<const unsigned char *>(bytes.data());
}

// RFC 7518, section 3.4; RFC 8017, sections 8.1.2 and 8.2.2; RFC 8032, section 3.3.
std::size_t signature_size_of(const EVP_PKEY *key, SignatureAlgorithm algorithm) noexcept {
    return is_ecdsa(algorithm) ? 2 * coordinate_size(algorithm)
                               : static_cast<std::size_t>(EVP_PKEY_get_size(key));
}

// RFC 7518, section 3.4: two numbers of the curve's size, which OpenSSL wants as ASN.1.
std::optional<std::string> to_asn1(string_view signature) {
    const std::size_t coordinate = signature.size() / 2;
    const std::unique_ptr<ECDSA_SIG, FreeEcdsa> pair(ECDSA_SIG_new());
    BIGNUM *r = BN_bin2bn(data(signature), static_cast<int>(coordinate), nullptr);
    BIGNUM *s =
        BN_bin2bn(data(signature.substr(coordinate)), static_cast<int>(coordinate), nullptr);
    if (!pair || r == nullptr || s == nullptr || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return std::nullopt;
    }
    const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
    if (size <= 0) {
        return std::nullopt;
    }
    std::string asn1(static_cast<std::size_t>(size), '\0');
    auto *out = reinterpret_cast<unsigned char *>(asn1.data());
    i2d_ECDSA_SIG(pair.get(), &out);
    return asn1;
}

// RFC 7518, section 3.5: the salt is as long as the digest, MGF1 uses the same one. PKCS #1 is what
// an RSA key does unless it is told otherwise; to tell it so costs as much as reading the token's
// JSON.
bool set_padding(EVP_PKEY_CTX *context, SignatureAlgorithm algorithm) noexcept {
    if (!is_pss(algorithm)) {
        return true;
    }
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

std::optional<Verifier> Verifier::make(EVP_PKEY *key, SignatureAlgorithm algorithm) {
    Context context(EVP_MD_CTX_new());
    EVP_PKEY_CTX *key_context = nullptr;  // the digest context's own
    const bool is_ready = context &&
                          EVP_DigestVerifyInit(context.get(), &key_context, digest_of(algorithm),
                                               nullptr, key) == 1 &&
                          set_padding(key_context, algorithm);
    ERR_clear_error();
    return is_ready ? std::optional(Verifier(algorithm, signature_size_of(key, algorithm),
                                             std::move(context)))
                    : std::nullopt;
}

bool Verifier::verify_raw(string_view text, string_view signature) const noexcept {
    const Context context(EVP_MD_CTX_new());
    if (!context || EVP_MD_CTX_copy_ex(context.get(), ready_.get()) != 1) {
        return false;
    }
    // This copy verifies nothing else: OpenSSL need not make one more.
    EVP_MD_CTX_set_flags(context.get(), EVP_MD_CTX_FLAG_FINALISE);
    return EVP_DigestVerify(context.get(), data(signature), signature.size(), data(text),
                            text.size()) == 1;
}

bool Verifier::verify(string_view text, string_view signature) const {
    // OpenSSL takes a signature of PSS also without the zeros that it begins with: a second text of
    // the same token (G11).
    if (signature.size() != signature_size_) {
        return false;
    }
    bool verified = false;
    if (is_ecdsa(algorithm_)) {
        const auto asn1 = to_asn1(signature);
        verified = asn1 && verify_raw(text, *asn1);
    } else {
        verified = verify_raw(text, signature);
    }
    // What OpenSSL has to say of a signature that does not verify must not end up in the log of
    // somebody else's connection.
    ERR_clear_error();
    return verified;
}

}  // namespace ipfence
