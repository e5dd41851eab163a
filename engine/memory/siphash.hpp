#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include <openssl/core_dispatch.h>
#include <openssl/evp.h>

#include "engine/result.hpp"

namespace ipfence {

/// OpenSSL's SipHash-2-4 of 128 bits, under one key. Not to be shared by threads.
///
/// Calls the functions that the provider has for EVP_MAC to call: EVP_MAC asks it for the size of
/// the result, by its name, whenever there is one, and that costs a third of what a short text's
/// digest does.
class SipHash {
  public:
    static constexpr std::size_t kKeySize = 16;
    static constexpr std::size_t kSize = 16;
    using Key = std::array<unsigned char, kKeySize>;

    /// Fails when OpenSSL has no SipHash, or there is no memory.
    static Result<SipHash> with_key(const Key &key);

    SipHash(SipHash &&) noexcept = default;
    SipHash &operator=(SipHash &&) noexcept = default;
    ~SipHash();

    // A text is digested by `begin`, `add` for each piece of it, and `end`; each is false when
    // OpenSSL fails.
    [[nodiscard]] bool begin() noexcept;
    [[nodiscard]] bool add(const void *data, std::size_t size) noexcept;
    [[nodiscard]] bool end(std::span<unsigned char, kSize> digest) noexcept;

  private:
    struct Functions {
        OSSL_FUNC_mac_newctx_fn *make = nullptr;
        OSSL_FUNC_mac_freectx_fn *free = nullptr;
        OSSL_FUNC_mac_init_fn *begin = nullptr;
        OSSL_FUNC_mac_update_fn *add = nullptr;
        OSSL_FUNC_mac_final_fn *end = nullptr;

        static Functions among(const OSSL_DISPATCH *implementation) noexcept;
        static Functions of(const OSSL_PROVIDER *provider) noexcept;
        bool are_complete() const noexcept;
    };
    struct FreeMac {
        void operator()(EVP_MAC *mac) const noexcept { EVP_MAC_free(mac); }
    };
    struct FreeContext {
        OSSL_FUNC_mac_freectx_fn *free;
        void operator()(void *context) const noexcept { free(context); }
    };
    using Mac = std::unique_ptr<EVP_MAC, FreeMac>;
    using Context = std::unique_ptr<void, FreeContext>;

    SipHash(Mac mac, const Functions &functions, Context context, const Key &key) noexcept
        : mac_(std::move(mac)), functions_(functions), context_(std::move(context)), key_(key) {}

    Mac mac_;  // keeps the provider
    Functions functions_;
    Context context_;
    Key key_;
};

}  // namespace ipfence
