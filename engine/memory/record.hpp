#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "engine/address/address.hpp"
#include "engine/memory/digest.hpp"
#include "engine/memory/instant.hpp"

// The records of shared memory and of snapshots: plain bytes of a fixed size, the same in every
// process that maps them. A change of any of them is a new Zone::kFormat.

namespace ipfence {

/// How much it matters that a record stays: what can be found out again goes first.
enum class Standing : std::uint8_t {
    derived,  ///< costs time when it is lost: a verified or introspected token
    learned,  ///< cannot be found out again: what the provider said once
};

/// What every record begins with.
struct RecordHeader {
    /// An owner: of a login, nobody knows yet whose it is. All of those together count as one.
    static constexpr std::uint32_t kNobody = 1;

    std::uint64_t version = 0;  ///< the table's: odd while somebody writes the record
    Digest key;
    Seconds expires = 0;
    std::uint32_t owner = 0;  ///< whose record it is, for the table to be fair: a keyed hash; 0:
                              ///< not said
    Standing standing = Standing::learned;
    std::uint8_t kind = 0;    ///< CredentialKind, in a CredentialRecord
    std::uint8_t flags = 0;   ///< see the record
    std::uint8_t count = 0;   ///< of a session: how many grants it received
    std::uint32_t epoch = 0;  ///< Trust's, of a copy of what a shared store holds
};

/// What a credential is.
enum class CredentialKind : std::uint8_t {
    code = 1,
    access_token,
    refresh_token,
    id_token,
    session,        ///< of a browser; its grants follow in session_grant records
    session_grant,  ///< the n-th grant of a session, under part_of(session, n)
};

/// A credential that was seen issued: where its grant is, and what is its own.
struct CredentialRecord {
    static constexpr std::uint8_t kRefreshed = 1;   ///< was obtained with a refresh token
    static constexpr std::uint8_t kOverflowed = 2;  ///< a session with grants that are not kept
    static constexpr std::uint8_t kLoggedOut = 4;   ///< a session that a store may still know

    RecordHeader header;
    Digest grant;  ///< of a session, which has none of its own: the places that it is lost without
    std::uint64_t end_of_aside = 0;  ///< of a session: one past the last place that ever held a
                                     ///< grant that was put aside; 0: none was

    /// Of a session: whether what was put aside in a place decided it once. Places share bits where
    /// there are more than 128, which loses the session rather than what forbids.
    bool is_lost_without(unsigned place) const noexcept {
        return (grant.words[place / 64 % 2] >> place % 64 & 1) != 0;
    }
    void lose_without(unsigned place) noexcept {
        grant.words[place / 64 % 2] |= std::uint64_t{1} << place % 64;
    }

    CredentialKind kind() const noexcept { return static_cast<CredentialKind>(header.kind); }
    bool refreshed() const noexcept { return (header.flags & kRefreshed) != 0; }
    bool is_logged_out() const noexcept { return (header.flags & kLoggedOut) != 0; }
};

/// One authorization: whose it is and how it began. All its tokens, and the browser session that it
/// began in, point here.
struct GrantRecord {
    static constexpr std::size_t kTextSize = 176;
    static constexpr std::size_t kTagSize = 16;

    static constexpr std::uint8_t kDeviceActivated =
        1;                                            ///< a claim said that identity was verified
    static constexpr std::uint8_t kDeviceTagged = 2;  ///< device_tag is set
    static constexpr std::uint8_t kRefreshed = 4;     ///< some token of it was refreshed
    static constexpr std::uint8_t kForgotten =
        8;  ///< revoked or logged out: its tokens are unknown
    static constexpr std::uint8_t kProfileClaimed = 16;  ///< a token carried the profile claim
    static constexpr std::uint8_t kFromIpv4 = 32;        ///< the address is IPv4
    static constexpr std::uint8_t kFromKnown = 64;       ///< the address is known
    static constexpr std::uint8_t kContradictory =
        128;  ///< two machines knew what cannot both be true: no part of it is believed

    static constexpr std::uint8_t kOutlivesLogout =
        128;  ///< in `beginning`: its tokens are for when nobody is signed in, too

    RecordHeader header;
    std::uint8_t beginning = 0;  ///< flow() and kOutlivesLogout
    std::uint8_t app_size = 0;
    std::uint8_t user_size = 0;
    std::uint8_t profile_size = 0;
    std::uint32_t issued = 0;  ///< Unix time at which a shared store was last told; 0: never
    std::uint64_t address_high = 0;
    std::uint64_t address_low = 0;
    std::array<unsigned char, kTagSize> device_tag{};  ///< whose device the browser's cookie says
    std::array<char, kTextSize> text{};                ///< app, user, profile, one after another

    std::string_view app() const noexcept { return piece(0, app_size); }
    std::string_view user() const noexcept { return piece(app_size, user_size); }
    std::string_view profile() const noexcept {
        return piece(std::size_t{app_size} + user_size, profile_size);
    }
    /// Of a code that is not wholly decided yet: who its browser is known to be. It is where a
    /// claimed profile would be.
    std::string_view undecided_users() const noexcept {
        return has(kProfileClaimed) ? std::string_view{} : profile();
    }
    /// The caller's word for how it began: less than kOutlivesLogout.
    std::uint8_t flow() const noexcept {
        return static_cast<std::uint8_t>(beginning & ~kOutlivesLogout);
    }
    void set_flow(std::uint8_t flow) noexcept {
        beginning = static_cast<std::uint8_t>((beginning & kOutlivesLogout) | flow);
    }
    /// Whether logout leaves it (OpenID Connect Core, section 11).
    bool outlives_logout() const noexcept { return (beginning & kOutlivesLogout) != 0; }
    void set_outlives_logout(bool value) noexcept {
        beginning = static_cast<std::uint8_t>(flow() | (value ? kOutlivesLogout : 0));
    }
    bool has(std::uint8_t flag) const noexcept { return (header.flags & flag) != 0; }
    void set(std::uint8_t flag, bool value) noexcept {
        header.flags =
            static_cast<std::uint8_t>(value ? header.flags | flag : header.flags & ~flag);
    }

    /// The address that it was last issued to; empty when that was unknown.
    std::optional<Address> address() const noexcept;
    void set_address(const std::optional<Address> &address) noexcept;

    /// Sets the three names. False, and nothing changes, when they do not fit.
    bool set_names(std::string_view app, std::string_view user, std::string_view profile) noexcept;

  private:
    // Sizes that a damaged record may have lie never lead outside of the text.
    std::string_view piece(std::size_t at, std::size_t size) const noexcept {
        return at + size <= text.size() ? std::string_view(text.data() + at, size)
                                        : std::string_view{};
    }
};

/// Both sizes in one number, which what holds records says: a build that disagrees cannot read it.
inline constexpr std::uint32_t kRecordSizes = sizeof(CredentialRecord) << 16 | sizeof(GrantRecord);

static_assert(sizeof(CredentialRecord) == 64 && std::is_trivially_copyable_v<CredentialRecord>);
static_assert(sizeof(GrantRecord) == 256 && std::is_trivially_copyable_v<GrantRecord>);

}  // namespace ipfence
