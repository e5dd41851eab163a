#include "engine/memory/changes.hpp"

#include <algorithm>
#include <new>

namespace ipfence {

bool Changes::empty() const noexcept {
    return grants_.empty() && credentials_.empty() && bound_.empty() && unbound_.empty() &&
           forgotten_grants_.empty() && forgotten_sessions_.empty() &&
           forgotten_credentials_.empty() && redeemed_codes_.empty() &&
           revoked_credentials_.empty();
}

template <class Item>
void Changes::add(std::vector<Item> &items, const Item &item) noexcept {
    try {
        items.push_back(item);
    } catch (const std::bad_alloc &) {
        is_complete_ = false;
    }
}

// Of a record only the last state counts.
void Changes::add_grant(const GrantRecord &grant, bool is_only_longer) noexcept {
    const auto same = std::ranges::find_if(grants_, [&](const ChangedGrant &other) {
        return other.record.header.key == grant.header.key;
    });
    if (same != grants_.end()) {
        *same = {grant, same->is_only_longer && is_only_longer};
    } else {
        add(grants_, {grant, is_only_longer});
    }
}

void Changes::add_credential(const CredentialRecord &credential) noexcept {
    std::erase_if(credentials_, [&](const CredentialRecord &other) {
        return other.header.key == credential.header.key;
    });
    add(credentials_, credential);
}

void Changes::add_bound(const Binding &binding) noexcept {
    add(bound_, binding);
}

void Changes::add_unbound(const Binding &binding) noexcept {
    add(unbound_, binding);
}

void Changes::forget_grant(const Digest &key) noexcept {
    add(forgotten_grants_, key);
}

void Changes::forget_session(const Digest &key) noexcept {
    add(forgotten_sessions_, key);
}

void Changes::forget_credential(const Digest &key, bool is_code) noexcept {
    std::erase_if(credentials_,
                  [&](const CredentialRecord &record) { return record.header.key == key; });
    add(is_code ? redeemed_codes_ : forgotten_credentials_, key);
}

void Changes::revoke_credential(const Digest &key) noexcept {
    add(revoked_credentials_, key);
}

}  // namespace ipfence
