// A compiled policy whose checksum holds, whatever it says; or, after an odd first byte, one as it
// comes. What is taken up must not lead a lookup astray.

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "engine/policy/policy.hpp"
#include "engine/policy/policy_image.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

// Most of what a mutation breaks first is the header, which is known: it is made right.
std::string made_right(std::string text) {
    if (text.size() < sizeof(PolicyHeader)) {
        return text;
    }
    const std::uint64_t size = text.size();
    const auto put = [&text](std::size_t at, const auto &value) {
        std::copy_n(reinterpret_cast<const char *>(&value), sizeof(value),
                    text.begin() + static_cast<std::ptrdiff_t>(at));
    };
    put(offsetof(PolicyHeader, magic), PolicyHeader::kMagic);
    put(offsetof(PolicyHeader, format), PolicyHeader::kFormat);
    put(offsetof(PolicyHeader, byte_order), PolicyHeader::kByteOrder);
    put(offsetof(PolicyHeader, size), size);
    put(offsetof(PolicyHeader, checksum), checksum_of(std::as_bytes(std::span<const char>(text))));
    return text;
}

void look_up(const RangeSet &ranges) {
    for (const char *text : {"203.0.113.7", "0.0.0.0", "255.255.255.255", "2001:db8::7",
                             "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
        const Address address = *Address::parse(text);
        const auto range = ranges.find(address);
        require(range.has_value() == ranges.contains(address), "a range is there when it is said");
        require(!range || !range->text().empty(), "a range can be shown");
    }
    std::vector<Address> starts;
    ranges.add_starts(starts);
    for (const Address start : starts) {
        require(ranges.contains(start) == ranges.find(start).has_value(), "a start is looked up");
    }
}

// As `check` and `diff` do.
void go_through(const Policy &policy) {
    policy.listed_users().for_each([](std::string_view, const Profile &profile) {
        require(std::ranges::count(profile.name.view(), '\n') >= 0, "a name can be read");
    });
    policy.listed_profiles().for_each(
        [](std::string_view, const Profile &profile) { look_up(profile.login_ip_ranges); });
    policy.listed_apps().for_each(
        [](std::string_view, const App &app) { look_up(app.trusted_ip_ranges); });
    for (const char *all : {"0.0.0.0/0", "::/0"}) {
        const auto range = policy.find_overlap(AddressRange::parse(all).value());
        require(!range || !range->text().empty(), "a range can be shown");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    fuzz::Input input(data, size);
    const bool as_it_comes = input.byte() % 2 == 1;
    std::string text(input.rest().view());
    text = as_it_comes ? std::move(text) : made_right(std::move(text));
    const auto policy = Policy::open(Image::copy_of(std::as_bytes(std::span<const char>(text))));
    if (!policy) {
        require(!policy.error().message.empty(), "an error says what is wrong");
        return 0;
    }
    for (const char *name : {"alice", "office", "web", "", "mobile"}) {
        const Profile *profile = (*policy)->find_user(name);
        if (profile != nullptr) {
            look_up(profile->login_ip_ranges);
        }
        if (const App *app = (*policy)->find_app(name)) {
            require(app->name.view().size() <= text.size(), "a name lies in the image");
            look_up(app->trusted_ip_ranges);
        }
        (*policy)->find_profile(name);
    }
    go_through(**policy);
    require(!(*policy)->organization().user_claims.empty(), "some claim names the user");
    return 0;
}
