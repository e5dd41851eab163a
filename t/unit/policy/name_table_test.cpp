#include "engine/policy/name_table.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/image/image.hpp"

namespace ipfence {
namespace {

// The table of these names, numbered from 0 in their order, in an image of its own.
class Names {
  public:
    explicit Names(const std::vector<std::string> &names) {
        std::vector<NameTable::Entry> entries;
        for (const std::string &name : names) {
            entries.push_back({name, static_cast<std::uint32_t>(entries.size())});
        }
        ImageWriter writer;
        NameTable::lay_out(writer, writer.add<NameTable>(), entries);
        image_ = Image::copy_of(writer.take());
    }

    const NameTable &table() const { return image_.begin<NameTable>(); }
    bool is_sound(std::uint64_t numbers) const {
        return table().is_sound(ImageBounds(image_.bytes()), numbers);
    }

  private:
    Image image_;
};

std::vector<std::string> numbered(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t index = 0; index < count; ++index) {
        names.push_back("user" + std::to_string(index));
    }
    return names;
}

TEST(NameTable, WithoutNamesFindsNone) {
    const Names none({});
    EXPECT_EQ(none.table().find(""), std::nullopt);
    EXPECT_EQ(none.table().find("a"), std::nullopt);
    EXPECT_EQ(none.table().size(), 0u);
    EXPECT_TRUE(none.is_sound(0));
}

TEST(NameTable, FindsEachNameAndNoOther) {
    for (const std::size_t count : {1u, 2u, 3u, 100u, 10'000u}) {
        const Names names(numbered(count));
        ASSERT_TRUE(names.is_sound(count));
        ASSERT_EQ(names.table().size(), count);
        for (std::size_t index = 0; index < count; ++index) {
            ASSERT_EQ(names.table().find("user" + std::to_string(index)), index);
        }
        EXPECT_EQ(names.table().find("user" + std::to_string(count)), std::nullopt);
        EXPECT_EQ(names.table().find("user"), std::nullopt);
        EXPECT_EQ(names.table().find("User0"), std::nullopt);
        EXPECT_EQ(names.table().find(std::string("user0\0", 6)), std::nullopt);
    }
}

// Lengths around the sixteen bytes that are hashed at a time, and bytes that texts seldom have.
TEST(NameTable, NamesAreBytes) {
    std::vector<std::string> all{"", std::string("\0", 1), std::string("\0\0", 2), "\xff"};
    for (std::size_t length = 1; length <= 40; ++length) {
        all.emplace_back(length, 'x');
        all.emplace_back(std::string(length, 'x') + "y");
    }
    // "x…x" of one length and "x…xy" of another are never the same.
    const Names names(all);
    ASSERT_TRUE(names.is_sound(all.size()));
    for (std::size_t index = 0; index < all.size(); ++index) {
        EXPECT_EQ(names.table().find(all[index]), index);
    }
}

TEST(NameTable, ANumberThatDoesNotExistIsUnsound) {
    const Names names(numbered(10));
    EXPECT_TRUE(names.is_sound(10));
    EXPECT_FALSE(names.is_sound(9));
}

// A forged table may have an offset and no bucket: what would be read as its end is not its own.
TEST(NameTable, ATableWithoutABucketIsUnsound) {
    struct Forged {
        std::int32_t offsets_distance = 24;
        std::uint32_t offsets_size = 1;
        std::int32_t entries_distance = 0;
        std::uint32_t entries_size = 0;
        std::uint32_t size = 0;
        std::uint32_t filler = 0;
        std::uint32_t offset = 0;
    } forged;
    static_assert(sizeof(NameTable) == offsetof(Forged, filler));
    const Image image = Image::copy_of(std::as_bytes(std::span(&forged, 1)));
    EXPECT_FALSE(image.begin<NameTable>().is_sound(ImageBounds(image.bytes()), 1));
    forged.offsets_size = 0;
    const Image empty = Image::copy_of(std::as_bytes(std::span(&forged, 1)));
    EXPECT_TRUE(empty.begin<NameTable>().is_sound(ImageBounds(empty.bytes()), 1));
}

}  // namespace
}  // namespace ipfence
