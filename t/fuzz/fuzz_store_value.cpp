// What a value of the store says once it is opened, after a first byte that says of which record;
// or the value as it comes, which nobody with the key wrote.

#include <cstring>

#include "engine/memory/memory.hpp"
#include "engine/store/grant_merge.hpp"
#include "engine/store/store_format.hpp"
#include "engine/store/stored_record.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

constexpr Instant kNow{1'800'000'000, 6000};
const Digest kKey{{1, 2}};
const Digest kGrant{{3, 4}};

const SharedKey &shared_key() {
    static const SharedKey key =
        SharedKey::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").value();
    return key;
}

bool is_live(const RecordHeader &header) {
    return header.key == kKey && header.expires > kNow.monotonic &&
           header.expires <= kNow.monotonic + Memory::kMaxLifetime;
}

void read_credential(std::string_view text) {
    if (const auto record = decode_credential(text, kKey, kNow)) {
        require(is_live(record->header), "what is read lives, and not for ever");
        const auto again = decode_credential(encode(*record, kNow), kKey, kNow);
        require(again && std::memcmp(&*again, &*record, sizeof(*record)) == 0,
                "what is read is what is written");
    }
}

void read_grant(std::string_view text) {
    if (const auto record = decode_grant(text, kKey, kNow)) {
        require(is_live(record->header), "what is read lives, and not for ever");
        require(record->app().size() + record->user().size() + record->profile().size() <=
                    GrantRecord::kTextSize,
                "names lie within their record");
        const auto again = decode_grant(encode(*record, kNow), kKey, kNow);
        require(again && std::memcmp(&*again, &*record, sizeof(*record)) == 0,
                "what is read is what is written");
        const GrantRecord merged = merge(*record, *again);
        require(merged.has(GrantRecord::kForgotten) || !record->has(GrantRecord::kForgotten),
                "what is forgotten stays so");
    }
}

void read_as_it_comes(std::string_view value) {
    static const StoreFormat format = StoreFormat::with(shared_key(), "ipfence:").value();
    require(!format.open_credential(kKey, value, kNow), "nobody makes up a credential");
    require(!format.open_grant(kKey, value, kNow), "nobody makes up a grant");
    require(!format.open_binding(kKey, kGrant, value, kNow), "nobody makes up a binding");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    fuzz::Input input(data, size);
    const unsigned kind = input.byte() % 4;
    const fuzz::ExactText text = input.rest();
    switch (kind) {
        case 0:
            read_credential(text.view());
            break;
        case 1:
            read_grant(text.view());
            break;
        case 2:
            if (const auto binding = decode_binding(text.view(), kKey, kGrant, kNow)) {
                require(binding->session == kKey && binding->grant == kGrant,
                        "a binding is of whom its name says");
            }
            break;
        default:
            read_as_it_comes(text.view());
    }
    return 0;
}
