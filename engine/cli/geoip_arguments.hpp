#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/geoip/database.hpp"
#include "engine/policy/policy.hpp"

namespace CLI {
class App;
}

namespace ipfence::cli {

/// The databases that a call was given.
struct GeoipArguments {
    std::optional<std::string> country;
    std::optional<std::string> asn;

    bool any() const noexcept { return country || asn; }
};

/// Adds the options `--geoip-country` and `--geoip-asn`. `arguments` must outlive the call.
void add_geoip_options(CLI::App &call, GeoipArguments &arguments);

/// Opens the databases; null, with the reason on standard error, when one cannot be read.
std::unique_ptr<const GeoipDatabases> open_geoip(const GeoipArguments &arguments);

/// The same; says so when `policy` names countries or autonomous systems and no database of those
/// was given.
std::unique_ptr<const GeoipDatabases> open_geoip(const GeoipArguments &arguments,
                                                 const Policy &policy);

}  // namespace ipfence::cli
