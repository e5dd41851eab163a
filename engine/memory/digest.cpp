#include "engine/memory/digest.hpp"

#include <cstring>
#include <utility>

namespace ipfence {

Result<KeyedDigest> KeyedDigest::with_key(const Key &key) {
    auto siphash = SipHash::with_key(key);
    if (!siphash) {
        return siphash.error();
    }
    return KeyedDigest(std::move(siphash).value());
}

std::optional<Digest> KeyedDigest::digest(Role role, std::string_view scope,
                                          std::string_view text) const noexcept {
    // The scope's length keeps ("ab", "c") and ("a", "bc") apart.
    const std::uint64_t prefix =
        std::uint64_t{scope.size()} << 8 | static_cast<std::uint64_t>(role);
    std::array<unsigned char, SipHash::kSize> mac;
    if (!siphash_.begin() || !siphash_.add(&prefix, sizeof(prefix)) ||
        (!scope.empty() && !siphash_.add(scope.data(), scope.size())) ||
        !siphash_.add(text.data(), text.size()) || !siphash_.end(mac)) {
        return std::nullopt;
    }
    Digest digest;
    static_assert(sizeof(digest.words) == sizeof(mac));
    std::memcpy(digest.words.data(), mac.data(), mac.size());
    return digest;
}

}  // namespace ipfence
