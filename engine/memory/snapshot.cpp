#include "engine/memory/snapshot.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <span>
#include <tuple>

#include "engine/descriptor.hpp"
#include "engine/sha256.hpp"
#include "engine/source_stream.hpp"

namespace ipfence {

namespace {

constexpr std::array<char, 8> kSnapshotMagic{'i', 'p', 'f', 'e', 'n', 'c', 'e', 'S'};
constexpr std::size_t kHashSize = std::tuple_size_v<Sha256::Digest>;

enum class RecordTag : std::uint64_t { end = 0, credential = 1, grant = 2 };

struct SnapshotHeader {
    std::array<char, 8> magic;
    std::uint32_t format;
    std::uint32_t record_sizes;
    Zone::Key key;
    std::int64_t unix_time;
    std::uint64_t monotonic;
};

Error error_of(const std::string &path, const char *what) {
    return Error{path + ": " + what + ": " + std::strerror(errno)};
}

// Writes and hashes as it goes, in pieces that are worth a system call.
class Writer {
  public:
    explicit Writer(int descriptor) : descriptor_(descriptor) { pending_.reserve(kPiece); }

    void add(const void *data, std::size_t size) {
        const auto *bytes = static_cast<const std::byte *>(data);
        pending_.insert(pending_.end(), bytes, bytes + size);
        if (pending_.size() >= kPiece) {
            flush();
        }
    }

    template <class Value>
    void add(const Value &value) {
        add(&value, sizeof(value));
    }

    // Writes what is pending and the hash of everything. False when anything failed.
    bool finish() {
        flush();
        const Sha256::Digest hash = hash_.digest();
        const auto bytes = std::as_bytes(std::span(hash));
        pending_.assign(bytes.begin(), bytes.end());
        write_pending();
        return good_ && ::fsync(descriptor_) == 0;
    }

  private:
    static constexpr std::size_t kPiece = std::size_t{256} * 1024;

    void flush() {
        hash_.add(pending_);
        write_pending();
    }

    void write_pending() {
        std::span<const std::byte> left(pending_);
        while (good_ && !left.empty()) {
            const ssize_t written = ::write(descriptor_, left.data(), left.size());
            if (written < 0 && errno == EINTR) {
                continue;
            }
            good_ = written > 0;
            left = left.subspan(good_ ? static_cast<std::size_t>(written) : 0);
        }
        pending_.clear();
    }

    int descriptor_;
    Sha256 hash_;
    std::vector<std::byte> pending_;
    bool good_ = true;
};

template <class Record>
std::size_t add_records(Writer &writer, const Table &table, RecordTag tag, Seconds now) {
    std::size_t count = 0;
    for (std::size_t place = 0; place < table.capacity(); ++place) {
        if (const auto record = table.at<Record>(place, now)) {
            writer.add(tag);
            writer.add(*record);
            ++count;
        }
    }
    return count;
}

// Reads values off the front of bytes; false when they are too short.
template <class Value>
bool take(std::span<const std::byte> &bytes, Value &value) noexcept {
    const bool is_there = bytes.size() >= sizeof(value);
    if (is_there) {
        std::memcpy(&value, bytes.data(), sizeof(value));
        bytes = bytes.subspan(sizeof(value));
    }
    return is_there;
}

// The whole of a file that nobody else has written, as far as its owner and mode can tell.
Result<std::vector<std::byte>> read_trusted_file(const std::string &path) {
    const auto stream = open_source(path, SourceKind::regular);
    if (!stream) {
        return Error{path + ": " + stream.error().message};
    }
    std::FILE *file = stream.value().get();
    struct stat status;
    if (::fstat(::fileno(file), &status) != 0) {
        return error_of(path, "cannot be read");
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 ||
        (status.st_uid != ::geteuid() && status.st_uid != 0)) {
        return Error{path + ": others than root and this user may write it, so it may be forged"};
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
    if (std::fread(bytes.data(), 1, bytes.size(), file) != bytes.size()) {
        return error_of(path, "cannot be read");
    }
    return bytes;
}

bool ends_with_its_hash(std::span<const std::byte> file) {
    const auto content = file.first(file.size() - kHashSize);
    Sha256 hash;
    hash.add(content);
    return CRYPTO_memcmp(hash.digest().data(), content.data() + content.size(), kHashSize) == 0;
}

// Whether records are whole and of known tags up to the end.
bool are_records(std::span<const std::byte> bytes) noexcept {
    for (RecordTag tag{}; take(bytes, tag);) {
        if (tag == RecordTag::end) {
            return bytes.empty();
        }
        if (tag != RecordTag::credential && tag != RecordTag::grant) {
            return false;
        }
        const std::size_t size =
            tag == RecordTag::credential ? sizeof(CredentialRecord) : sizeof(GrantRecord);
        if (size > bytes.size()) {
            return false;
        }
        bytes = bytes.subspan(size);
    }
    return false;
}

// Gives a record its remaining time on this machine's clock. False when it has none.
bool age(RecordHeader &header, const Instant &written, const Instant &now) noexcept {
    const std::int64_t elapsed = std::max<std::int64_t>(now.unix_time - written.unix_time, 0);
    const std::int64_t left = std::int64_t{header.expires} - written.monotonic - elapsed;
    if (left <= 0 || !header.key) {
        return false;
    }
    header.expires = now.monotonic + static_cast<Seconds>(left);
    header.epoch = Trust::kNoEpoch;
    return true;
}

// By how many records the zone has more: none where another one had to give way.
template <class Record>
std::size_t restore_record(std::span<const std::byte> &bytes, Zone &zone, Table &table,
                           const Instant &written, const Instant &now) {
    Record record;
    const bool is_restored = take(bytes, record) && age(record.header, written, now) &&
                             zone.count(table.store(record, now.monotonic)) == Stored::stored;
    return is_restored ? 1 : 0;
}

}  // namespace

Result<SnapshotCount> write_snapshot(const Zone &zone, const std::string &path, Instant now) {
    const std::string temporary = path + "." + std::to_string(::getpid()) + ".tmp";
    const Descriptor file(::open(temporary.c_str(),
                                 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                                 S_IRUSR | S_IWUSR));
    if (!file) {
        return error_of(temporary, "cannot be created");
    }
    Writer writer(file.number());
    writer.add(SnapshotHeader{kSnapshotMagic, Zone::kFormat, kRecordSizes, zone.key(),
                              now.unix_time, now.monotonic});
    SnapshotCount count;
    count.credentials = add_records<CredentialRecord>(writer, zone.credentials(),
                                                      RecordTag::credential, now.monotonic);
    count.grants = add_records<GrantRecord>(writer, zone.grants(), RecordTag::grant, now.monotonic);
    writer.add(RecordTag::end);
    if (!writer.finish()) {
        const Error error = error_of(temporary, "cannot be written");
        ::unlink(temporary.c_str());
        return error;
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const Error error = error_of(path, "cannot be replaced");
        ::unlink(temporary.c_str());
        return error;
    }
    return count;
}

Result<Snapshot> Snapshot::read(const std::string &path) {
    auto bytes = read_trusted_file(path);
    if (!bytes) {
        return bytes.error();
    }
    if (bytes->size() < sizeof(SnapshotHeader) + sizeof(RecordTag) + kHashSize ||
        !ends_with_its_hash(*bytes)) {
        return Error{path + ": the snapshot is cut short or damaged"};
    }

    std::span<const std::byte> content(*bytes);
    content = content.first(content.size() - kHashSize);
    SnapshotHeader header;
    if (!take(content, header) || header.magic != kSnapshotMagic ||
        header.format != Zone::kFormat || header.record_sizes != kRecordSizes ||
        !are_records(content)) {
        return Error{path + ": the snapshot was written by another version"};
    }
    if (header.unix_time < 0 || header.monotonic > std::numeric_limits<Seconds>::max()) {
        return Error{path + ": the snapshot says that it was written when no clock was"};
    }
    Snapshot snapshot;
    snapshot.key_ = header.key;
    snapshot.written_ = {header.unix_time, static_cast<Seconds>(header.monotonic)};
    snapshot.first_record_ = sizeof(header);
    snapshot.file_ = *std::move(bytes);
    return snapshot;
}

SnapshotCount Snapshot::restore(Zone &zone, Instant now) const {
    SnapshotCount count;
    auto bytes = std::span(file_).subspan(std::min(first_record_, file_.size()));
    for (RecordTag tag{}; take(bytes, tag) && tag != RecordTag::end;) {
        if (tag == RecordTag::credential) {
            count.credentials +=
                restore_record<CredentialRecord>(bytes, zone, zone.credentials(), written_, now);
        } else {
            count.grants += restore_record<GrantRecord>(bytes, zone, zone.grants(), written_, now);
        }
    }
    return count;
}

}  // namespace ipfence
