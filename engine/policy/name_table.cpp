#include "engine/policy/name_table.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/image/fetch.hpp"

namespace ipfence {

namespace {

// Both halves of a product, which mixes every bit of its factors into every bit of the result.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
}

template <class Word>
std::uint64_t word_at(const char *bytes) noexcept {
    Word word;
    std::memcpy(&word, bytes, sizeof(word));
    return word;
}

// The first and the last bytes of a name of at most 16, which overlap where it is shorter; together
// with its length they tell it from all others.
std::pair<std::uint64_t, std::uint64_t> ends_of(std::string_view name) noexcept {
    const char *first = name.data();
    const char *last = first + name.size();
    if (name.size() >= sizeof(std::uint64_t)) {
        return {word_at<std::uint64_t>(first), word_at<std::uint64_t>(last - 8)};
    }
    if (name.size() >= sizeof(std::uint32_t)) {
        return {word_at<std::uint32_t>(first), word_at<std::uint32_t>(last - 4)};
    }
    if (name.size() >= sizeof(std::uint16_t)) {
        return {word_at<std::uint16_t>(first), word_at<std::uint16_t>(last - 2)};
    }
    return {name.empty() ? 0 : word_at<std::uint8_t>(first), 0};
}

// The names are the policy's own, so nobody can flood the table; what it is asked for costs one
// bucket whatever it is.
std::uint64_t hash_of(std::string_view name) noexcept {
    constexpr std::uint64_t kSeed = 0x9e3779b97f4a7c15;
    constexpr std::uint64_t kFactor = 0xd6e8feb86659fd93;
    constexpr std::size_t kStride = 16;
    std::uint64_t hash = kSeed ^ name.size();
    while (name.size() > kStride) {
        hash = fold(hash ^ word_at<std::uint64_t>(name.data()),
                    kFactor ^ word_at<std::uint64_t>(name.data() + kStride / 2));
        name.remove_prefix(kStride);
    }
    const auto [first, last] = ends_of(name);
    return fold(fold(hash ^ first, kFactor ^ last), kSeed);
}

}  // namespace

std::size_t NameTable::bucket_of(std::string_view name, std::size_t buckets) noexcept {
    return static_cast<std::size_t>((hash_of(name) >> 32) * buckets >> 32);
}

std::string_view NameTable::entries_of(const std::uint32_t *offsets) const noexcept {
    return {entries_.view().data() + offsets[0], offsets[1] - offsets[0]};
}

// The first entry of a bucket, which is cut off it; empty when there is no whole one.
std::optional<NameTable::Entry> NameTable::take(std::string_view &bucket) noexcept {
    EntryHead head;
    if (bucket.size() < sizeof(head)) {
        return std::nullopt;
    }
    std::memcpy(&head, bucket.data(), sizeof(head));
    bucket.remove_prefix(sizeof(head));
    if (bucket.size() < head.length) {
        return std::nullopt;
    }
    const Entry entry{bucket.substr(0, head.length), head.number};
    bucket.remove_prefix(head.length);
    return entry;
}

NameTable::Search NameTable::begin(std::string_view name) const noexcept {
    Search search;
    if (!offsets_.empty()) {
        search.offsets_ = offsets_.view().data() + bucket_of(name, buckets());
        fetch(search.offsets_);
    }
    return search;
}

void NameTable::fetch_bucket(Search search) const noexcept {
    if (search.offsets_ != nullptr) {
        const std::string_view bucket = entries_of(search.offsets_);
        fetch(bucket.data());
        fetch(bucket.data() + bucket.size());
    }
}

std::optional<std::uint32_t> NameTable::finish(Search search,
                                               std::string_view name) const noexcept {
    if (search.offsets_ == nullptr) {
        return std::nullopt;
    }
    std::string_view bucket = entries_of(search.offsets_);
    while (const auto entry = take(bucket)) {
        if (entry->name == name) {
            return entry->number;
        }
    }
    return std::nullopt;
}

bool NameTable::is_sound(const ImageBounds &bounds, std::uint64_t numbers) const noexcept {
    if (!offsets_.lies_in(bounds) || !entries_.lies_in(bounds)) {
        return false;
    }
    if (offsets_.empty()) {
        return size_ == 0 && entries_.empty();
    }
    // A bucket ends where the next one begins, so one offset is none.
    const auto offsets = offsets_.view();
    if (offsets.size() < 2 || offsets.front() != 0 || offsets.back() != entries_.size() ||
        !std::ranges::is_sorted(offsets)) {
        return false;
    }
    std::uint64_t names = 0;
    for (std::size_t bucket = 0; bucket < buckets(); ++bucket) {
        for (std::string_view left = entries_of(&offsets[bucket]); !left.empty(); ++names) {
            const auto entry = take(left);
            if (!entry || entry->number >= numbers || bucket_of(entry->name, buckets()) != bucket) {
                return false;
            }
        }
    }
    return names == size_;
}

void NameTable::lay_out(ImageWriter &image, ImageWriter::Place<NameTable> table,
                        std::span<const Entry> entries) {
    if (entries.empty()) {
        return;
    }
    const std::size_t buckets = entries.size();
    std::uint64_t size = 0;
    for (const Entry &entry : entries) {
        size += sizeof(EntryHead) + entry.name.size();
    }
    if (size > std::numeric_limits<std::uint32_t>::max()) {
        image.give_up();
        return;
    }
    // How long each bucket is, and from that where it begins.
    std::vector<std::uint32_t> offsets(buckets + 1);
    for (const Entry &entry : entries) {
        offsets[bucket_of(entry.name, buckets) + 1] +=
            static_cast<std::uint32_t>(sizeof(EntryHead) + entry.name.size());
    }
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        offsets[bucket + 1] += offsets[bucket];
    }
    std::string bytes(offsets.back(), '\0');
    std::vector<std::uint32_t> next(offsets.begin(), offsets.end() - 1);
    for (const Entry &entry : entries) {
        std::uint32_t &at = next[bucket_of(entry.name, buckets)];
        const EntryHead head{entry.number, static_cast<std::uint32_t>(entry.name.size())};
        std::memcpy(bytes.data() + at, &head, sizeof(head));
        entry.name.copy(bytes.data() + at + sizeof(head), entry.name.size());
        at += static_cast<std::uint32_t>(sizeof(head) + entry.name.size());
    }
    const auto offsets_place = image.add_copy(std::span<const std::uint32_t>(offsets));
    image.set(image.at(table).offsets_, offsets_place, offsets.size());
    const auto entries_place = image.add_copy(std::span<const char>(bytes));
    image.set(image.at(table).entries_, entries_place, bytes.size());
    image.at(table).size_ = static_cast<std::uint32_t>(entries.size());
}

}  // namespace ipfence
