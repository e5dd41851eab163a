#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/image/image_writer.hpp"
#include "engine/image/relative.hpp"

namespace ipfence {

/// Names in an image, and a number for each: a hash table that is never changed.
///
/// There are as many buckets as names. The names of a bucket stand one after another among the
/// entries, each behind its number and its length; `offsets_` says where a bucket begins, and the
/// next one's beginning is where it ends. So a lookup reads one offset and, in most cases, the one
/// entry that it is about: two cache misses, of which the first is in 4 bytes a name.
class NameTable {
  public:
    struct Entry {
        std::string_view name;
        std::uint32_t number = 0;
    };

    /// A lookup that is under way. Those who have many begin all of them, fetch the bucket of each,
    /// and finish them: so their cache misses overlap.
    class Search {
      private:
        friend NameTable;
        const std::uint32_t *offsets_ = nullptr;  ///< of the bucket; null where there are no names
    };

    /// The number of exactly this name.
    std::optional<std::uint32_t> find(std::string_view name) const noexcept {
        return finish(begin(name), name);
    }

    Search begin(std::string_view name) const noexcept;
    void fetch_bucket(Search search) const noexcept;
    std::optional<std::uint32_t> finish(Search search, std::string_view name) const noexcept;

    /// Calls `visit` with each Entry, in no order that means anything.
    template <class Visit>
    void for_each(Visit visit) const {
        std::string_view left = entries_.empty() ? std::string_view{} : all_entries();
        while (const auto entry = take(left)) {
            visit(*entry);
        }
    }

    /// How many names there are.
    std::size_t size() const noexcept { return size_; }

    /// Whether every lookup stays within the image and every number is below `numbers`.
    bool is_sound(const ImageBounds &bounds, std::uint64_t numbers) const noexcept;

    /// Lays out a table, which lies in the image at `table`. No name is given twice.
    static void lay_out(ImageWriter &image, ImageWriter::Place<NameTable> table,
                        std::span<const Entry> entries);

  private:
    // What stands before the bytes of a name.
    struct EntryHead {
        std::uint32_t number;
        std::uint32_t length;
    };

    static std::size_t bucket_of(std::string_view name, std::size_t buckets) noexcept;
    static std::optional<Entry> take(std::string_view &bucket) noexcept;
    std::size_t buckets() const noexcept { return offsets_.size() - 1; }
    std::string_view all_entries() const noexcept {
        return {entries_.view().data(), entries_.size()};
    }
    std::string_view entries_of(const std::uint32_t *offsets) const noexcept;

    ImageList<std::uint32_t> offsets_;  ///< one more than there are buckets; empty: no names
    ImageList<char> entries_;
    std::uint32_t size_ = 0;
};

}  // namespace ipfence
