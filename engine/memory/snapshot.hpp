#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/memory/instant.hpp"
#include "engine/memory/zone.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// How many records were written or taken up.
struct SnapshotCount {
    std::size_t credentials = 0;
    std::size_t grants = 0;
};

// A snapshot file, in the byte order of the machine that wrote it:
//
//   SnapshotHeader     see snapshot.cpp: magic, format, the zone's key, the moment
//   { tag, record }    as often as there are records; the tag (64 bits) is 1 before a
//                      CredentialRecord, 2 before a GrantRecord
//   0                  a tag of 0 ends the records
//   SHA-256            of all bytes before it
//
// It holds the zone's key, so it is as secret as the key file of a certificate (mode 0600).

/// Writes the live records of a zone to `path`: into a new file beside it, synced, renamed over it.
Result<SnapshotCount> write_snapshot(const Zone &zone, const std::string &path, Instant now);

/// A snapshot that was read whole and verified.
class Snapshot {
  public:
    /// Reads a file. An error, for the log: it cannot be read or is no file, others than its owner
    /// may write it, its owner is neither this process's nor root, it is cut short or changed, or
    /// another version wrote it. Throws std::bad_alloc.
    static Result<Snapshot> read(const std::string &path);

    const Zone::Key &key() const noexcept { return key_; }

    /// Stores all records that are still live into a zone with this snapshot's key. Their time runs
    /// on by the wall clock for as long as nobody ran; a wall clock that went back gives no record
    /// more time than it had left. Those that give way in a smaller zone are counted there, and not
    /// in what is returned.
    SnapshotCount restore(Zone &zone, Instant now) const;

  private:
    Snapshot() = default;

    Zone::Key key_{};
    Instant written_;
    std::vector<std::byte> file_;
    std::size_t first_record_ = 0;
};

}  // namespace ipfence
