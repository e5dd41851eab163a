#include "engine/policy/policy_image.hpp"

#include <algorithm>

#include "engine/sha256.hpp"

namespace ipfence {

namespace {

// A bool that is neither is undefined to read as one.
bool is_bool(const bool &value) noexcept {
    return *reinterpret_cast<const unsigned char *>(&value) <= 1;
}

bool is_sound(const ImageList<ImageText> &texts, const ImageBounds &bounds) noexcept {
    return texts.lies_in(bounds) && std::ranges::all_of(texts.view(), [&](const ImageText &text) {
               return text.lies_in(bounds);
           });
}

bool is_sound(const Profile &profile, const ImageBounds &bounds) noexcept {
    return profile.name.lies_in(bounds) && is_bool(profile.unrestricted) &&
           profile.login_ip_ranges.is_sound(bounds) && profile.login_origins.is_sound(bounds);
}

bool is_sound(const App &app, const ImageBounds &bounds) noexcept {
    return app.client_id.lies_in(bounds) && app.name.lies_in(bounds) &&
           app.run_as.lies_in(bounds) && is_bool(app.oauth) && is_bool(app.saml) &&
           is_bool(app.has_trusted_ip_ranges) && app.ip_relaxation <= Relaxation::relax &&
           app.trusted_ip_ranges_effect <= TrustedRangesEffect::bypass &&
           app.trusted_ip_ranges.is_sound(bounds) && app.trusted_origins.is_sound(bounds);
}

template <class Record>
bool are_sound(const ImageList<Record> &records, const ImageBounds &bounds) noexcept {
    return records.lies_in(bounds) &&
           std::ranges::all_of(records.view(),
                               [&](const Record &record) { return is_sound(record, bounds); });
}

// A pointer that may be null, to one of a list.
template <class Record>
bool is_one_of(const RelativePointer<Record> &pointer, const ImageList<Record> &list) noexcept {
    return pointer.is_null() || std::ranges::any_of(list.view(), [&](const Record &record) {
               return &record == pointer.get();
           });
}

bool is_sound(const OrganizationRecord &organization, const ImageBounds &bounds) noexcept {
    return is_bool(organization.continuous_ip_enforcement) &&
           organization.sensitive_operations <= SensitiveOperations::outside_ranges &&
           (organization.default_app.is_null() ||
            (organization.default_app.lies_in(bounds, 1) &&
             is_sound(*organization.default_app.get(), bounds))) &&
           organization.profile_claim.lies_in(bounds) &&
           is_sound(organization.user_claims, bounds) && !organization.user_claims.empty() &&
           is_sound(organization.amr, bounds) && is_sound(organization.acr, bounds);
}

}  // namespace

PolicyHeader::Checksum checksum_of(std::span<const std::byte> image) {
    constexpr std::size_t kAt = offsetof(PolicyHeader, checksum);
    constexpr PolicyHeader::Checksum kZero{};
    const auto behind = image.subspan(kAt + kZero.size());
    Sha256 hash;
    hash.add(image.first(kAt));
    hash.add(std::as_bytes(std::span(kZero)));
    hash.add(behind);
    return hash.digest();
}

bool is_sound(const PolicyHeader &header, const ImageBounds &bounds) noexcept {
    return are_sound(header.profiles, bounds) && are_sound(header.apps, bounds) &&
           is_sound(header.organization, bounds) &&
           is_one_of(header.organization.default_profile, header.profiles) &&
           header.profile_names.is_sound(bounds, header.profiles.size()) &&
           header.users.is_sound(bounds, header.profiles.size()) &&
           header.client_ids.is_sound(bounds, header.apps.size());
}

}  // namespace ipfence
