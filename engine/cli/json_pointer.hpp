#pragma once

#include <jansson.h>

#include <memory>

namespace ipfence::cli {

/// Gives a reference back.
struct JsonRelease {
    void operator()(json_t *value) const noexcept { json_decref(value); }
};

/// A JSON value and one reference to it.
using JsonPointer = std::unique_ptr<json_t, JsonRelease>;

}  // namespace ipfence::cli
