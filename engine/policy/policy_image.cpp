#include "engine/policy/policy_image.hpp"

#include <algorithm>
#include <set>

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

// Checks profiles and apps. A list of ranges is gone through once, however many share it: ten
// thousand profiles may have one of a million ranges.
class RecordsCheck {
  public:
    explicit RecordsCheck(const ImageBounds &bounds) noexcept : bounds_(bounds) {}

    bool is_sound(const Profile &profile) {
        return profile.name.lies_in(bounds_) && is_bool(profile.unrestricted) &&
               is_sound(profile.login_ip_ranges) && profile.login_origins.is_sound(bounds_);
    }

    bool is_sound(const App &app) {
        return app.client_id.lies_in(bounds_) && app.name.lies_in(bounds_) &&
               app.run_as.lies_in(bounds_) && is_bool(app.oauth) && is_bool(app.saml) &&
               is_bool(app.has_trusted_ip_ranges) && app.ip_relaxation <= Relaxation::relax &&
               app.trusted_ip_ranges_effect <= TrustedRangesEffect::bypass &&
               is_sound(app.trusted_ip_ranges) && app.trusted_origins.is_sound(bounds_);
    }

    template <class Record>
    bool are_sound(const ImageList<Record> &records) {
        return records.lies_in(bounds_) &&
               std::ranges::all_of(records.view(),
                                   [&](const Record &record) { return is_sound(record); });
    }

  private:
    bool is_sound(const RangeSet &ranges) {
        return !sound_.insert(ranges.identity()).second || ranges.is_sound(bounds_);
    }

    const ImageBounds &bounds_;
    std::set<RangeSet::Identity> sound_;  // the last of which may not be, and ends the check
};

// A pointer that may be null, to one of a list.
template <class Record>
bool is_one_of(const RelativePointer<Record> &pointer, const ImageList<Record> &list) noexcept {
    return pointer.is_null() || std::ranges::any_of(list.view(), [&](const Record &record) {
               return &record == pointer.get();
           });
}

bool is_sound(const OrganizationRecord &organization, const ImageBounds &bounds,
              RecordsCheck &records) {
    return is_bool(organization.continuous_ip_enforcement) &&
           organization.sensitive_operations <= SensitiveOperations::outside_ranges &&
           (organization.default_app.is_null() ||
            (organization.default_app.lies_in(bounds, 1) &&
             records.is_sound(*organization.default_app.get()))) &&
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

bool is_sound(const PolicyHeader &header, const ImageBounds &bounds) {
    RecordsCheck records(bounds);
    return records.are_sound(header.profiles) && records.are_sound(header.apps) &&
           is_sound(header.organization, bounds, records) &&
           is_one_of(header.organization.default_profile, header.profiles) &&
           header.profile_names.is_sound(bounds, header.profiles.size()) &&
           header.users.is_sound(bounds, header.profiles.size()) &&
           header.client_ids.is_sound(bounds, header.apps.size());
}

}  // namespace ipfence
