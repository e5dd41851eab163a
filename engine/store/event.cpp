#include "engine/store/event.hpp"

#include <openssl/crypto.h>

#include "engine/store/store_names.hpp"
#include "engine/whole_number.hpp"

namespace ipfence {

namespace {

constexpr std::size_t kDigestDigits = 32;
constexpr std::size_t kEventSize = 1 + kDigestDigits;
constexpr std::size_t kPayloadSize = kEventSize + kDigestDigits;

std::optional<StoreEvent::Kind> kind_of(char letter) noexcept {
    using Kind = StoreEvent::Kind;
    for (const Kind kind : {Kind::grant_changed, Kind::grant_forgotten, Kind::credential_forgotten,
                            Kind::session_changed, Kind::session_forgotten}) {
        if (static_cast<char>(kind) == letter) {
            return kind;
        }
    }
    return std::nullopt;
}

// As INCR writes it: no sign, no leading zero, never 0.
std::optional<std::uint64_t> generation_of(std::string_view text) noexcept {
    return text.starts_with('0') ? std::nullopt : whole_number<std::uint64_t>(text);
}

}  // namespace

std::string EventFormat::write(const StoreEvent &event) const {
    std::string text(1, static_cast<char>(event.kind));
    text += hex_of(event.key);
    const auto mac = digest_.digest(Role::event, channel_, text);
    return mac ? text + hex_of(*mac) : std::string{};
}

std::optional<NumberedEvent> EventFormat::read(std::string_view message) const {
    const auto colon = message.find(':');
    if (colon == std::string_view::npos || message.size() - colon - 1 != kPayloadSize) {
        return std::nullopt;
    }
    const auto generation = generation_of(message.substr(0, colon));
    const std::string_view event = message.substr(colon + 1, kEventSize);
    const auto kind = kind_of(event.front());
    const Digest key = digest_of_hex(event.substr(1));
    const Digest mac = digest_of_hex(message.substr(colon + 1 + kEventSize));
    const auto expected = digest_.digest(Role::event, channel_, event);
    if (!generation || !kind || !key || !expected ||
        CRYPTO_memcmp(mac.words.data(), expected->words.data(), sizeof(mac.words)) != 0) {
        return std::nullopt;
    }
    return NumberedEvent{*generation, {*kind, key}};
}

}  // namespace ipfence
