#include "engine/address/range_table.hpp"

namespace ipfence {

RangeTable::RangeTable(std::span<const AddressRange> ranges) {
    if (!ranges.empty()) {
        ImageWriter writer;
        RangeSet::lay_out(writer, writer.add<RangeSet>(), ranges);
        image_ = Image::copy_of(writer.take());
    }
}

}  // namespace ipfence
