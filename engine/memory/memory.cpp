#include "engine/memory/memory.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <utility>

namespace ipfence {

namespace {

Result<KeyedDigest> digest_for(const KeyedDigest &digest, std::string_view provider) {
    const auto words = digest.digest(Role::provider, {}, provider);
    if (!words) {
        return Error{"no memory for the key of the provider " + std::string(provider)};
    }
    KeyedDigest::Key key;
    static_assert(sizeof(key) == sizeof(words->words));
    std::memcpy(key.data(), words->words.data(), key.size());
    KeyedDigest derived(key);
    OPENSSL_cleanse(key.data(), key.size());
    return derived;
}

}  // namespace

Result<Memory> Memory::on(Zone zone, std::string_view provider) {
    if (provider.empty()) {
        return Memory(zone, KeyedDigest(zone.key()));
    }
    auto digest = digest_for(KeyedDigest(zone.key()), provider);
    if (!digest) {
        return digest.error();
    }
    return Memory(zone, std::move(digest).value());
}

Seconds Memory::end_of(Seconds lifetime, Seconds now) noexcept {
    return now + std::min(lifetime, kMaxLifetime);
}

void Memory::recall(const Digest &key, Seconds now,
                    std::optional<Remembered> &remembered) const noexcept {
    CredentialRecord &credential = remembered.emplace().credential;
    GrantRecord &grant = remembered->grant;
    if (!zone_.credentials().find(key, now, credential) ||
        !zone_.grants().find(credential.grant, now, grant) || grant.has(GrantRecord::kForgotten)) {
        remembered.reset();
    }
}

bool Memory::has_lost_grant(const Digest &key, Seconds now) const noexcept {
    std::optional<Remembered> remembered;
    recall(key, now, remembered);
    return !remembered && zone_.credentials().find<CredentialRecord>(key, now);
}

std::optional<GrantRecord> Memory::forgotten_grant(const Digest &key, Seconds now) const noexcept {
    const auto credential = zone_.credentials().find<CredentialRecord>(key, now);
    auto grant =
        credential ? zone_.grants().find<GrantRecord>(credential->grant, now) : std::nullopt;
    return grant && grant->has(GrantRecord::kForgotten) ? grant : std::nullopt;
}

Stored Memory::remember_grant(const Digest &key, GrantRecord grant, Seconds lifetime,
                              Standing standing, Seconds now) noexcept {
    grant.header.key = key;
    grant.header.expires = end_of(lifetime, now);
    grant.header.owner =
        grant.header.owner == 0 ? owner_of(grant.user(), grant.app()) : grant.header.owner;
    grant.header.standing = standing;
    if (changes_ != nullptr) {
        changes_->add_grant(grant, false);
    }
    return zone_.count(zone_.grants().store(grant, now));
}

void Memory::collect_change(GrantRecord before, const GrantRecord &after) noexcept {
    const bool is_longer = before.header.expires != after.header.expires;
    before.header.expires = after.header.expires;
    const bool is_same = std::ranges::equal(std::as_bytes(std::span(&before, 1)),
                                            std::as_bytes(std::span(&after, 1)));
    if (changes_ != nullptr && (is_longer || !is_same)) {
        changes_->add_grant(after, is_same);
    }
}

Stored Memory::remember(const NewCredential &credential, std::uint32_t owner,
                        Seconds now) noexcept {
    CredentialRecord record;
    record.header.key = credential.key;
    record.header.expires = end_of(credential.lifetime, now);
    record.header.owner = owner;
    record.header.standing = credential.standing;
    record.header.kind = static_cast<std::uint8_t>(credential.kind);
    record.header.flags = credential.refreshed ? CredentialRecord::kRefreshed : std::uint8_t{0};
    record.grant = credential.grant;
    if (changes_ != nullptr) {
        changes_->add_credential(record);
    }
    return zone_.count(zone_.credentials().store(record, now));
}

void Memory::shorten(const Digest &key, Seconds lifetime, Seconds now) noexcept {
    zone_.credentials().update<CredentialRecord>(key, now, [&](CredentialRecord &record) {
        record.header.expires = std::min(record.header.expires, end_of(lifetime, now));
        if (changes_ != nullptr) {
            changes_->add_credential(record);
        }
        return true;
    });
}

void Memory::forget(const Digest &key) noexcept {
    if (changes_ != nullptr) {
        // One that has expired, too, may be of use to others, whose clocks differ.
        const auto record = zone_.credentials().find<CredentialRecord>(key, 0);
        changes_->forget_credential(key, record && record->kind() == CredentialKind::code);
    }
    forget_quietly(key);
}

void Memory::revoke_unknown(const Digest &key) noexcept {
    if (changes_ != nullptr) {
        changes_->revoke_credential(key);
    }
    forget_quietly(key);
}

void Memory::forget_quietly(const Digest &key) noexcept {
    zone_.trust().note_change_of(key);
    zone_.credentials().remove(key);
}

void Memory::forget_grant(const Digest &key, Seconds now) noexcept {
    zone_.trust().note_change_of(key);
    if (changes_ != nullptr) {
        changes_->forget_grant(key);
    }
    zone_.grants().update<GrantRecord>(key, now, [](GrantRecord &grant) {
        grant.set(GrantRecord::kForgotten, true);
        return true;
    });
}

std::uint32_t Memory::owner_of(std::string_view user, std::string_view app) const noexcept {
    const auto digest = digest_.digest(Role::owner, {}, user.empty() ? app : user);
    return digest ? static_cast<std::uint32_t>(digest->words[0]) : 0;
}

}  // namespace ipfence
