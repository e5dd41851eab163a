#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.hpp"

namespace ipfence {

/// What nginx reads at once: the words up to `;`, `{`, `}` or the end of the text. The words are
/// without quotes and escapes, as a directive's handler gets them.
struct Statement {
    enum class End : std::uint8_t { semicolon, block_begins, block_ends, text_ends };

    End end = End::text_ends;
    unsigned line = 0;  ///< of the first word; without words, of the end
    std::vector<std::string> words;
};

/// Cuts the text of an nginx configuration file into statements, byte for byte as
/// ngx_conf_read_token does: what is a quote, an escape or a comment depends on where it stands.
class StatementReader {
  public:
    /// nginx refuses longer words ("too long parameter").
    static constexpr std::size_t kMaxWordLength = 4095;

    /// `text` must outlive the reader.
    explicit StatementReader(std::string_view text) noexcept : text_(text) {}

    /// The next statement; after the one that ends the text there is none.
    Result<Statement> next();

    /// Where reading stands, from 1: the line of an error.
    unsigned line() const noexcept { return line_; }

  private:
    Result<std::string> read_word();
    Result<std::string> read_quoted(char quote);
    Result<std::string> read_plain();
    bool skip_to_word() noexcept;
    char take() noexcept;

    std::string_view text_;
    std::size_t position_ = 0;
    unsigned line_ = 1;
};

}  // namespace ipfence
