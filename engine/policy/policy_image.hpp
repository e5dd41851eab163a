#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/image/relative.hpp"
#include "engine/policy/name_table.hpp"
#include "engine/policy/policy.hpp"

// The image of a policy, and the file of a compiled one: the same bytes, in the byte order of the
// machine that made them. It begins with a PolicyHeader, from which all else is reached; a change
// of anything in it is a new kFormat. Another format, another byte order, and a file that is not as
// long as it says or does not have the checksum that it says, is refused whole.

namespace ipfence {

/// The settings of the organization, in an image.
struct OrganizationRecord {
    bool continuous_ip_enforcement = false;
    SensitiveOperations sensitive_operations = SensitiveOperations::block_relaxed_apps;
    RelativePointer<Profile> default_profile;  ///< null: unlisted users are not restricted
    RelativePointer<App> default_app;          ///< null: there is none
    ImageText profile_claim;
    ImageList<ImageText> user_claims;
    ImageList<ImageText> amr;
    ImageList<ImageText> acr;
};

/// What an image begins with.
struct PolicyHeader {
    static constexpr std::array<char, 8> kMagic{'i', 'p', 'f', 'e', 'n', 'c', 'e', 'P'};
    static constexpr std::uint32_t kFormat = 5;
    static constexpr std::uint32_t kByteOrder = 0x01020304;
    static constexpr std::size_t kChecksumSize = 32;
    static constexpr std::size_t kHashSize = 12;
    using Checksum = std::array<unsigned char, kChecksumSize>;

    std::array<char, 8> magic = kMagic;
    std::uint32_t format = kFormat;
    std::uint32_t byte_order = kByteOrder;
    std::uint64_t size = 0;  ///< of the whole image, in bytes
    Checksum checksum{};     ///< SHA-256 of the image in which these bytes are zero
    std::array<char, kHashSize> hash{};
    OrganizationRecord organization;
    ImageList<Profile> profiles;
    ImageList<App> apps;
    NameTable profile_names;  ///< number: in `profiles`
    NameTable users;          ///< number: in `profiles`
    NameTable client_ids;     ///< number: in `apps`
};

/// The checksum of an image, whatever stands in its place.
PolicyHeader::Checksum checksum_of(std::span<const std::byte> image);

/// Whether nothing in the image leads a reader out of it, or to a value that does not exist. Its
/// header must lie in it.
bool is_sound(const PolicyHeader &header, const ImageBounds &bounds);

}  // namespace ipfence
