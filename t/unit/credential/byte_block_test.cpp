#include "engine/byte_block.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace ipfence::byte_block_test {
namespace {

ByteBlock is_x(const ByteBlock &block) {
    return block == each('x');
}

TEST(ByteBlock, ItsBitsAreTheSameInPlainWords) {
    std::mt19937 random(20220101);  // NOLINT: the same blocks each time
    for (int i = 0; i < 10'000; ++i) {
        const std::uint32_t bits = random() & 0xffff;
        ByteBlock truths{};
        for (int byte = 0; byte < 16; ++byte) {
            truths[byte] = (bits >> byte & 1) != 0 ? -1 : 0;
        }
        ASSERT_EQ(bits_of(truths), bits);
        ASSERT_EQ(bits_in_words(truths), bits);
    }
}

TEST(ByteBlock, AByteIsFoundWhereverItIs) {
    for (std::size_t size = 0; size < 70; ++size) {
        // In memory of exactly this size, around which nothing may be read.
        const std::vector<char> none(size, 'y');
        EXPECT_FALSE(any_byte({none.data(), size}, is_x)) << size;
        for (std::size_t at = 0; at < size; ++at) {
            std::vector<char> one = none;
            one[at] = 'x';
            EXPECT_TRUE(any_byte({one.data(), size}, is_x)) << size << ", " << at;
        }
    }
}

TEST(ByteBlock, BytesOfARangeAreFound) {
    for (int code = 0; code < 0x100; ++code) {
        const char byte = static_cast<char>(code);
        EXPECT_EQ((bits_of(is_between<'%', '&'>(each(byte))) != 0), byte == '%' || byte == '&');
        EXPECT_EQ((bits_of(is_between<'\0', '\x7f'>(each(byte))) != 0), code < 0x80) << code;
    }
}

TEST(ByteBlock, ShortTextsAreTheSameWhereAllTheirBytesAre) {
    for (std::size_t size = 0; size < 20; ++size) {
        const std::vector<char> text(size, 'y');
        std::vector<char> other = text;
        EXPECT_TRUE(equals_short({text.data(), size}, {other.data(), size})) << size;
        for (std::size_t at = 0; at < size; ++at) {
            other[at] = 'x';
            EXPECT_FALSE(equals_short({text.data(), size}, {other.data(), size})) << size;
            EXPECT_FALSE(equals_short({text.data(), size}, {text.data(), at})) << size;
            other[at] = 'y';
        }
    }
}

TEST(ByteBlock, AShortTextIsCopiedAndNothingBehindIt) {
    for (std::size_t size = 1; size < 16; ++size) {
        std::vector<char> text(size);
        std::ranges::generate(text, [next = 'a']() mutable { return next++; });
        std::vector<char> copy(size + 1, '.');
        copy_short(copy.data(), {text.data(), size});
        text.push_back('.');
        EXPECT_EQ(copy, text) << size;
    }
}

}  // namespace
}  // namespace ipfence::byte_block_test
