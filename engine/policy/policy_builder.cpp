#include "engine/policy/policy_builder.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ipfence {

PolicyBuilder::PolicyBuilder() : header_(image_.add<PolicyHeader>()) {
    add_ranges({});
}

RangesNumber PolicyBuilder::add_ranges(std::span<const AddressRange> ranges) {
    const auto number = static_cast<RangesNumber>(range_sets_.size());
    const auto [known, is_new] = ranges_numbers_.try_emplace(digest_of(ranges), number);
    if (is_new) {
        range_sets_.push_back(image_.add<RangeSet>());
        RangeSet::lay_out(image_, range_sets_.back(), ranges);
    }
    return known->second;
}

ProfileNumber PolicyBuilder::add_profile(ProfileSettings profile) {
    const auto number = static_cast<std::uint32_t>(profiles_.size());
    profile_names_.emplace(profile.name, number);
    profiles_.push_back(std::move(profile));
    return ProfileNumber{number};
}

bool PolicyBuilder::add_user(std::string user, ProfileNumber profile) {
    return users_.emplace(std::move(user), static_cast<std::uint32_t>(profile)).second;
}

bool PolicyBuilder::add_app(AppSettings app) {
    const auto number = static_cast<std::uint32_t>(apps_.size());
    if (!client_ids_.emplace(app.client_id, number).second) {
        return false;
    }
    apps_.push_back(std::move(app));
    return true;
}

void PolicyBuilder::set_organization(OrganizationSettings organization) {
    organization_ = std::move(organization);
    if (organization_.user_claims.empty()) {
        organization_.user_claims = {"sub"};
    }
}

void PolicyBuilder::set_hash(std::string_view hash) {
    hash.copy(image_.at(header_).hash.data(), PolicyHeader::kHashSize);
}

std::optional<ProfileNumber> PolicyBuilder::find_profile(std::string_view name) const noexcept {
    const auto found = profile_names_.find(name);
    return found == profile_names_.end() ? std::nullopt
                                         : std::optional(ProfileNumber{found->second});
}

bool PolicyBuilder::lists_user(std::string_view user) const noexcept {
    return users_.contains(user);
}

// What tells lists apart: every range as it was written, in its order.
Sha256::Digest PolicyBuilder::digest_of(std::span<const AddressRange> ranges) {
    Sha256 hash;
    for (const AddressRange &range : ranges) {
        const std::array<std::uint64_t, 6> words{static_cast<std::uint64_t>(range.first().family()),
                                                 range.first().high(),
                                                 range.first().low(),
                                                 range.last().high(),
                                                 range.last().low(),
                                                 static_cast<std::uint64_t>(range.notation())};
        hash.add(std::as_bytes(std::span(words)));
    }
    return hash.digest();
}

const RangeSet &PolicyBuilder::ranges_at(RangesNumber number) noexcept {
    return image_.at(range_sets_[static_cast<std::uint32_t>(number)]);
}

void PolicyBuilder::fill(Place<Profile> place, const ProfileSettings &profile) {
    image_.set_text(image_.place_of(image_.at(place).name), profile.name);
    image_.at(place).unrestricted = profile.unrestricted;
    RangeSet::share(image_, ranges_at(profile.login_ip_ranges), image_.at(place).login_ip_ranges);
    OriginSet::lay_out(image_, image_.place_of(image_.at(place).login_origins),
                       profile.login_origins);
}

void PolicyBuilder::fill(Place<App> place, const AppSettings &app) {
    image_.set_text(image_.place_of(image_.at(place).client_id), app.client_id);
    image_.set_text(image_.place_of(image_.at(place).name), app.name);
    image_.set_text(image_.place_of(image_.at(place).run_as), app.run_as);
    App &filled = image_.at(place);
    filled.oauth = app.oauth;
    filled.saml = app.saml;
    filled.ip_relaxation = app.ip_relaxation;
    filled.trusted_ip_ranges_effect = app.trusted_ip_ranges_effect;
    filled.has_trusted_ip_ranges = app.trusted_ip_ranges.has_value();
    RangeSet::share(image_, ranges_at(app.trusted_ip_ranges.value_or(RangesNumber{})),
                    filled.trusted_ip_ranges);
    OriginSet::lay_out(image_, image_.place_of(filled.trusted_origins), app.trusted_origins);
}

void PolicyBuilder::set_texts(Place<ImageList<ImageText>> list,
                              const std::vector<std::string> &texts) {
    const Place<ImageText> first = image_.add<ImageText>(texts.size());
    for (std::size_t index = 0; index < texts.size(); ++index) {
        image_.set_text(first + index, texts[index]);
    }
    image_.set(image_.at(list), first, texts.size());
}

void PolicyBuilder::fill_organization(Place<Profile> profiles) {
    const Place<OrganizationRecord> place = image_.place_of(image_.at(header_).organization);
    image_.at(place).continuous_ip_enforcement = organization_.continuous_ip_enforcement;
    image_.at(place).sensitive_operations = organization_.sensitive_operations;
    if (organization_.default_profile) {
        image_.point(image_.at(place).default_profile,
                     profiles + static_cast<std::uint32_t>(*organization_.default_profile));
    }
    if (organization_.default_app) {
        const Place<App> app = image_.add<App>();
        fill(app, *organization_.default_app);
        image_.point(image_.at(place).default_app, app);
    }
    image_.set_text(image_.place_of(image_.at(place).profile_claim), organization_.profile_claim);
    set_texts(image_.place_of(image_.at(place).user_claims), organization_.user_claims);
    set_texts(image_.place_of(image_.at(place).amr), organization_.verification_claims.amr);
    set_texts(image_.place_of(image_.at(place).acr), organization_.verification_claims.acr);
}

void PolicyBuilder::lay_out_names(Place<NameTable> table, const Numbers &numbers) {
    std::vector<NameTable::Entry> entries;
    entries.reserve(numbers.size());
    for (const auto &[name, number] : numbers) {
        entries.push_back({name, number});
    }
    // So that one policy is compiled to the same bytes each time.
    std::ranges::sort(entries, {}, &NameTable::Entry::name);
    NameTable::lay_out(image_, table, entries);
}

Result<std::unique_ptr<const Policy>> PolicyBuilder::build() {
    const Place<Profile> profiles = image_.add<Profile>(profiles_.size());
    for (std::size_t index = 0; index < profiles_.size(); ++index) {
        fill(profiles + index, profiles_[index]);
    }
    const Place<App> apps = image_.add<App>(apps_.size());
    for (std::size_t index = 0; index < apps_.size(); ++index) {
        fill(apps + index, apps_[index]);
    }
    fill_organization(profiles);
    image_.set(image_.at(header_).profiles, profiles, profiles_.size());
    image_.set(image_.at(header_).apps, apps, apps_.size());
    lay_out_names(image_.place_of(image_.at(header_).profile_names), profile_names_);
    lay_out_names(image_.place_of(image_.at(header_).users), users_);
    lay_out_names(image_.place_of(image_.at(header_).client_ids), client_ids_);
    if (image_.is_too_large()) {
        return Error{"is too large: compiled, it has more than 2 GiB"};
    }
    image_.at(header_).size = image_.size();
    image_.at(header_).checksum = checksum_of(image_.bytes());
    return Policy::open(Image::copy_of(image_.take()));
}

}  // namespace ipfence
