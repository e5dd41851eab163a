#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string_view>

namespace ipfence {

/// SHA-256 over what is added piece by piece. Throws std::bad_alloc where OpenSSL, which has no
/// other reason to fail here, has no memory.
class Sha256 {
  public:
    using Digest = std::array<unsigned char, 32>;

    Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        require(context_ != nullptr);
        require(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
    }

    void add(std::span<const std::byte> bytes) {
        require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
    }
    void add(std::string_view text) { add(std::as_bytes(std::span(text))); }

    /// The digest of all; once, and nothing is added after it.
    Digest digest() {
        Digest digest{};
        require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
        return digest;
    }

  private:
    static void require(bool is_done) {
        if (!is_done) {
            throw std::bad_alloc();
        }
    }

    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace ipfence
