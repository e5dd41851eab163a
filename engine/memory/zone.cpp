#include "engine/memory/zone.hpp"

#include <atomic>
#include <new>

namespace ipfence {

namespace {

constexpr std::array<char, 8> kZoneMagic{'i', 'p', 'f', 'e', 'n', 'c', 'e', 'Z'};

// As many as make it unlikely that two writers meet; a lock is 40 bytes.
constexpr std::size_t kLocksPerTable = 128;
constexpr std::size_t kSessionLocks = 64;

// Each login makes some five credentials (a code, three tokens, a session) and one grant.
constexpr std::size_t kCredentialShares = 5;
constexpr std::size_t kGrantShares = 3;

}  // namespace

struct Zone::Header {
    std::array<char, 8> magic;
    std::uint32_t format;
    std::uint32_t record_sizes;
    std::uint64_t size;
    Key key;
    ZoneCounters counters;
    TrustState trust;
    std::array<SharedLock, kLocksPerTable> credential_locks;
    std::array<SharedLock, kLocksPerTable> grant_locks;
    std::array<SharedLock, kSessionLocks> session_locks;
};

namespace {

constexpr std::size_t kTablesOffset = std::size_t{16} * 1024;
static_assert(Table::set_size(sizeof(CredentialRecord)) % 64 == 0);

// Whole sets of credentials only, so that a set of grants, too, begins on a cache line.
std::size_t credential_bytes(std::size_t size) noexcept {
    constexpr std::size_t kSetBytes = Table::set_size(sizeof(CredentialRecord));
    const std::size_t share =
        (size - kTablesOffset) / (kCredentialShares + kGrantShares) * kCredentialShares;
    return share / kSetBytes * kSetBytes;
}

}  // namespace

Zone::Zone(Header *header, std::span<std::byte> memory) noexcept
    : header_(header),
      credentials_(memory.subspan(kTablesOffset, credential_bytes(memory.size())),
                   sizeof(CredentialRecord), header->credential_locks),
      grants_(memory.subspan(kTablesOffset + credential_bytes(memory.size())), sizeof(GrantRecord),
              header->grant_locks) {}

Result<Zone> Zone::create(std::span<std::byte> memory, const Key &key) {
    static_assert(sizeof(Header) <= kTablesOffset);
    if (memory.size() < kMinSize) {
        return Error{"the zone is smaller than 256k"};
    }
    auto *header = new (memory.data()) Header{};
    for (const std::span<SharedLock> locks : {std::span<SharedLock>(header->credential_locks),
                                              std::span<SharedLock>(header->grant_locks),
                                              std::span<SharedLock>(header->session_locks)}) {
        for (SharedLock &lock : locks) {
            if (!lock.initialize()) {
                return Error{"the system has no robust mutexes, which the zone needs"};
            }
        }
    }
    header->format = kFormat;
    header->record_sizes = kRecordSizes;
    header->size = memory.size();
    header->key = key;
    header->magic = kZoneMagic;
    return Zone(header, memory);
}

Result<Zone> Zone::attach(std::span<std::byte> memory) {
    auto *header = reinterpret_cast<Header *>(memory.data());
    if (memory.size() < kMinSize || header->magic != kZoneMagic || header->size != memory.size()) {
        return Error{"the memory is no zone of this size"};
    }
    if (header->format != kFormat || header->record_sizes != kRecordSizes) {
        return Error{"the zone was made by another version"};
    }
    return Zone(header, memory);
}

const Zone::Key &Zone::key() const noexcept {
    return header_->key;
}

SharedLock &Zone::lock_of_session(const Digest &session) noexcept {
    return header_->session_locks[session.words[0] % kSessionLocks];
}

Trust Zone::trust() const noexcept {
    return Trust(header_->trust);
}

void Zone::take_over(const Zone &other, Seconds now) noexcept {
    const auto take_over = [&]<class Record>(const Table &from, Table &to, Record) {
        for (std::size_t place = 0; place < from.capacity(); ++place) {
            if (auto record = from.at<Record>(place, now)) {
                record->header.epoch = Trust::kNoEpoch;
                count(to.store(*record, now));
            }
        }
    };
    take_over(other.credentials_, credentials_, CredentialRecord{});
    take_over(other.grants_, grants_, GrantRecord{});
}

ZoneCounters Zone::counters() const noexcept {
    const auto load = [](std::uint64_t &value) {
        return std::atomic_ref(value).load(std::memory_order_relaxed);
    };
    return {load(header_->counters.evicted), load(header_->counters.refused)};
}

Stored Zone::count(Stored stored) noexcept {
    if (stored == Stored::evicting) {
        std::atomic_ref(header_->counters.evicted).fetch_add(1, std::memory_order_relaxed);
    } else if (stored == Stored::refused) {
        std::atomic_ref(header_->counters.refused).fetch_add(1, std::memory_order_relaxed);
    }
    return stored;
}

}  // namespace ipfence
