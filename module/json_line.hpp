#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string_view>

#include "engine/byte_block.hpp"

// One JSON object on a line of its own, whose members are all known before the first is written.
// The `room` of each is the most bytes that its `write` may write, which may be more than it then
// takes up: so one comparison tells whether the whole line fits. All is inline, so that a key and
// what stands around it is one constant. Keys need no escaping.

namespace ipfence::module::json {

/// A text that is known when the program is compiled, as a parameter of a template.
template <std::size_t N>
struct Literal {
    consteval Literal(const char (&literal)[N]) noexcept {
        std::copy_n(literal, N - 1, text.begin());
    }

    std::array<char, N - 1> text{};
};

/// A member up to its value, or up to something in it. The first member has a comma before it as
/// well, which becomes the brace of the object.
template <Literal key, Literal behind>
inline constexpr auto kOpening = [] {
    constexpr std::string_view kBefore = ",\"";
    std::array<char, kBefore.size() + key.text.size() + behind.text.size()> all;
    auto last = std::ranges::copy(kBefore, all.begin()).out;
    last = std::ranges::copy(key.text, last).out;
    std::ranges::copy(behind.text, last);
    return all;
}();

/// Writes bytes whose number is known when the program is compiled; returns their end.
template <std::size_t N>
char *write_constant(char *to, const std::array<char, N> &constant) noexcept {
    std::memcpy(to, constant.data(), N);
    return to + N;
}

/// Writes a text that needs no escaping, and the quote behind it; returns their end.
[[gnu::always_inline]] inline char *write_word(char *to, std::string_view word) noexcept {
    constexpr std::size_t kBlock = sizeof(ByteBlock);
    if (word.size() > 2 * kBlock) {
        std::memcpy(to, word.data(), word.size());
    } else if (word.size() >= kBlock) {
        const std::size_t last = word.size() - kBlock;
        const ByteBlock block = load_block(word.data() + last);
        store_block(to, load_block(word.data()));
        store_block(to + last, block);
    } else if (!word.empty()) {
        copy_short(to, word);
    }
    to[word.size()] = '"';
    return to + word.size() + 1;
}

/// The same of any text: escaped by nginx's encoder (ngx_escape_json), and so that every reader of
/// lines takes it for one. Of each byte it writes kLongestEscape at most.
char *write_text(char *to, std::string_view text) noexcept;
inline constexpr std::size_t kLongestEscape = 6;
inline constexpr std::size_t kQuote = 1;

/// A member that is any text.
template <Literal key>
struct Text {
    static constexpr auto &kBefore = kOpening<key, "\":\"">;

    std::string_view value;

    std::size_t room() const noexcept {
        return kBefore.size() + kLongestEscape * value.size() + kQuote;
    }
    char *write(char *to) const noexcept { return write_text(write_constant(to, kBefore), value); }
};

/// The same, but null in place of an empty text.
template <Literal key>
struct TextOrNull {
    static constexpr auto &kNull = kOpening<key, "\":null">;

    std::string_view value;

    std::size_t room() const noexcept { return kNull.size() + Text<key>{value}.room(); }
    char *write(char *to) const noexcept {
        return value.empty() ? write_constant(to, kNull) : Text<key>{value}.write(to);
    }
};

/// The same, but no member at all in place of an empty text.
template <Literal key>
struct TextIfAny {
    std::string_view value;

    std::size_t room() const noexcept { return value.empty() ? 0 : Text<key>{value}.room(); }
    char *write(char *to) const noexcept { return value.empty() ? to : Text<key>{value}.write(to); }
};

/// A text that is known to need no escaping: digits, a word of the engine's.
template <Literal key>
struct Word {
    static constexpr auto &kBefore = kOpening<key, "\":\"">;

    std::string_view value;

    std::size_t room() const noexcept { return kBefore.size() + value.size() + kQuote; }
    char *write(char *to) const noexcept { return write_word(write_constant(to, kBefore), value); }
};

/// Members that are known when the program is compiled. All have the room of the longest, so that
/// each is copied by the same few instructions.
template <std::size_t count, std::size_t longest>
class Constants {
  public:
    static constexpr std::size_t kCount = count;
    static constexpr std::size_t kLongest = longest;
    static constexpr std::size_t kRoom =
        (longest + sizeof(ByteBlock) - 1) / sizeof(ByteBlock) * sizeof(ByteBlock);

    constexpr void set(std::size_t index, std::initializer_list<std::string_view> parts) noexcept {
        auto last = texts_[index].begin();
        for (const std::string_view part : parts) {
            last = std::ranges::copy(part, last).out;
        }
        sizes_[index] = static_cast<std::uint8_t>(last - texts_[index].begin());
    }
    constexpr std::string_view text(std::size_t index) const noexcept {
        return {texts_[index].data(), sizes_[index]};
    }

    char *write(char *to, std::size_t index) const noexcept {
        std::memcpy(to, texts_[index].data(), kRoom);
        return to + sizes_[index];
    }

  private:
    static_assert(kRoom <= UINT8_MAX);

    alignas(ByteBlock) std::array<std::array<char, kRoom>, count> texts_{};
    std::array<std::uint8_t, count> sizes_{};
};

/// One of the names of a table, which is indexed by what they are names of; null unless one is
/// given.
template <Literal key, const auto &names>
struct OneOf {
    OneOf() = default;
    template <class Value>
    explicit OneOf(Value value) noexcept : index(static_cast<std::size_t>(value)) {}

    static constexpr auto kMembers = [] {
        constexpr auto &kBefore = kOpening<key, "\":">;
        constexpr auto size_of = [](const auto &name) { return name.text.size(); };
        constexpr std::size_t kLongest = std::ranges::max(names, {}, size_of).text.size();
        const std::string_view before(kBefore.data(), kBefore.size());
        Constants<names.size() + 1, kBefore.size() + std::max<std::size_t>(kLongest + 2, 4)>
            members;
        for (std::size_t index = 0; index < names.size(); ++index) {
            members.set(index, {before, "\"", names[index].text, "\""});
        }
        members.set(names.size(), {before, "null"});
        return members;
    }();

    static constexpr std::size_t room() noexcept { return kMembers.kRoom; }
    char *write(char *to) const noexcept { return kMembers.write(to, index); }

    std::size_t index = names.size();
};

/// A truth.
template <Literal key>
struct Boolean {
    explicit Boolean(bool value) noexcept : index(value) {}

    static constexpr auto kMembers = [] {
        constexpr auto &kBefore = kOpening<key, "\":">;
        const std::string_view before(kBefore.data(), kBefore.size());
        Constants<2, kBefore.size() + 5> members;
        members.set(false, {before, "false"});
        members.set(true, {before, "true"});
        return members;
    }();

    static constexpr std::size_t room() noexcept { return kMembers.kRoom; }
    char *write(char *to) const noexcept { return kMembers.write(to, index); }

    std::size_t index;
};

/// Two of these that follow one another, as one.
template <class First, class Second>
struct Both {
    Both(First first, Second second) noexcept
        : index(first.index * Second::kMembers.kCount + second.index) {}

    static constexpr auto kMembers = [] {
        constexpr auto &kFirst = First::kMembers;
        constexpr auto &kSecond = Second::kMembers;
        Constants<kFirst.kCount * kSecond.kCount, kFirst.kLongest + kSecond.kLongest> members;
        for (std::size_t index = 0; index < members.kCount; ++index) {
            members.set(
                index, {kFirst.text(index / kSecond.kCount), kSecond.text(index % kSecond.kCount)});
        }
        return members;
    }();

    static constexpr std::size_t room() noexcept { return kMembers.kRoom; }
    char *write(char *to) const noexcept { return kMembers.write(to, index); }

    std::size_t index;
};

/// The `room` and `write` of several members.
template <class... Members>
std::size_t room_for(const Members &...members) noexcept {
    return (members.room() + ...);
}

template <class... Members>
[[gnu::always_inline]] inline char *write_members(char *to, const Members &...members) noexcept {
    ((to = members.write(to)), ...);
    return to;
}

/// How many bytes of its storage a line takes up; where it may need more than there are, how many
/// that are.
struct MadeLine {
    bool is_made;
    std::size_t size;
};

/// Makes a line, which ends in a newline, unless there may be no room for it.
template <class... Members>
MadeLine make_line(std::span<char> storage, const Members &...members) noexcept {
    static constexpr std::array<char, 2> kEnding{'}', '\n'};
    const std::size_t room = room_for(members...) + kEnding.size();
    if (room > storage.size()) {
        return {false, room};
    }
    char *const end = write_constant(write_members(storage.data(), members...), kEnding);
    storage.front() = '{';
    return {true, static_cast<std::size_t>(end - storage.data())};
}

}  // namespace ipfence::module::json
