#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

// Errors are values here, too.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

namespace ipfence {

/// Reads one JSON text, and holds what was read. Its buffers are worth more than the reading:
/// whoever has no more use for them leaves them, wiped, for the next text.
class JsonReading {
  public:
    /// Deeper nesting is not read.
    static constexpr int kMaxDepth = 32;

    struct Member {
        std::string_view name;
        simdjson::dom::element value;
    };

    /// Buffers that nobody uses, or new ones. Throws std::bad_alloc.
    static std::unique_ptr<JsonReading> begin();

    /// Wipes the buffers, and keeps them for the next text.
    static void end(std::unique_ptr<JsonReading> reading) noexcept;

    /// Where the text is to be put; `size` bytes, of which the text may be the first. Throws
    /// std::bad_alloc.
    std::span<char> room_for(std::size_t size);

    /// Reads the first `size` bytes of the room, which is empty again after it. True when they are
    /// one JSON object that every reader reads alike: members unique in each object, nested no
    /// deeper than kMaxDepth, without NUL, lone surrogates, integers beyond 64 bits or many numbers
    /// of 20 digits and more. Throws std::bad_alloc.
    bool read_object(std::size_t size);

    /// The members of the object, as they were written.
    std::span<const Member> members() const noexcept { return members_; }

    /// The member of this name; null when there is none.
    const Member *find(std::string_view name) const noexcept;

    /// Whether no string can have a control byte: the text has neither an escape nor a DEL.
    bool is_plain() const noexcept { return is_plain_; }

  private:
    static constexpr std::size_t kUnusable = SIZE_MAX;

    bool take_members(simdjson::dom::object object, int levels);
    bool have_one_reading(std::size_t first, int levels);
    bool has_one_reading(simdjson::dom::element value, int levels);
    bool are_unique(std::size_t first) const;
    void wipe_text() noexcept;
    void wipe() noexcept;

    simdjson::dom::parser parser_;
    simdjson::dom::document document_;
    std::unique_ptr<char[]> text_;
    std::size_t capacity_ = 0;  ///< of each of them
    std::size_t used_ = 0;      ///< of the text
    std::size_t read_ = 0;      ///< bytes of text that the document was read from
    std::vector<Member> members_;
    bool has_escape_ = false;
    bool is_plain_ = false;
};

}  // namespace ipfence
