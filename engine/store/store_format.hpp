#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/memory/changes.hpp"
#include "engine/memory/instant.hpp"
#include "engine/memory/record.hpp"
#include "engine/store/event.hpp"
#include "engine/store/sealing.hpp"
#include "engine/store/shared_key.hpp"
#include "engine/store/store_names.hpp"

namespace ipfence {

/// How the nodes of one store name, seal and announce what they share. A process's own; not to be
/// shared by threads.
class StoreFormat {
  public:
    /// `prefix` is a StoreNames::is_prefix. Fails when OpenSSL does.
    static Result<StoreFormat> with(const SharedKey &key, std::string prefix);

    const StoreNames &names() const noexcept { return names_; }
    const EventFormat &events() const noexcept { return events_; }

    // The value of a record under its name. Empty when OpenSSL fails.
    std::optional<std::string> seal(const CredentialRecord &record, const Instant &now) const;
    std::optional<std::string> seal(const GrantRecord &record, const Instant &now) const;
    std::optional<std::string> seal(const Changes::Binding &binding, const Instant &now) const;

    // Back from a value. Empty when it is not what a node with this key wrote under this name, or
    // has expired.
    std::optional<CredentialRecord> open_credential(const Digest &key, std::string_view value,
                                                    const Instant &now) const;
    std::optional<GrantRecord> open_grant(const Digest &key, std::string_view value,
                                          const Instant &now) const;
    std::optional<Changes::Binding> open_binding(const Digest &session, const Digest &grant,
                                                 std::string_view value, const Instant &now) const;

  private:
    StoreFormat(StoreNames names, Sealing sealing, EventFormat events)
        : names_(std::move(names)), sealing_(std::move(sealing)), events_(std::move(events)) {}

    std::string name_of_binding(const Digest &session, const Digest &grant) const;

    StoreNames names_;
    Sealing sealing_;
    EventFormat events_;
};

}  // namespace ipfence
