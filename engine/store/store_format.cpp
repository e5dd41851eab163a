#include "engine/store/store_format.hpp"

#include "engine/store/stored_record.hpp"

namespace ipfence {

Result<StoreFormat> StoreFormat::with(const SharedKey &key, std::string prefix) {
    StoreNames names(std::move(prefix));
    auto sealing = Sealing::with_key(key);
    if (!sealing) {
        return sealing.error();
    }
    EventFormat events(key.event_key(), names.events());
    return StoreFormat(std::move(names), std::move(sealing).value(), std::move(events));
}

// A field of a hash is named by both.
std::string StoreFormat::name_of_binding(const Digest &session, const Digest &grant) const {
    return names_.session(session) + '/' + hex_of(grant);
}

std::optional<std::string> StoreFormat::seal(const CredentialRecord &record,
                                             const Instant &now) const {
    return sealing_.seal(names_.credential(record.header.key), encode(record, now));
}

std::optional<std::string> StoreFormat::seal(const GrantRecord &record, const Instant &now) const {
    return sealing_.seal(names_.grant(record.header.key), encode(record, now));
}

std::optional<std::string> StoreFormat::seal(const Changes::Binding &binding,
                                             const Instant &now) const {
    return sealing_.seal(name_of_binding(binding.session, binding.grant), encode(binding, now));
}

std::optional<CredentialRecord> StoreFormat::open_credential(const Digest &key,
                                                             std::string_view value,
                                                             const Instant &now) const {
    const auto text = sealing_.open(names_.credential(key), value);
    return text ? decode_credential(*text, key, now) : std::nullopt;
}

std::optional<GrantRecord> StoreFormat::open_grant(const Digest &key, std::string_view value,
                                                   const Instant &now) const {
    const auto text = sealing_.open(names_.grant(key), value);
    return text ? decode_grant(*text, key, now) : std::nullopt;
}

std::optional<Changes::Binding> StoreFormat::open_binding(const Digest &session,
                                                          const Digest &grant,
                                                          std::string_view value,
                                                          const Instant &now) const {
    const auto text = sealing_.open(name_of_binding(session, grant), value);
    return text ? decode_binding(*text, session, grant, now) : std::nullopt;
}

}  // namespace ipfence
