#pragma once

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/policy/load_policy.hpp"
#include "module/background_work.hpp"
#include "module/policy_board.hpp"
#include "module/reading_right.hpp"

namespace ipfence::module {

/// The reading of a changed policy, in a thread of its own so that no request waits for it. The
/// thread touches nothing of nginx's: it reads the files, compiles, and stores the image. It shares
/// the processor with the event loop: a large policy is read in the time that nobody else wants.
class PolicyReading {
  public:
    /// How many errors, and how many warnings, the event loop has to log: each is a system call,
    /// and one mistake of a template may be in a million places.
    static constexpr std::size_t kMostSaid = 100;

    /// What came of it.
    struct Outcome {
        PolicyBoard::Sources sources;
        /// Whether the files changed while they were read: half of one and half of another may be
        /// no policy that anybody wrote.
        bool is_torn = false;
        /// Its policy is not set, and of its errors and warnings there are the first kMostSaid.
        PolicyLoad load;
        std::size_t more_errors = 0;
        std::size_t more_warnings = 0;
        std::string hash;  ///< of the policy; empty when it is faulty
        std::optional<Result<PolicyBoard::Number>> stored;  ///< empty: nothing to store
    };

    /// Begins; null when the system has no thread left. `board`, whose right this is, must outlive
    /// it. A policy with the hash `known` is not stored: it is in force. Empty when that hash is
    /// not known.
    static std::unique_ptr<PolicyReading> begin(std::string file, PolicyBoard &board,
                                                ReadingRight right, std::string known);

    PolicyReading(const PolicyReading &) = delete;
    PolicyReading &operator=(const PolicyReading &) = delete;
    /// Waits for its end, and gives the right back unless it has ended.
    ~PolicyReading();

    bool is_done() const noexcept { return work_.is_done(); }

    /// Whether there was no memory to read them; only when it is done.
    bool lacks_memory() const noexcept { return work_.lacks_memory(); }

    /// Lets it take its share of the processor from here on, where it has none left over.
    void hurry() noexcept;

    /// Lets the workers of this process, which must be the master, change their mind about how
    /// much of the processor a thread gets: else nothing is ever read in what is left over.
    static void allow_hurry() noexcept;

    /// The outcome; only when it is done.
    Outcome &outcome() noexcept { return outcome_; }

    /// What to say of it to the other workers.
    ReadingRight &right() noexcept { return right_; }

  private:
    PolicyReading(std::string file, PolicyBoard &board, ReadingRight right, std::string known);

    void run();
    void read();
    void yield_if_large() noexcept;

    const std::string file_;
    PolicyBoard &board_;
    ReadingRight right_;
    const std::string known_;
    Outcome outcome_;
    std::atomic<bool> is_urgent_ = false;
    std::atomic<pid_t> yielding_thread_ = 0;  // 0: it does not yield
    BackgroundWork work_;                     // last: what it uses is there when it begins
};

/// The files of the policy at `path`, its own first.
std::vector<std::string> files_of(const std::string &path, const PolicyBoard::Sources &sources);

/// The files that a load read, as the board keeps them.
PolicyBoard::Sources sources_of(const PolicyLoad &load);

}  // namespace ipfence::module
