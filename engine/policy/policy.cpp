#include "engine/policy/policy.hpp"

#include <algorithm>
#include <utility>

#include "engine/policy/policy_image.hpp"
#include "engine/sha256.hpp"

namespace ipfence {

namespace {

// Why the image cannot be a policy of this version; empty when its header is right.
std::string_view fault_of_header(const Image &image) {
    if (image.bytes().size() < sizeof(PolicyHeader)) {
        return "is cut short";
    }
    const auto &header = image.begin<PolicyHeader>();
    if (header.magic != PolicyHeader::kMagic) {
        return "is no compiled policy";
    }
    if (header.byte_order != PolicyHeader::kByteOrder) {
        return "was compiled on another kind of machine; compile it on this one";
    }
    if (header.format != PolicyHeader::kFormat) {
        return "was compiled by another version of ipfence; compile it again";
    }
    if (header.size > image.bytes().size()) {
        return "is cut short";
    }
    if (header.size < image.bytes().size()) {
        return "is longer than it says: something was appended to it, or it is damaged";
    }
    return header.checksum == checksum_of(image.bytes()) ? std::string_view{} : "is damaged";
}

std::vector<std::string> texts_of(const ImageList<ImageText> &list) {
    std::vector<std::string> texts;
    for (const ImageText &text : list.view()) {
        texts.emplace_back(text.view());
    }
    return texts;
}

// Counts and sizes come before what they count, so that no two choices of claims are one text.
Sha256::Digest fingerprint_of_claims(const Organization &organization) {
    Sha256 hash;
    const auto add_number = [&hash](std::size_t number) {
        hash.add(std::as_bytes(std::span(&number, 1)));
    };
    const auto add_text = [&](std::string_view text) {
        add_number(text.size());
        hash.add(text);
    };
    const auto add_texts = [&](const std::vector<std::string> &texts) {
        add_number(texts.size());
        std::ranges::for_each(texts, add_text);
    };
    add_texts(organization.user_claims);
    add_text(organization.profile_claim);
    add_texts(organization.verification_claims.amr);
    add_texts(organization.verification_claims.acr);
    return hash.digest();
}

Organization organization_of(const OrganizationRecord &record) {
    Organization organization;
    organization.continuous_ip_enforcement = record.continuous_ip_enforcement;
    organization.sensitive_operations = record.sensitive_operations;
    organization.default_profile =
        record.default_profile.is_null() ? nullptr : record.default_profile.get();
    organization.default_app = record.default_app.is_null() ? nullptr : record.default_app.get();
    organization.user_claims = texts_of(record.user_claims);
    organization.profile_claim = record.profile_claim.view();
    organization.verification_claims = {texts_of(record.amr), texts_of(record.acr)};
    organization.claims_fingerprint = fingerprint_of_claims(organization);
    return organization;
}

}  // namespace

Result<std::unique_ptr<const Policy>> Policy::open(Image image) {
    if (const std::string_view fault = fault_of_header(image); !fault.empty()) {
        return Error{std::string(fault)};
    }
    if (!is_sound(image.begin<PolicyHeader>(), ImageBounds(image.bytes()))) {
        return Error{"is damaged, though its checksum is right: ipfence did not compile it"};
    }
    return open_checked(std::move(image));
}

std::unique_ptr<const Policy> Policy::open_checked(Image image) {
    return std::unique_ptr<Policy>(new Policy(std::move(image)));
}

Policy::Policy(Image image)
    : image_(std::move(image)),
      profile_names_(header().profile_names, header().profiles.view().data()),
      users_(header().users, header().profiles.view().data()),
      client_ids_(header().client_ids, header().apps.view().data()),
      organization_(organization_of(header().organization)) {}

const PolicyHeader &Policy::header() const noexcept {
    return image_.begin<PolicyHeader>();
}

std::optional<AddressRange> Policy::find_overlap(const AddressRange &range) const noexcept {
    for (const Profile &profile : header().profiles.view()) {
        if (const auto found = profile.login_ip_ranges.find_overlap(range)) {
            return found;
        }
    }
    for (const App &app : header().apps.view()) {
        if (const auto found = app.trusted_ip_ranges.find_overlap(range)) {
            return found;
        }
    }
    return organization_.default_app == nullptr
               ? std::nullopt
               : organization_.default_app->trusted_ip_ranges.find_overlap(range);
}

template <class Names>
bool Policy::any_origins(Names names) const noexcept {
    return std::ranges::any_of(
               header().profiles.view(),
               [&](const Profile &profile) { return names(profile.login_origins); }) ||
           std::ranges::any_of(header().apps.view(),
                               [&](const App &app) { return names(app.trusted_origins); }) ||
           (organization_.default_app != nullptr &&
            names(organization_.default_app->trusted_origins));
}

bool Policy::names_countries() const noexcept {
    return any_origins([](const OriginSet &set) { return !set.countries().empty(); });
}

bool Policy::names_systems() const noexcept {
    return any_origins([](const OriginSet &set) { return !set.as_numbers().empty(); });
}

std::string_view Policy::hash() const noexcept {
    return {header().hash.data(), header().hash.size()};
}

std::size_t Policy::users() const noexcept {
    return header().users.size();
}

std::size_t Policy::profiles() const noexcept {
    return header().profiles.size();
}

std::size_t Policy::apps() const noexcept {
    return header().apps.size();
}

}  // namespace ipfence
