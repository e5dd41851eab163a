// A snapshot whose checksum holds, whatever it says; or, after an odd first byte, one as it comes.

#include <openssl/sha.h>

#include <array>
#include <memory>
#include <string>

#include "engine/memory/memory.hpp"
#include "engine/memory/snapshot.hpp"
#include "t/fuzz/input.hpp"
#include "t/fuzz/scratch_file.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

constexpr Moment kNow{1'800'000'100, 6000};

struct alignas(4096) ZoneMemory {
    std::array<std::byte, Zone::kMinSize> bytes{};
};

std::string with_checksum(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
    SHA256(reinterpret_cast<const unsigned char *>(text.data()), text.size(), hash.data());
    return std::string(text).append(hash.begin(), hash.end());
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
    static const fuzz::ScratchFile file("snapshot");
    static const auto memory = std::make_unique<ZoneMemory>();
    fuzz::Input input(data, size);
    const bool as_it_comes = input.byte() % 2 == 1;
    const fuzz::ExactText text = input.rest();
    const auto snapshot = Snapshot::read(
        file.with(as_it_comes ? std::string(text.view()) : with_checksum(text.view())));
    if (!snapshot) {
        require(!snapshot.error().message.empty(), "an error says what is wrong");
        return 0;
    }
    memory->bytes.fill(std::byte{0});
    Zone zone = Zone::create(memory->bytes, snapshot->key()).value();
    const SnapshotCount count = snapshot->restore(zone, kNow);
    require(count_live(zone) <= count.credentials + count.grants, "no record is invented");
    return 0;
}
