#pragma once

#include <string>

#include "engine/store/store_format.hpp"

namespace ipfence {

/// A shared key whose file differs by `number`.
inline SharedKey shared_key(char number = 'A') {
    return SharedKey::parse(std::string(1, number) + "AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        .value();
}

inline StoreFormat store_format(char number = 'A', std::string prefix = "ipfence:") {
    return StoreFormat::with(shared_key(number), std::move(prefix)).value();
}

}  // namespace ipfence
