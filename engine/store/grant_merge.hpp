#pragma once

#include "engine/memory/record.hpp"

namespace ipfence {

/// What is known of a grant when one machine knows `one` and another `other`. Commutative,
/// associative and idempotent, but for the table's `version` and `epoch`, which are those of `one`;
/// so it does not matter who writes first, nor how often. Nothing that restricts is lost:
///
///   forgotten, refreshed    when either says so
///   app, user               whichever is known
///   activated               as he says who knows the user: what one machine verified before it
///                           knew of whom is not what was verified of him (J07)
///   device                  only when both say the same
///   profile, and the        of him who knows of a claim; if both do, of him who told the store
///   address with it         last
///   lifetime                the longer one
///
/// Two that cannot both be true (other apps, users or flows, or names that have no place in one
/// record) are contradictory: forgotten, and without any part that could be believed.
GrantRecord merge(const GrantRecord &one, const GrantRecord &other) noexcept;

/// Whether a copy of `before` would decide otherwise than `after`, so that whoever has one must
/// hear of the change.
bool decides_otherwise(const GrantRecord &before, const GrantRecord &after) noexcept;

}  // namespace ipfence
