#include "engine/policy/name_table.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "engine/image/image.hpp"

namespace ipfence::name_table_test {
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

TEST(NameHash, SameNamesAreThoseWithoutADifferentByte) {
    constexpr std::size_t kLongest = 70;
    for (std::size_t length = 0; length <= kLongest; ++length) {
        const std::string name(length, 'n');
        ASSERT_TRUE(NameHash::are_same(name, std::string(length, 'n'))) << length;
        ASSERT_FALSE(NameHash::are_same(name, name + 'n')) << length;
        for (std::size_t at = 0; at < length; ++at) {
            std::string other = name;
            other[at] = 'm';
            ASSERT_FALSE(NameHash::are_same(name, other)) << at << " of " << length;
        }
    }
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

// Which are each other's ends, as 22 and 322 are: of users and apps that are called by a number.
TEST(NameTable, NamesMayBeNumbers) {
    std::vector<std::string> all{"01111", "11111111", "011111111", "0000000001234", "100000001234"};
    for (int number = 0; number < 3000; ++number) {
        all.push_back(std::to_string(number));
    }
    for (int number = 0; number < 100; ++number) {
        all.push_back('0' + std::to_string(number));
    }
    const Names names(all);
    ASSERT_TRUE(names.is_sound(all.size()));
    for (std::size_t index = 0; index < all.size(); ++index) {
        ASSERT_EQ(names.table().find(all[index]), index) << all[index];
    }
}

// Every size up to some: the fewer slots there are, the harder it is to find pilots.
TEST(NameTable, HasAPlaceForEachNameAtAnySize) {
    for (std::size_t count = 1; count <= 400; ++count) {
        const Names names(numbered(count));
        ASSERT_TRUE(names.is_sound(count)) << count;
        ASSERT_EQ(names.table().size(), count);
        for (std::size_t index = 0; index < count; ++index) {
            ASSERT_EQ(names.table().find("user" + std::to_string(index)), index) << count;
        }
    }
}

// Names of one length fit into slots of 16, 32 or 64 bytes, or into none; a few long ones among
// short ones stand elsewhere.
TEST(NameTable, NamesMayBeLongerThanASlot) {
    for (const std::size_t length : {1u, 10u, 11u, 12u, 26u, 27u, 28u, 58u, 59u, 60u, 300u}) {
        std::vector<std::string> all;
        for (char first = 'a'; first <= 'z'; ++first) {
            all.push_back(first + std::string(length, 'x'));
        }
        all.emplace_back("long among short", 16);
        all.emplace_back(1000, 'y');
        const Names names(all);
        ASSERT_TRUE(names.is_sound(all.size())) << length;
        for (std::size_t index = 0; index < all.size(); ++index) {
            ASSERT_EQ(names.table().find(all[index]), index) << length;
        }
        EXPECT_EQ(names.table().find(std::string(999, 'y')), std::nullopt);
        EXPECT_EQ(names.table().find(std::string(length, 'x')), std::nullopt);
    }
}

TEST(NameTable, VisitsEachNameOnce) {
    const std::vector<std::string> all = numbered(1000);
    const Names names(all);
    std::vector<unsigned> visits(all.size());
    names.table().for_each([&](const NameTable::Entry &entry) {
        EXPECT_EQ(entry.name, all[entry.number]);
        ++visits[entry.number];
    });
    EXPECT_EQ(visits, std::vector<unsigned>(all.size(), 1));
}

// A table as a forger may make one: it says that it has a name, in one slot.
struct Forged {
    std::uint64_t seed[2] = {1, 2};
    std::int32_t pilots_distance = 40;
    std::uint32_t pilots_size = 1;
    std::int32_t slots_distance = 40;
    std::uint32_t slots_size = 16;
    std::int32_t long_names_distance = 32;
    std::uint32_t long_names_size = 16;
    std::uint32_t slots = 1;
    std::uint32_t slot_size = 16;
    std::uint32_t size = 1;
    std::uint32_t filler = 0;
    std::uint64_t pilot = 0;
    std::uint32_t number = 0;
    unsigned char length = 11;
    char name[11] = {'a', 'd', 'm', 'i', 'n', 'i', 's', 't', 'r', 'a', 't'};

    void make_long(std::uint32_t offset, std::uint32_t name_length) {
        length = UINT8_MAX;
        std::memcpy(name, &offset, sizeof(offset));
        std::memcpy(name + sizeof(offset), &name_length, sizeof(name_length));
    }

    bool is_sound() const {
        const Image image = Image::copy_of(std::as_bytes(std::span(this, 1)));
        return image.begin<NameTable>().is_sound(ImageBounds(image.bytes()), 1);
    }
};
static_assert(sizeof(NameTable) == offsetof(Forged, pilot));
static_assert(sizeof(Forged) == offsetof(Forged, number) + 16);

TEST(NameTable, AForgedTableIsUnsound) {
    EXPECT_TRUE(Forged{}.is_sound());
    const auto is_sound_with = [](auto change) {
        Forged forged;
        change(forged);
        return forged.is_sound();
    };
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.pilots_size = 0; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.pilots_size = 100; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.slots_size = 0; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.slots = 0; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.slots = 2; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.slots_size = 15; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.slots_size = 32; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.slot_size = 0; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.slot_size = 8; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.size = 2; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.number = 1; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.number = UINT32_MAX; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.length = 12; }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.long_names_size = 100; }));
    EXPECT_TRUE(is_sound_with([](Forged &forged) { forged.make_long(4, 12); }));
    EXPECT_TRUE(is_sound_with([](Forged &forged) { forged.make_long(16, 0); }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.make_long(4, 13); }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.make_long(17, 0); }));
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.make_long(4, UINT32_MAX); }));
    // Without a name no lookup reads anything of it, but who goes through them reads its slots.
    EXPECT_FALSE(is_sound_with([](Forged &forged) { forged.size = 0; }));
    EXPECT_TRUE(is_sound_with([](Forged &forged) {
        forged.size = 0;
        forged.slots = 0;
        forged.slot_size = 0;
    }));
}

// A name in another's slot would never be found.
TEST(NameTable, ANameInAnotherSlotIsUnsound) {
    struct TwoSlots : Forged {
        char other_slot[16] = {-1, -1, -1, -1};
    } forged;
    forged.slots_size = 32;
    forged.slots = 2;
    const auto is_sound = [&forged] {
        const Image image = Image::copy_of(std::as_bytes(std::span(&forged, 1)));
        return image.begin<NameTable>().is_sound(ImageBounds(image.bytes()), 1);
    };
    const bool is_sound_in_first = is_sound();
    std::memcpy(forged.other_slot, &forged.number, sizeof(forged.other_slot));
    forged.number = UINT32_MAX;
    EXPECT_NE(is_sound(), is_sound_in_first);
}

// A name in the first slot may lead to the second, which is not yet known to be harmless.
TEST(NameTable, ASlotIsReadOnlyOnceItIsKnownToBeSound) {
    struct TwoSlots : Forged {
        struct {
            std::uint32_t number = 0;
            unsigned char length = UINT8_MAX;
            unsigned char offset[4] = {0, 0, 0, 0x70};
            unsigned char name_length[4] = {sizeof(Forged::name), 0, 0, 0};
            unsigned char filler[3] = {};
        } far;
    } forged;
    static_assert(sizeof(TwoSlots) == sizeof(Forged) + 16);
    forged.slots_size = 32;
    forged.slots = 2;
    forged.size = 2;
    for (char letter = 'a'; letter <= 'z'; ++letter) {
        forged.name[0] = letter;
        const Image image = Image::copy_of(std::as_bytes(std::span(&forged, 1)));
        EXPECT_FALSE(image.begin<NameTable>().is_sound(ImageBounds(image.bytes()), 1)) << letter;
    }
}

}  // namespace
}  // namespace ipfence::name_table_test
