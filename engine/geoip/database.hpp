#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/address/address_origin.hpp"
#include "engine/result.hpp"
#include "engine/source_stream.hpp"

struct MMDB_s;

namespace ipfence {

/// A MaxMind database (GeoLite2 and its like), in memory of its own: the file may be replaced,
/// rewritten or cut short afterwards, and nothing comes of it.
class GeoipDatabase {
  public:
    /// What a database is to say of addresses. One that says it of none is another one.
    enum class Content { country, as_number };

    /// Reads a file and goes through its whole search tree. An error says what is wrong with it.
    static Result<std::unique_ptr<const GeoipDatabase>, SourceFailure> open(const std::string &path,
                                                                            SourceKind kind,
                                                                            Content content);

    GeoipDatabase(const GeoipDatabase &) = delete;
    GeoipDatabase &operator=(const GeoipDatabase &) = delete;
    ~GeoipDatabase();

    /// The country that the address is in: `country`, `iso_code`. Empty where the database does not
    /// say, or has no record, or a broken one.
    std::optional<CountryCode> country_of(Address address) const noexcept;

    /// The autonomous system: `autonomous_system_number`. Empty likewise.
    std::optional<AsNumber> as_number_of(Address address) const noexcept;

    /// All addresses there are, ascending, by what `country_of` and `as_number_of` say of them.
    /// Each family begins with a run. An error where the search tree is none, and has no end.
    Result<std::vector<OriginRun<CountryCode>>> country_runs() const;
    Result<std::vector<OriginRun<AsNumber>>> as_number_runs() const;

  private:
    explicit GeoipDatabase(std::unique_ptr<MMDB_s> database) noexcept;

    std::unique_ptr<MMDB_s> database_;
};

/// The databases of countries and of autonomous systems, of which either may be missing.
class GeoipDatabases final : public OriginSource {
  public:
    GeoipDatabases() = default;
    GeoipDatabases(std::unique_ptr<const GeoipDatabase> countries,
                   std::unique_ptr<const GeoipDatabase> systems) noexcept
        : countries_(std::move(countries)), systems_(std::move(systems)) {}

    AddressOrigin origin_of(Address address) const noexcept override;

    /// Null where it is missing.
    const GeoipDatabase *countries() const noexcept { return countries_.get(); }
    const GeoipDatabase *systems() const noexcept { return systems_.get(); }

  private:
    std::unique_ptr<const GeoipDatabase> countries_;
    std::unique_ptr<const GeoipDatabase> systems_;
};

}  // namespace ipfence
