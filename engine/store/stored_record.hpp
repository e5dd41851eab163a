#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/memory/changes.hpp"
#include "engine/memory/instant.hpp"
#include "engine/memory/record.hpp"

namespace ipfence {

// The text of a record in the store, before it is sealed. Numbers are big-endian, nothing is
// padded; `expires` is Unix time in seconds, 64 bits:
//
//   credential  expires, kind (1), flags (1), standing (1), owner (4), grant (16)
//   grant       expires, flags (1), flow (1), standing (1), owner (4), issued (4),
//               device tag (16, if flags say so), address (4 or 16, if flags say so),
//               sizes of app, user and profile (1 each), app, user, profile
//   binding     expires, owner (4): that a session received a grant; which, their names say
//
// A change of any of them is a new Sealing::kFormat.

/// The text of a value.
std::string encode(const CredentialRecord &record, const Instant &now);
std::string encode(const GrantRecord &record, const Instant &now);
std::string encode(const Changes::Binding &binding, const Instant &now);

/// Back from the text, on this machine's clock. Empty when it is no such text, or has expired; but
/// a binding that has expired holds as long as the session does, which may have received others
/// since.
std::optional<CredentialRecord> decode_credential(std::string_view text, const Digest &key,
                                                  const Instant &now);
std::optional<GrantRecord> decode_grant(std::string_view text, const Digest &key,
                                        const Instant &now);
std::optional<Changes::Binding> decode_binding(std::string_view text, const Digest &session,
                                               const Digest &grant, const Instant &now);

}  // namespace ipfence
