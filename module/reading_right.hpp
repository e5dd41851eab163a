#pragma once

#include <optional>
#include <utility>

#include "module/policy_board.hpp"

namespace ipfence::module {

/// A worker's right to read the files of a policy, until it says what came of that. One that ends
/// without a word, as where there is no memory, is given back, and the files are read again. Taken
/// and ended in the same thread.
class ReadingRight {
  public:
    /// Empty when another worker has it. `board` must outlive it.
    static std::optional<ReadingRight> take(PolicyBoard &board) noexcept {
        return board.try_begin() ? std::optional(ReadingRight(board)) : std::nullopt;
    }

    ReadingRight(ReadingRight &&other) noexcept : board_(std::exchange(other.board_, nullptr)) {}
    ReadingRight &operator=(ReadingRight &&) = delete;
    ~ReadingRight() {
        if (board_ != nullptr) {
            board_->give_up();
        }
    }

    /// Ends it, as PolicyBoard's do; once.
    void publish(PolicyBoard::Number number, const PolicyBoard::Sources &sources) noexcept {
        std::exchange(board_, nullptr)->publish(number, sources);
    }
    void refuse(const PolicyBoard::Sources &sources, bool is_faulty) noexcept {
        std::exchange(board_, nullptr)->refuse(sources, is_faulty);
    }

  private:
    explicit ReadingRight(PolicyBoard &board) noexcept : board_(&board) {}

    PolicyBoard *board_;
};

}  // namespace ipfence::module
