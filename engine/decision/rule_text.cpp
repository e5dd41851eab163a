#include <array>
#include <charconv>

#include "engine/decision/decision.hpp"
#include "engine/text_pieces.hpp"

namespace ipfence {

namespace {

// A setting's place in the policy: `profiles.` `standard` `.login_ip_ranges`.
using Place = std::array<std::string_view, 3>;

Place place_in_organization(std::string_view setting) noexcept {
    return {"organization.", {}, setting};
}

Place place_in_profile(const Profile *profile, std::string_view setting) noexcept {
    return {"profiles.", profile != nullptr ? profile->name.view() : std::string_view{}, setting};
}

Place place_in_app(const App *app, std::string_view setting) noexcept {
    if (app == nullptr || app->client_id.empty()) {
        return {"organization.", "default_app", setting};
    }
    return {"apps.", app->client_id, setting};
}

Place place_of(const Decision &decision) noexcept {
    using Setting = Rule::Setting;
    switch (decision.rule.setting) {
        case Setting::none:
            return {};
        case Setting::continuous_ip_enforcement:
            return place_in_organization("continuous_ip_enforcement");
        case Setting::default_profile:
            return place_in_organization("default_profile");
        case Setting::sensitive_operations:
            return place_in_organization("sensitive_operations");
        case Setting::profile_claim:
            return place_in_organization("profile_claim");
        case Setting::unrestricted:
            return place_in_profile(decision.profile, ".unrestricted");
        case Setting::login_ip_ranges:
            return place_in_profile(decision.profile, ".login_ip_ranges");
        case Setting::ip_relaxation:
            return place_in_app(decision.app, ".ip_relaxation");
        case Setting::trusted_ip_ranges:
            return place_in_app(decision.app, ".trusted_ip_ranges");
    }
    return {};
}

// Where the text of a range or a number is written.
using Storage = std::array<char, AddressRange::kMaxTextLength>;

Place parts_of(const Decision &decision, Storage &storage) noexcept {
    const Rule &rule = decision.rule;
    if (const auto range = rule.match.range()) {
        return {{{storage.data(), range->format(storage)}}};
    }
    if (rule.origin.country) {
        return {"country:", decision.rule.origin.country->text()};
    }
    if (rule.origin.as_number) {
        const auto [end, error] = std::to_chars(storage.data(), storage.data() + storage.size(),
                                                static_cast<std::uint32_t>(*rule.origin.as_number));
        return {"asn:", {storage.data(), static_cast<std::size_t>(end - storage.data())}};
    }
    return place_of(decision);
}

[[gnu::noinline]] std::size_t format_parts(const Decision &decision, std::span<char> out) noexcept {
    Storage storage;
    std::size_t length = 0;
    for (const std::string_view part : parts_of(decision, storage)) {
        // A log or answer in UTF-8 must stay valid when a long name is cut.
        const std::string_view cut = cut_between_characters(part, out.size() - length);
        cut.copy(out.data() + length, cut.size());
        length += cut.size();
        if (cut.size() < part.size()) {
            break;
        }
    }
    return length;
}

}  // namespace

std::size_t format_rule(const Decision &decision, std::span<char> out) noexcept {
    if (out.size() >= AddressRange::kMaxTextLength) {
        // What decides most often, and needs no cut.
        if (const auto range = decision.rule.match.range()) {
            return range->format(out.first<AddressRange::kMaxTextLength>());
        }
    }
    return format_parts(decision, out);
}

std::string rule_text(const Decision &decision) {
    Storage storage;
    std::string text;
    for (const std::string_view part : parts_of(decision, storage)) {
        text += part;
    }
    return text;
}

}  // namespace ipfence
