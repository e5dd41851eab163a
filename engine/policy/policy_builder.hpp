#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/image/image_writer.hpp"
#include "engine/policy/name_table.hpp"
#include "engine/policy/policy.hpp"
#include "engine/policy/policy_image.hpp"
#include "engine/policy/settings.hpp"
#include "engine/sha256.hpp"

namespace ipfence {

/// Puts a policy together from parts that are already checked, as the image that lookups are made
/// in. The loader is its user; unit tests are the other one.
class PolicyBuilder {
  public:
    PolicyBuilder();

    /// Lays out a list of ranges, which profiles and apps may then have; equal ones once.
    RangesNumber add_ranges(std::span<const AddressRange> ranges);
    /// Adds a profile; its name must be new.
    ProfileNumber add_profile(ProfileSettings profile);
    /// Lists a user; false when the user is already listed.
    bool add_user(std::string user, ProfileNumber profile);
    /// Lists an app; false when its client_id is already listed.
    bool add_app(AppSettings app);
    void set_organization(OrganizationSettings organization);
    /// At most 12 characters.
    void set_hash(std::string_view hash);

    std::optional<ProfileNumber> find_profile(std::string_view name) const noexcept;
    bool lists_user(std::string_view user) const noexcept;
    std::size_t users() const noexcept { return users_.size(); }

    /// The policy; the builder is spent. An error: it is larger than 2 GiB.
    Result<std::unique_ptr<const Policy>> build();

  private:
    template <class T>
    using Place = ImageWriter::Place<T>;

    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const noexcept {
            return std::hash<std::string_view>{}(name);
        }
    };
    using Numbers = std::unordered_map<std::string, std::uint32_t, NameHash, std::equal_to<>>;

    static Sha256::Digest digest_of(std::span<const AddressRange> ranges);
    const RangeSet &ranges_at(RangesNumber number) noexcept;
    void fill(Place<Profile> place, const ProfileSettings &profile);
    void fill(Place<App> place, const AppSettings &app);
    void fill_organization(Place<Profile> profiles);
    void set_texts(Place<ImageList<ImageText>> list, const std::vector<std::string> &texts);
    void lay_out_names(Place<NameTable> table, const Numbers &numbers);

    ImageWriter image_;
    Place<PolicyHeader> header_;
    std::map<Sha256::Digest, RangesNumber> ranges_numbers_;
    std::vector<Place<RangeSet>> range_sets_;
    std::vector<ProfileSettings> profiles_;
    std::vector<AppSettings> apps_;
    OrganizationSettings organization_;
    Numbers profile_names_;
    Numbers users_;
    Numbers client_ids_;
};

}  // namespace ipfence
