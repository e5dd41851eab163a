#include "engine/endpoint/browser_login.hpp"

namespace ipfence {

namespace {

constexpr char kEnd = '\0';  // no name has a control byte

}  // namespace

bool BrowserLogin::is_undecided_for(std::string_view user) const noexcept {
    for (std::string_view names = undecided_users; !names.empty();) {
        const std::size_t end = names.find(kEnd);
        if (names.substr(0, end) == user) {
            return true;
        }
        names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
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

}  // namespace ipfence
