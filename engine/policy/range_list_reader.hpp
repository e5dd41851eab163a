#pragma once

#include <jansson.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/policy/inspection.hpp"
#include "engine/policy/networks.hpp"
#include "engine/policy/policy_builder.hpp"
#include "engine/policy/settings.hpp"

namespace ipfence {

/// A list of ranges as a profile or an app of the policy under construction has it.
struct ListedRanges {
    RangesNumber ranges{};
    OriginSettings origins;
};

/// Reads the lists of ranges of profiles and apps, with networks written out. A list of networks
/// alone is written out once, however many have it: ten thousand profiles may name one network of a
/// million ranges.
class RangeListReader {
  public:
    /// Lists are added to `builder`, which outlives the reader.
    RangeListReader(Networks networks, PolicyBuilder &builder);

    /// Reads one list, which stands where the inspection is.
    ListedRanges read(Inspection &inspection, const json_t *value);

  private:
    using NetworkNames = std::vector<std::string>;

    // A list that was read, and what there is to say wherever it stands.
    struct Read {
        ListedRanges list;
        std::string warning;
    };

    std::optional<NetworkNames> networks_alone(const json_t *value) const;
    Read write_out(Inspection &inspection, const json_t *value);

    Networks networks_;
    PolicyBuilder &builder_;
    std::map<NetworkNames, Read> lists_of_networks_;
};

}  // namespace ipfence
