#include "engine/credential/claims.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "engine/credential/base64.hpp"
#include "engine/credential/json_reading.hpp"
#include "engine/credential/text.hpp"

namespace ipfence {

namespace {

namespace dom = simdjson::dom;

static_assert(Claims::kMaxDepth == JsonReading::kMaxDepth);

std::optional<std::string_view> text_of(const JsonReading &reading, dom::element value) noexcept {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS || text.empty() ||
        (!reading.is_plain() && has_control_byte(text))) {
        return std::nullopt;
    }
    return text;
}

// Unicode's simple case folding, for names made of ASCII letters: U+017F is an `s`, U+212A a `k`.
bool equal_in_unicode_folding(std::string_view text, std::string_view lower) noexcept {
    constexpr std::string_view kLongS = "\u017f";
    constexpr std::string_view kKelvin = "\u212a";
    for (const char expected : lower) {
        if (text.empty()) {
            return false;
        }
        std::size_t size = 1;
        if (expected == 's' && text.starts_with(kLongS)) {
            size = kLongS.size();
        } else if (expected == 'k' && text.starts_with(kKelvin)) {
            size = kKelvin.size();
        } else if (text[0] != expected && text[0] != expected - 'a' + 'A') {
            return false;
        }
        text.remove_prefix(size);
    }
    return text.empty();
}

// Most names differ in their first letter.
bool may_be_variant(std::string_view text, std::string_view lower) noexcept {
    return !text.empty() &&
           (static_cast<signed char>(text.front()) < 0 || (text.front() | 0x20) == lower.front());
}

}  // namespace

void Claims::End::operator()(JsonReading *reading) const noexcept {
    JsonReading::end(std::unique_ptr<JsonReading>(reading));
}

Claims::Claims(Reading reading) noexcept : reading_(std::move(reading)) {}
Claims::Claims(Claims &&) noexcept = default;
Claims &Claims::operator=(Claims &&) noexcept = default;
Claims::~Claims() = default;

std::optional<Claims> Claims::parse(std::string_view json) {
    Reading reading(JsonReading::begin().release());
    std::ranges::copy(json, reading->room_for(json.size()).begin());
    return reading->read_object(json.size()) ? std::optional(Claims(std::move(reading)))
                                             : std::nullopt;
}

std::optional<Claims> Claims::parse_base64url(std::string_view encoded) {
    Reading reading(JsonReading::begin().release());
    const auto size = decode_base64url(encoded, reading->room_for(base64url_room(encoded.size())));
    return size && reading->read_object(*size) ? std::optional(Claims(std::move(reading)))
                                               : std::nullopt;
}

std::optional<std::string_view> Claims::text(std::string_view name) const noexcept {
    const JsonReading::Member *member = reading_->find(name);
    return member != nullptr ? text_of(*reading_, member->value) : std::nullopt;
}

std::optional<std::int64_t> Claims::integer(std::string_view name) const noexcept {
    const JsonReading::Member *member = reading_->find(name);
    std::int64_t value = 0;
    return member != nullptr && member->value.get_int64().get(value) == simdjson::SUCCESS
               ? std::optional(value)
               : std::nullopt;
}

std::optional<std::int64_t> Claims::time(std::string_view name, Rounding rounding) const noexcept {
    constexpr auto kLatest = static_cast<double>(kLatestTime);  // doubles are exact up to it
    const JsonReading::Member *member = reading_->find(name);
    double seconds = 0;
    if (member == nullptr || member->value.get_double().get(seconds) != simdjson::SUCCESS ||
        !(seconds >= 0 && seconds <= kLatest)) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(rounding == Rounding::down ? std::floor(seconds)
                                                                : std::ceil(seconds));
}

std::vector<std::string_view> Claims::texts(std::string_view name) const {
    std::vector<std::string_view> texts;
    const JsonReading::Member *member = reading_->find(name);
    dom::array elements;
    if (member != nullptr && member->value.get_array().get(elements) == simdjson::SUCCESS) {
        for (const dom::element element : elements) {
            if (const auto text = text_of(*reading_, element)) {
                texts.push_back(*text);
            }
        }
    }
    return texts;
}

bool Claims::is_true(std::string_view name) const noexcept {
    const JsonReading::Member *member = reading_->find(name);
    bool value = false;
    return member != nullptr && member->value.get_bool().get(value) == simdjson::SUCCESS && value;
}

bool Claims::has(std::string_view name) const noexcept {
    return reading_->find(name) != nullptr;
}

bool Claims::is_unreadable(std::string_view name) const noexcept {
    const JsonReading::Member *member = reading_->find(name);
    if (member == nullptr || member->value.is_null()) {
        return false;
    }
    std::string_view text;
    const bool is_empty = member->value.get_string().get(text) == simdjson::SUCCESS && text.empty();
    return !is_empty && !text_of(*reading_, member->value);
}

bool Claims::has_variant_of(std::string_view name) const noexcept {
    return std::ranges::any_of(reading_->members(), [name](const JsonReading::Member &member) {
        return may_be_variant(member.name, name) && equal_in_unicode_folding(member.name, name) &&
               member.name != name;
    });
}

}  // namespace ipfence
