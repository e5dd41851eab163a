// A snapshot as it comes; one whose checksum holds, whatever it says; and one that the reader must
// take, since its header is what the writer writes, with records of any bytes. So no change of the
// format keeps this from the records.

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "engine/memory/memory.hpp"
#include "engine/memory/snapshot.hpp"
#include "t/fuzz/input.hpp"
#include "t/fuzz/scratch_file.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

constexpr Instant kWritten{1'800'000'000, 5000};
constexpr Instant kNow{1'800'000'100, 6000};

struct alignas(4096) ZoneMemory {
    std::array<std::byte, Zone::kMinSize> bytes{};
};

std::string with_checksum(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
    SHA256(reinterpret_cast<const unsigned char *>(text.data()), text.size(), hash.data());
    return std::string(text).append(hash.begin(), hash.end());
}

// What the writer writes before the first record: a snapshot of an empty zone, without its end and
// its checksum.
const std::string &header() {
    static const std::string kHeader = [] {
        const auto memory = std::make_unique<ZoneMemory>();
        const fuzz::ScratchFile file("empty");
        const std::string path = file.with({});
        const Zone zone = Zone::create(memory->bytes, Zone::Key{}).value();
        require(write_snapshot(zone, path, kWritten).ok(), "an empty zone is written");
        std::ifstream written(path, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(written), {}};
        return text.substr(0, text.size() - SHA256_DIGEST_LENGTH - sizeof(std::uint64_t));
    }();
    return kHeader;
}

// The bytes of one record, the last of which may be missing.
void add_record(std::string &text, std::uint64_t tag, std::string_view &bytes, std::size_t size) {
    text.append(reinterpret_cast<const char *>(&tag), sizeof(tag));
    const std::string_view record = bytes.substr(0, std::min(size, bytes.size()));
    text.append(record).append(size - record.size(), '\0');
    bytes.remove_prefix(record.size());
}

std::string with_header(std::string_view bytes) {
    constexpr std::uint64_t kEnd = 0;
    constexpr std::uint64_t kCredential = 1;
    constexpr std::uint64_t kGrant = 2;
    std::string text = header();
    while (!bytes.empty()) {
        const bool is_grant = bytes.front() % 2 == 1;
        bytes.remove_prefix(1);
        add_record(text, is_grant ? kGrant : kCredential, bytes,
                   is_grant ? sizeof(GrantRecord) : sizeof(CredentialRecord));
    }
    return with_checksum(text.append(reinterpret_cast<const char *>(&kEnd), sizeof(kEnd)));
}

std::size_t count_live(const Zone &zone) {
    std::size_t live = 0;
    for (std::size_t place = 0; place < zone.credentials().capacity(); ++place) {
        const auto credential = zone.credentials().at<CredentialRecord>(place, kNow.monotonic);
        live += credential ? 1 : 0;
        require(!credential || credential->header.expires > kNow.monotonic, "what is found lives");
    }
    for (std::size_t place = 0; place < zone.grants().capacity(); ++place) {
        if (const auto grant = zone.grants().at<GrantRecord>(place, kNow.monotonic)) {
            ++live;
            const std::size_t names =
                grant->app().size() + grant->user().size() + grant->profile().size();
            require(names <= GrantRecord::kTextSize, "names lie within their record");
        }
    }
    return live;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    enum class Made : unsigned char { with_checksum, as_it_comes, with_header };
    constexpr std::array kMade{Made::with_checksum, Made::as_it_comes, Made::with_header};

    static const fuzz::ScratchFile file("snapshot");
    static const auto memory = std::make_unique<ZoneMemory>();
    fuzz::Input input(data, size);
    const Made made = input.one_of(kMade);
    const fuzz::ExactText text = input.rest();
    const auto snapshot =
        Snapshot::read(file.with(made == Made::as_it_comes     ? std::string(text.view())
                                 : made == Made::with_checksum ? with_checksum(text.view())
                                                               : with_header(text.view())));
    if (!snapshot) {
        require(made != Made::with_header, "what the writer would write is read");
        require(!snapshot.error().message.empty(), "an error says what is wrong");
        return 0;
    }
    memory->bytes.fill(std::byte{0});
    Zone zone = Zone::create(memory->bytes, snapshot->key()).value();
    const SnapshotCount count = snapshot->restore(zone, kNow);
    require(count_live(zone) <= count.credentials + count.grants, "no record is invented");
    return 0;
}
