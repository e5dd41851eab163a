#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/store/location.hpp"
#include "engine/store/shared_key.hpp"
#include "module/store_endpoint.hpp"
#include "module/store_tls.hpp"

namespace ipfence::module {

/// What happens to a request that must ask the store and cannot.
enum class StoreFailure : std::uint8_t {
    deny,   ///< it is refused: store_unavailable
    local,  ///< it goes on with what this node knows itself
};

/// What `ipfence_store` says.
struct StoreSettings {
    StoreLocation location;
    std::vector<StoreEndpoint>
        seeds;                    ///< of `location`, or the Sentinels; in the order to be tried
    std::string sentinel_master;  ///< empty: there are no Sentinels
    std::string prefix;           ///< of the names in Redis
    SharedKey key;
    ngx_msec_t timeout;  ///< all that one request waits for the store
    StoreFailure on_failure;
    std::unique_ptr<StoreTls> tls;  ///< null: not encrypted
};

}  // namespace ipfence::module
