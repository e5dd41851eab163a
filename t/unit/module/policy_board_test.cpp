#include "module/policy_board.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace ipfence::policy_board_test {
namespace {

using module::PolicyBoard;

using Bytes = std::vector<std::byte>;

std::unique_ptr<PolicyBoard> board_of_worker() {
    auto board = PolicyBoard::make({});
    EXPECT_TRUE(board) << board.error().message;
    (*board)->begin_worker();
    return std::move(*board);
}

// Waits for whoever gives memory back.
void put_in_force(PolicyBoard &board, const Bytes &image) {
    while (!board.try_begin()) {
    }
    const auto number = board.store(image);
    ASSERT_TRUE(number) << number.error().message;
    board.publish(*number, {});
}

// Another worker, which does nothing but give back what nobody uses.
class Cleaner {
  public:
    explicit Cleaner(PolicyBoard &board) noexcept : process_(::fork()) {
        while (process_ == 0) {
            board.give_back_some();
        }
    }
    Cleaner(const Cleaner &) = delete;
    Cleaner &operator=(const Cleaner &) = delete;
    ~Cleaner() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }

  private:
    const pid_t process_;
};

TEST(PolicyBoard, WhatIsInForceStaysWhileManyGiveBackWhatWasBeforeIt) {
    const auto board = board_of_worker();
    const std::array<Cleaner, 4> cleaners{Cleaner(*board), Cleaner(*board), Cleaner(*board),
                                          Cleaner(*board)};
    for (int change = 1; change <= 1000; ++change) {
        const Bytes image(4096, static_cast<std::byte>(change % 255 + 1));
        ASSERT_NO_FATAL_FAILURE(put_in_force(*board, image));
        const auto adopted = board->adopt();
        ASSERT_TRUE(adopted) << change;
        ::usleep(change % 100);
        ASSERT_TRUE(std::ranges::equal(adopted->image.bytes(), image)) << change;
    }
}

TEST(PolicyBoard, AllThatNobodyUsesIsGivenBackOnce) {
    const auto board = board_of_worker();
    put_in_force(*board, Bytes(5 << 20, std::byte{1}));
    put_in_force(*board, Bytes(1, std::byte{2}));
    int steps = 0;
    while (board->give_back_some()) {
        ASSERT_LT(++steps, 100);
    }
    EXPECT_EQ(steps, 3) << "of two MiB each";
}

}  // namespace
}  // namespace ipfence::policy_board_test
