#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "engine/memory/memory.hpp"

namespace ipfence {

/// Memory for a zone, aligned and zeroed, as shared memory is when it is new.
class ZoneMemory {
  public:
    explicit ZoneMemory(std::size_t size = Zone::kMinSize)
        : size_(size), start_(static_cast<std::byte *>(std::aligned_alloc(4096, size))) {
        std::memset(start_.get(), 0, size_);
    }
    std::span<std::byte> bytes() const { return {start_.get(), size_}; }
    Zone make_zone(unsigned char key = 7) const {
        Zone::Key bytes_of_key{};
        bytes_of_key[0] = key;
        return Zone::create(bytes(), bytes_of_key).value();
    }
    /// Leaves the record with this key as a writer that was killed does. False when there is none.
    bool tear(const Digest &key) const {
        for (std::size_t at = 0; at < size_; at += Table::kLine) {
            auto *header = reinterpret_cast<RecordHeader *>(start_.get() + at);
            if (header->key == key) {
                header->version |= 1;
                return true;
            }
        }
        return false;
    }

  private:
    struct Free {
        void operator()(std::byte *memory) const { std::free(memory); }
    };
    std::size_t size_;
    std::unique_ptr<std::byte, Free> start_;
};

/// A digest that nothing else has.
inline Digest digest_of(std::uint64_t number) {
    // A multiplication by an odd number loses nothing, and spreads the keys.
    return {{number * 0x9e3779b97f4a7c15, (number + 1) * 0xbf58476d1ce4e5b9}};
}

inline GrantRecord grant(std::string_view app, std::string_view user, std::uint8_t flow = 0) {
    GrantRecord record;
    EXPECT_TRUE(record.set_names(app, user, ""));
    record.set_flow(flow);
    return record;
}

}  // namespace ipfence
