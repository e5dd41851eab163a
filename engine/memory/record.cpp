#include "engine/memory/record.hpp"

#include <algorithm>

namespace ipfence {

std::optional<Address> GrantRecord::address() const noexcept {
    if (!has(kFromKnown)) {
        return std::nullopt;
    }
    return has(kFromIpv4) ? Address::from_ipv4(static_cast<std::uint32_t>(address_low))
                          : Address::from_ipv6(address_high, address_low);
}

void GrantRecord::set_address(const std::optional<Address> &address) noexcept {
    set(kFromKnown, address.has_value());
    set(kFromIpv4, address && address->family() == Address::Family::ipv4);
    address_high = address ? address->high() : 0;
    address_low = address ? address->low() : 0;
}

bool GrantRecord::set_names(std::string_view app, std::string_view user,
                            std::string_view profile) noexcept {
    if (app.size() + user.size() + profile.size() > text.size()) {
        return false;
    }
    // The names may be views on this very record.
    std::array<char, kTextSize> names{};
    auto end = std::ranges::copy(app, names.begin()).out;
    end = std::ranges::copy(user, end).out;
    std::ranges::copy(profile, end);
    text = names;
    app_size = static_cast<std::uint8_t>(app.size());
    user_size = static_cast<std::uint8_t>(user.size());
    profile_size = static_cast<std::uint8_t>(profile.size());
    return true;
}

}  // namespace ipfence
