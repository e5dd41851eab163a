#include "engine/endpoint/browser_login.hpp"

#include "engine/decision/decision.hpp"
#include "engine/text_pieces.hpp"

namespace ipfence {

namespace {

constexpr char kEnd = '\0';  // no name has a control byte

}  // namespace

bool BrowserLogin::is_undecided_for(std::string_view user) const noexcept {
    for (std::string_view names = undecided_users; !names.empty();) {
        if (take_until(names, kEnd) == user) {
            return true;
        }
    }
    return false;
}

std::string names_in_one(std::span<const std::string_view> names) {
    std::string text;
    for (const std::string_view name : names) {
        if (!BrowserLogin{.undecided_users = text}.is_undecided_for(name)) {
            text.append(name).push_back(kEnd);
        }
    }
    return text;
}

BrowserLogin browser_login_of(const GrantRecord &grant) noexcept {
    return {.client_address = grant.address(), .undecided_users = grant.undecided_users()};
}

// No code is of an unknown flow.
bool is_possible_login(const GrantRecord &grant) noexcept {
    return !grant.undecided_users().empty() &&
           grant.flow() == static_cast<std::uint8_t>(Flow::unknown);
}

}  // namespace ipfence
