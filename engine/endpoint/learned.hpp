#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/memory/memory.hpp"

namespace ipfence {

/// What became of what was learned.
enum class Learned : std::uint8_t {
    learned,
    evicting,  ///< learned, in the place of somebody else's record: the zone is too small
    refused,   ///< not learned: the zone is full of what matters more, or there is no memory
    too_long,  ///< not learned: the names of app, user and profile do not fit into a record
};

/// The worse of two.
inline Learned worse(Learned one, Learned other) noexcept {
    return std::max(one, other);
}

/// Whether nothing was learned.
inline bool failed(Learned learned) noexcept {
    return learned >= Learned::refused;
}

/// What a table says of one record.
inline Learned learned_of(Stored stored) noexcept {
    switch (stored) {
        case Stored::stored:
            return Learned::learned;
        case Stored::evicting:
            return Learned::evicting;
        case Stored::refused:
            break;
    }
    return Learned::refused;
}

}  // namespace ipfence
