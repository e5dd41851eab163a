#include "engine/store/sealing.hpp"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

namespace ipfence {

namespace {

constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kHeadSize = 1 + kNonceSize;
// More than any record; far from what an int holds.
constexpr std::size_t kMaxText = 4096;

unsigned char *bytes_of(char *text) noexcept {
    return reinterpret_cast<unsigned char *>(text);
}

const unsigned char *bytes_of(const char *text) noexcept {
    return reinterpret_cast<const unsigned char *>(text);
}

}  // namespace

Result<Sealing> Sealing::with_key(const SharedKey &key) {
    std::unique_ptr<EVP_CIPHER, Free> cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
    if (!cipher || !context) {
        return Error{"OpenSSL has no AES-256-GCM"};
    }
    return Sealing(key, std::move(cipher), std::move(context));
}

// From here on the context knows the name's key, the nonce and what else is authenticated.
bool Sealing::begin(std::string_view name, const unsigned char *nonce, bool is_sealing) const {
    const auto &secret = key_.sealing_key();
    std::array<unsigned char, SharedKey::kSealingKeySize> key;
    unsigned key_size = 0;
    int size = 0;
    EVP_CIPHER_CTX *context = context_.get();
    const bool done = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                           bytes_of(name.data()), name.size(), key.data(), &key_size) != nullptr &&
                      EVP_CipherInit_ex2(context, cipher_.get(), key.data(), nonce,
                                         is_sealing ? 1 : 0, nullptr) == 1 &&
                      EVP_CipherUpdate(context, nullptr, &size, &kFormat, 1) == 1 &&
                      EVP_CipherUpdate(context, nullptr, &size, bytes_of(name.data()),
                                       static_cast<int>(name.size())) == 1;
    OPENSSL_cleanse(key.data(), key.size());
    return done;
}

std::optional<std::string> Sealing::seal(std::string_view name, std::string_view text) const {
    if (text.size() > kMaxText) {
        return std::nullopt;
    }
    std::string sealed(kHeadSize + text.size() + kTagSize, '\0');
    sealed[0] = static_cast<char>(kFormat);
    unsigned char *nonce = bytes_of(sealed.data()) + 1;
    unsigned char *out = nonce + kNonceSize;
    unsigned char *tag = out + text.size();
    int size = 0;
    if (RAND_bytes(nonce, kNonceSize) != 1 || !begin(name, nonce, true) ||
        EVP_CipherUpdate(context_.get(), out, &size, bytes_of(text.data()),
                         static_cast<int>(text.size())) != 1 ||
        EVP_CipherFinal_ex(context_.get(), tag, &size) != 1 ||
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) != 1) {
        return std::nullopt;
    }
    return sealed;
}

std::optional<std::string> Sealing::open(std::string_view name, std::string_view sealed) const {
    if (sealed.size() < kOverhead || sealed.size() > kOverhead + kMaxText ||
        static_cast<unsigned char>(sealed[0]) != kFormat) {
        return std::nullopt;
    }
    const unsigned char *nonce = bytes_of(sealed.data()) + 1;
    const std::string_view body = sealed.substr(kHeadSize, sealed.size() - kOverhead);
    std::array<unsigned char, kTagSize> tag;
    sealed.substr(sealed.size() - kTagSize).copy(reinterpret_cast<char *>(tag.data()), kTagSize);
    // Room for a byte, so that an empty text, too, has a place.
    std::string text(body.size() + 1, '\0');
    int size = 0;
    int rest = 0;
    if (!begin(name, nonce, false) ||
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) != 1 ||
        EVP_CipherUpdate(context_.get(), bytes_of(text.data()), &size, bytes_of(body.data()),
                         static_cast<int>(body.size())) != 1 ||
        EVP_CipherFinal_ex(context_.get(), bytes_of(text.data()) + size, &rest) != 1) {
        return std::nullopt;
    }
    text.resize(body.size());
    return text;
}

}  // namespace ipfence
