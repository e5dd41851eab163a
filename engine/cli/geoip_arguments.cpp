#include "engine/cli/geoip_arguments.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

namespace ipfence::cli {

namespace {

// Whether there is no such argument, or what it names was opened.
bool open(const std::optional<std::string> &path, GeoipDatabase::Content content,
          std::unique_ptr<const GeoipDatabase> &database) {
    if (!path) {
        return true;
    }
    auto opened = GeoipDatabase::open(*path, SourceKind::any, content);
    if (!opened) {
        std::cerr << "ipfence: " << opened.error().message << '\n';
        return false;
    }
    database = std::move(opened).value();
    return true;
}

}  // namespace

void add_geoip_options(CLI::App &call, GeoipArguments &arguments) {
    call.add_option("--geoip-country", arguments.country, "A MaxMind database that knows countries")
        ->type_name("FILE");
    call.add_option("--geoip-asn", arguments.asn, "One that knows autonomous systems")
        ->type_name("FILE");
}

std::unique_ptr<const GeoipDatabases> open_geoip(const GeoipArguments &arguments) {
    std::unique_ptr<const GeoipDatabase> countries;
    std::unique_ptr<const GeoipDatabase> systems;
    using Content = GeoipDatabase::Content;
    if (!open(arguments.country, Content::country, countries) ||
        !open(arguments.asn, Content::as_number, systems)) {
        return nullptr;
    }
    return std::make_unique<const GeoipDatabases>(std::move(countries), std::move(systems));
}

std::unique_ptr<const GeoipDatabases> open_geoip(const GeoipArguments &arguments,
                                                 const Policy &policy) {
    if (policy.names_more_than(arguments.country.has_value(), arguments.asn.has_value())) {
        std::cerr << "warning: the policy names countries or asns of which no database says where "
                     "they are, and no address is in one: give --geoip-country and --geoip-asn\n";
    }
    return open_geoip(arguments);
}

}  // namespace ipfence::cli
