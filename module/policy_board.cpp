#include "module/policy_board.hpp"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <climits>
#include <cstring>
#include <initializer_list>
#include <new>
#include <utility>

#include "module/inherited_memory.hpp"

namespace ipfence::module {

// Lies in memory that all workers map at the same time.
struct PolicyBoard::Shared {
    struct KeptSources {
        std::uint64_t version = 0;
        std::array<char, PATH_MAX> users_file{};

        void set(const Sources &sources) noexcept {
            version = sources.version;
            users_file.fill('\0');
            sources.users_file.copy(users_file.data(), users_file.size() - 1);
        }
        Sources get() const { return {version, users_file.data()}; }
    };

    SharedLock reading;                    // held by the worker that reads the files
    std::atomic<std::uint64_t> number{0};  // of the policy in force
    SharedLock of_sources;                 // held for the moment of using the next two
    KeptSources last_read;
    KeptSources in_force;
    std::atomic<bool> is_faulty{false};  // what was last read
    // Where the image of each slot is, and how much of it takes memory.
    std::array<std::atomic<std::size_t>, kSlots> places{};
    std::array<std::atomic<std::size_t>, kSlots> sizes{};
    std::array<WorkerMark, kMaxWorkers> marks{};  // of slots
    // How many processes of later configurations have each slot.
    std::array<std::atomic<std::uint32_t>, kSlots> lent{};

    void keep(const Sources &sources, std::initializer_list<KeptSources *> kept) noexcept {
        const SharedLockGuard guard(of_sources);
        if (guard) {
            for (KeptSources *each : kept) {
                each->set(sources);
            }
        }
    }

    // Who cannot have the lock, or no memory, sees what differs from every file, and reads them
    // again.
    Sources sources_of(const KeptSources &kept) noexcept {
        try {
            const SharedLockGuard guard(of_sources);
            return guard ? kept.get() : Sources{};
        } catch (...) {
            return {};
        }
    }
};

Result<std::unique_ptr<PolicyBoard>> PolicyBoard::make(const Sources &sources) {
    auto images = PolicyMemory::make();
    if (!images) {
        return images.error();
    }
    InheritedMemory memory(sizeof(Shared));
    if (!memory) {
        return Error{std::string("mmap failed: ") + std::strerror(errno)};
    }
    const auto kept = std::make_shared<const InheritedMemory>(std::move(memory));
    const std::shared_ptr<Shared> shared(kept, new (kept->start()) Shared);
    if (!shared->reading.initialize() || !shared->of_sources.initialize() ||
        !std::ranges::all_of(shared->marks, &WorkerMark::initialize)) {
        return Error{"the system has no robust mutexes"};
    }
    shared->keep(sources, {&shared->last_read, &shared->in_force});
    return std::unique_ptr<PolicyBoard>(new PolicyBoard(shared, std::move(*images)));
}

PolicyBoard::~PolicyBoard() {
    if (mark_ != nullptr) {
        mark_->give_back();
    }
    for (const std::span<const std::byte> memory : unused_) {
        PolicyMemory::unmap(memory);
    }
}

void PolicyBoard::begin_worker() noexcept {
    const auto free = std::ranges::find_if(shared_->marks, &WorkerMark::take);
    mark_ = free == shared_->marks.end() ? nullptr : &*free;
}

PolicyBoard::Number PolicyBoard::current() const noexcept {
    return {shared_->number};
}

PolicyBoard::Sources PolicyBoard::sources() noexcept {
    return shared_->sources_of(shared_->last_read);
}

bool PolicyBoard::is_faulty() const noexcept {
    return shared_->is_faulty;
}

PolicyBoard::Sources PolicyBoard::sources_in_force() noexcept {
    return shared_->sources_of(shared_->in_force);
}

std::span<const std::byte> PolicyBoard::map(Number number) const noexcept {
    return memory_->map(shared_->places[number.slot()], shared_->sizes[number.slot()]);
}

std::optional<PolicyBoard::HandedOn> PolicyBoard::hand_on() {
    const Number number = current();
    if (number == Number{}) {
        return std::nullopt;
    }
    auto loan = std::make_shared<Loan>(shared_, number.slot());
    loan->take();
    // Taken too late, the slot may hold another image by now.
    const std::span<const std::byte> bytes =
        current() == number ? map(number) : std::span<const std::byte>{};
    if (bytes.empty()) {
        return std::nullopt;
    }
    const auto release = [loan, bytes](const std::byte *) { PolicyMemory::unmap(bytes); };
    return HandedOn{Image({bytes.data(), release}, bytes.size()), std::move(loan)};
}

PolicyBoard::Loan::Loan(std::shared_ptr<Shared> shared, unsigned slot) noexcept
    : shared_(std::move(shared)), slot_(slot) {}

PolicyBoard::Loan::~Loan() {
    if (taker_ == ::getpid()) {
        --shared_->lent[slot_];
    }
}

void PolicyBoard::Loan::take() noexcept {
    if (const pid_t process = ::getpid(); taker_ != process) {
        taker_ = process;
        ++shared_->lent[slot_];
    }
}

std::optional<PolicyBoard::Adopted> PolicyBoard::adopt() {
    const Number number = current();
    if (mark_ == nullptr || number == Number{}) {
        return std::nullopt;
    }
    const std::uint32_t slot = 1U << number.slot();
    mark_->add(slot);
    // Marked too late, the slot may hold another image by now.
    const std::span<const std::byte> bytes =
        current() == number ? map(number) : std::span<const std::byte>{};
    if (bytes.empty()) {
        mark_->remove(slot);
        return std::nullopt;
    }
    // Also called by the image's pointer where that has no memory for itself.
    const auto release = [this, bytes, slot](const std::byte *) {
        mark_->remove(slot);  // whoever writes into the slot now may
        unmap_later(bytes);
    };
    return Adopted{number, Image({bytes.data(), release}, bytes.size())};
}

bool PolicyBoard::uses_former() const noexcept {
    return mark_ != nullptr && std::popcount(mark_->used()) > 1;
}

void PolicyBoard::unmap_later(std::span<const std::byte> memory) noexcept {
    try {
        unused_.push_back(memory);
    } catch (...) {
        PolicyMemory::unmap(memory);
    }
}

bool PolicyBoard::unmap_some() noexcept {
    if (unused_.empty()) {
        return false;
    }
    std::span<const std::byte> &memory = unused_.back();
    const std::size_t step = std::min(PolicyMemory::kStep, memory.size());
    PolicyMemory::unmap(memory.first(step));
    memory = memory.subspan(step);
    if (memory.empty()) {
        unused_.pop_back();
    }
    return !unused_.empty();
}

std::optional<unsigned> PolicyBoard::slot_to_give_back() const noexcept {
    for (unsigned slot = 0; slot < kSlots; ++slot) {
        if (shared_->sizes[slot] != 0 && !is_used(slot)) {
            return slot;
        }
    }
    return std::nullopt;
}

bool PolicyBoard::give_back_some() noexcept {
    // Whoever has the right may be writing into it.
    if (!slot_to_give_back() || !try_begin()) {
        return false;
    }
    // Another worker may have published it before that, or given back the last of it.
    const auto slot = slot_to_give_back();
    if (slot) {
        std::atomic<std::size_t> &size = shared_->sizes[*slot];
        size = PolicyMemory::room_for(size) - PolicyMemory::kStep;
        memory_->give_back(shared_->places[*slot] + size, PolicyMemory::kStep);
    }
    give_up();
    return slot.has_value();
}

bool PolicyBoard::try_begin() noexcept {
    return shared_->reading.try_lock();
}

void PolicyBoard::publish(Number number, const Sources &sources) noexcept {
    // Before its sources, which must never be said of the policy before it.
    shared_->number = number.value;
    shared_->is_faulty = false;
    shared_->keep(sources, {&shared_->last_read, &shared_->in_force});
    shared_->reading.unlock();
}

void PolicyBoard::refuse(const Sources &sources, bool is_faulty) noexcept {
    shared_->is_faulty = is_faulty;
    shared_->keep(sources, {&shared_->last_read});
    shared_->reading.unlock();
}

void PolicyBoard::give_up() noexcept {
    shared_->reading.unlock();
}

bool PolicyBoard::is_used(unsigned slot) const noexcept {
    return slot == current().slot() || shared_->lent[slot] != 0 ||
           std::ranges::any_of(shared_->marks,
                               [slot](WorkerMark &mark) { return mark.has(1U << slot); });
}

bool PolicyBoard::has_room() const noexcept {
    unsigned slot = 0;
    while (slot < kSlots && is_used(slot)) {
        ++slot;
    }
    return slot < kSlots;
}

// The first that is large enough.
std::size_t PolicyBoard::free_place(std::size_t size) const noexcept {
    std::size_t place = 0;
    for (unsigned slot = 0; slot < kSlots;) {
        const std::size_t begin = shared_->places[slot];
        const std::size_t end = begin + PolicyMemory::room_for(shared_->sizes[slot]);
        const bool is_in_the_way = begin < end && begin < place + size && place < end;
        place = is_in_the_way ? end : place;
        slot = is_in_the_way ? 0 : slot + 1;
    }
    return place;
}

Result<PolicyBoard::Number> PolicyBoard::store(std::span<const std::byte> image) {
    Number number{current().value + 1};
    const std::uint64_t last = number.value + kSlots;
    while (is_used(number.slot()) && number.value < last) {
        ++number.value;
    }
    if (number.value == last) {
        return Error{"has changed, and requests still use each of the last policies"};
    }
    std::atomic<std::size_t> &place = shared_->places[number.slot()];
    std::atomic<std::size_t> &size = shared_->sizes[number.slot()];
    memory_->give_back(place, PolicyMemory::room_for(size));
    size = 0;
    place = free_place(image.size());
    size = image.size();  // also where it is not published then
    if (auto error = memory_->write(place, image)) {
        return *std::move(error);
    }
    return number;
}

}  // namespace ipfence::module
