#pragma once

#include <cstdint>

#include "engine/endpoint/browser_login.hpp"
#include "engine/endpoint/learned.hpp"
#include "engine/endpoint/session_origin.hpp"
#include "engine/memory/memory.hpp"

namespace ipfence {

/// A grant that is about to be remembered; what it refers to must outlive it.
struct NewGrant {
    Digest key;
    const SessionOrigin &origin;
    const BrowserLogin &login;
    std::uint32_t owner = 0;
    Seconds lifetime = 0;
    Standing standing = Standing::learned;
};

/// Remembers it, in the place of what was there under its key.
Learned remember_grant(Memory &memory, const NewGrant &grant, Seconds now);

/// Remembers a grant that many share; one that is there lives on.
Learned remember_shared_grant(Memory &memory, const NewGrant &grant, Seconds now);

}  // namespace ipfence
