#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.hpp"

struct redisReader;

namespace ipfence {

/// What Redis answers to one command (RESP2), or sends to a subscriber.
struct Reply {
    enum class Kind : std::uint8_t {
        nothing,  ///< no such value
        status,   ///< `text`: OK and the like
        error,    ///< `text`: its first word says which
        integer,
        text,  ///< `text`: any bytes
        list,
    };
    Kind kind = Kind::nothing;
    std::int64_t integer = 0;
    std::string text;
    std::vector<Reply> items;

    bool is(Kind other) const noexcept { return kind == other; }
    bool is_status(std::string_view word) const noexcept {
        return kind == Kind::status && text == word;
    }
    /// Whether it is an error whose first word is `word`: MOVED, LOADING, READONLY, NOAUTH, ...
    bool is_error(std::string_view word) const noexcept;
};

/// Takes the bytes of one connection apart into replies. What it accepts is bounded, whatever the
/// server sends: the bytes that it waits for, the depth and the number of a reply's items.
class ReplyReader {
  public:
    /// Bytes of one text, and of a reply that is not complete yet.
    static constexpr std::size_t kMaxText = std::size_t{64} * 1024;
    static constexpr std::size_t kMaxPending = std::size_t{1024} * 1024;
    /// Items of one reply, at all depths: a cluster of a thousand nodes describes itself in less.
    static constexpr std::size_t kMaxItems = std::size_t{32} * 1024;

    /// Fails when there is no memory.
    static Result<ReplyReader> create();

    ReplyReader(ReplyReader &&) noexcept;
    ~ReplyReader();

    /// Bytes as they arrived, in pieces of any size. Errors show in `next`.
    void feed(std::string_view bytes) noexcept;

    /// The next complete reply; empty when more bytes are needed. After an error, which says what
    /// is wrong with what the server sent, nothing on that connection can be believed: close it.
    Result<std::optional<Reply>> next();

  private:
    friend struct ItemMaker;
    struct State;
    explicit ReplyReader(std::unique_ptr<State> state) noexcept;

    std::unique_ptr<State> state_;
};

}  // namespace ipfence
