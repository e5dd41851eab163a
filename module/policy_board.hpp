#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/image/image.hpp"
#include "engine/memory/shared_lock.hpp"
#include "engine/result.hpp"
#include "module/policy_memory.hpp"
#include "module/worker_mark.hpp"

namespace ipfence::module {

/// Which policy is in force for the workers of one configuration, and its image, in memory that
/// they share: made by the master, and so known also to a worker that takes a killed one's place.
///
/// One worker reads a changed file (`try_begin`), puts the image into a slot that nobody uses, and
/// publishes it; the others see the new number and map the slot. A slot is used as long as some
/// living worker says so in a mark of its own.
class PolicyBoard {
  public:
    /// Slots for images; requests would have to outlive as many changes to run out of them.
    static constexpr unsigned kSlots = 8;
    /// As many as nginx can have, those included that still end: one more would find no mark, and
    /// adopt nothing.
    static constexpr unsigned kMaxWorkers = 1024;

    /// What is in force: 0 is the policy that the configuration was read with.
    struct Number {
        std::uint64_t value = 0;
        friend bool operator==(Number, Number) = default;
        unsigned slot() const noexcept { return static_cast<unsigned>(value % kSlots); }
    };

    /// What was last read, whether it was put in force or refused.
    struct Sources {
        std::uint64_t version = 0;  ///< of the files
        std::string users_file;     ///< that the policy named; empty when none
    };

    /// Makes a board for a policy that was just read. For the master.
    static Result<std::unique_ptr<PolicyBoard>> make(const Sources &sources);

    PolicyBoard(const PolicyBoard &) = delete;
    PolicyBoard &operator=(const PolicyBoard &) = delete;
    ~PolicyBoard();

    /// Takes a mark, to say in it what this process uses. For a worker that begins.
    void begin_worker() noexcept;

    /// The number of the policy in force; 0 where no worker has published one.
    Number current() const noexcept;

    /// What was last read.
    Sources sources() noexcept;

    /// Whether what was last read has a fault.
    bool is_faulty() const noexcept;

    /// What the policy in force was read from, as it was then.
    Sources sources_in_force() noexcept;

    /// What one configuration lends to the next: the image in force, in its slot, over which nobody
    /// writes as long as some process says that it has it.
    class Loan;
    struct HandedOn {
        Image image;
        std::shared_ptr<Loan> loan;
    };

    /// Lends the image of the current number; empty for number 0, or when it cannot be mapped. It
    /// may outlive the board. For the master; `take` is for the workers that get it from there.
    std::optional<HandedOn> hand_on();

    /// The image of the current number, and which that was; empty for number 0, or when it cannot
    /// be mapped. It is marked as used as long as it lives.
    struct Adopted {
        Number number;
        Image image;
    };
    std::optional<Adopted> adopt();

    /// Whether this process uses images of policies that are in force no more.
    bool uses_former() const noexcept;

    /// Unmaps some of what no request uses any more, and says whether there is more. All at once, a
    /// policy of ten million ranges keeps requests waiting for ten milliseconds.
    bool unmap_some() noexcept;

    /// Gives back some of the memory of slots that nobody uses any more, and says whether there is
    /// more. All at once it would keep requests waiting, too.
    bool give_back_some() noexcept;

    /// Whether there is a slot that nobody uses.
    bool has_room() const noexcept;

    /// Takes the right to read the files; false when another worker has it. Ended by one of the
    /// next three, in the same thread: see ReadingRight.
    bool try_begin() noexcept;
    /// Puts an image that `store` stored in force.
    void publish(Number number, const Sources &sources) noexcept;
    /// Says that what was read changes nothing, and whether that is since it has a fault.
    void refuse(const Sources &sources, bool is_faulty) noexcept;
    /// Gives the right back, so that the files are read again.
    void give_up() noexcept;

    /// Stores an image where nobody reads; the number to publish it under. May be called from
    /// another thread, between `try_begin` and its end.
    Result<Number> store(std::span<const std::byte> image);

  private:
    struct Shared;

    PolicyBoard(std::shared_ptr<Shared> shared, std::unique_ptr<PolicyMemory> memory) noexcept
        : shared_(std::move(shared)), memory_(std::move(memory)) {}

    bool is_used(unsigned slot) const noexcept;
    // One that takes memory and that nobody uses.
    std::optional<unsigned> slot_to_give_back() const noexcept;
    std::span<const std::byte> map(Number number) const noexcept;
    std::size_t free_place(std::size_t size) const noexcept;
    void unmap_later(std::span<const std::byte> memory) noexcept;

    std::shared_ptr<Shared> shared_;  // also of the images that it has handed on
    const std::unique_ptr<PolicyMemory> memory_;
    WorkerMark *mark_ = nullptr;                      // of this process
    std::vector<std::span<const std::byte>> unused_;  // of this process, to be unmapped
};

/// The word of a process that it has what was lent, until it ends or gives it back.
class PolicyBoard::Loan {
  public:
    Loan(std::shared_ptr<Shared> shared, unsigned slot) noexcept;
    Loan(const Loan &) = delete;
    Loan &operator=(const Loan &) = delete;
    ~Loan();

    /// Gives this process's word, unless it has. One that is killed leaves it for good.
    void take() noexcept;

  private:
    const std::shared_ptr<Shared> shared_;
    const unsigned slot_;
    pid_t taker_ = 0;  // a process that was forked from it has given no word yet
};

}  // namespace ipfence::module
