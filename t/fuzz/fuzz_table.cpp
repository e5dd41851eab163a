// The table of what is remembered, on memory that holds anything at all, as it may after a writer
// was killed. The input is the memory.

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "engine/memory/record.hpp"
#include "engine/memory/table.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

constexpr Seconds kNow = 1000;
constexpr std::size_t kSets = 2;

template <class Record>
void store_and_find(Table &table, const Digest &key) {
    Record record{};
    record.header.key = key;
    record.header.expires = kNow + 1;
    if (table.store(record, kNow) == Stored::refused) {
        return;
    }
    const auto found = table.find<Record>(key, kNow);
    require(found && found->header.key == key, "what was stored is found");
    table.remove(key);
    require(!table.find<Record>(key, kNow), "what was removed is not");
}

template <class Record>
void check(std::string_view image) {
    alignas(64) std::array<std::byte, kSets * Table::set_size(sizeof(Record))> places{};
    std::memcpy(places.data(), image.data(), std::min(image.size(), places.size()));
    SharedLock lock;
    require(lock.initialize(), "a lock can be made");
    Table table(places, sizeof(Record), std::span(&lock, 1));
    for (std::size_t place = 0; place < table.capacity(); ++place) {
        const auto record = table.at<Record>(place, kNow);
        if (record) {
            require(record->header.expires > kNow, "what is found lives");
            table.update<Record>(record->header.key, kNow, [](Record &) { return true; });
        }
    }
    for (std::uint64_t part = 1; part <= kSets; ++part) {
        store_and_find<Record>(table, Digest{{part << 61 | part, part}});
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::ExactText image = fuzz::Input(data, size).rest();
    check<CredentialRecord>(image.view());
    check<GrantRecord>(image.view());
    return 0;
}
