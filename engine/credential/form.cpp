#include "engine/credential/form.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "engine/byte_block.hpp"
#include "engine/credential/parameter_name.hpp"
#include "engine/credential/percent_decoding.hpp"

namespace ipfence {

namespace {

constexpr KnownParameters kRepeatable{KnownParameter::resource, KnownParameter::audience};

constexpr std::string_view kRawByte = "the body has a byte that a form must escape";
constexpr std::string_view kRepeated = "a parameter is repeated";

// Whether every byte may stand in a form unescaped. Some parsers end a parameter at a semicolon.
bool is_raw_form(std::string_view body) noexcept {
    return std::ranges::all_of(body,
                               [](char byte) { return byte > ' ' && byte <= '~' && byte != ';'; });
}

enum class PartKind : std::uint8_t { name, value };

// Of the bytes of a block, those that end such a part or do not stand for themselves within it.
template <PartKind kKind>
std::uint32_t special_in(const ByteBlock &block) noexcept {
    constexpr char kFromPlusToSemicolon = '+' ^ ';';
    const ByteBlock in_both =
        is_between<'%', '&'>(block) | ((block | each(kFromPlusToSemicolon)) == each(';'));
    return bits_of(kKind == PartKind::name ? in_both | (block == each('=')) : in_both);
}

constexpr bool is_control(unsigned char byte) noexcept {
    return byte < 0x20 || byte == 0x7f;
}

// What escapes a name or value has: bits.
constexpr unsigned kEscape = 1;
constexpr unsigned kEscapedControl = 2;
constexpr unsigned kBadEscape = 4;

// Of what is behind a `%`, where there are at least two bytes to look at.
unsigned escape_of(const char *digits) noexcept {
    const unsigned high = kHexadecimalDigits[static_cast<unsigned char>(digits[0])];
    const unsigned low = kHexadecimalDigits[static_cast<unsigned char>(digits[1])];
    const unsigned byte = high << 4 | low;
    if (byte >= ' ' && byte <= '~') [[likely]] {  // one comparison, of which kNoDigit is too large
        return kEscape;
    }
    if ((high | low) == kNoDigit) {
        return kEscape | kBadEscape;
    }
    return is_control(static_cast<unsigned char>(byte)) ? kEscape | kEscapedControl : kEscape;
}

// The lowest and the highest of the bytes that were seen, in each place of a block.
class ExtremeBytes {
    using Bytes = unsigned char __attribute__((vector_size(sizeof(ByteBlock))));

  public:
    void include(const ByteBlock &block) noexcept {
        const auto bytes = std::bit_cast<Bytes>(block);
        lowest_ = bytes < lowest_ ? bytes : lowest_;
        highest_ = bytes > highest_ ? bytes : highest_;
    }

    bool are_within(unsigned char lowest, unsigned char highest) const noexcept {
        return bits_of(std::bit_cast<ByteBlock>((lowest_ < lowest) | (highest_ > highest))) == 0;
    }

  private:
    Bytes lowest_ = ~Bytes{};
    Bytes highest_{};
};

}  // namespace

// Passes over a copy of the body once, part by part, and within a part from one byte that does not
// stand for itself to the next. An objection is empty where there is none.
class Form::Reader {
  public:
    Reader(std::string_view body, std::span<char> storage, Form &form) noexcept
        : text_(storage.data()), size_(body.size()), form_(form) {
        form_.text_ = text_;
        body.copy(text_, size_);
        // The end of the body ends a parameter as `&` does, and no escape goes beyond it.
        ByteBlock end = each('a');
        end[0] = '&';
        store_block(text_ + size_, end);
    }

    std::string_view read() noexcept {
        ExtremeBytes extremes;
        // Behind a last `&` nobody sees a parameter; of an empty piece before another one, some
        // readers take the `&` for a part of the name.
        for (std::size_t begin = 0; begin < size_;) {
            const Part name = read_part<PartKind::name>(begin, extremes);
            if (text_[name.end] != '=') {
                return "a parameter has no value, or the body is not a form";
            }
            const Part value = read_part<PartKind::value>(name.end + 1, extremes);
            const auto objection = add(name, value);
            if (!objection.empty()) {
                return objection;
            }
            begin = value.end + 1;
        }
        return has_semicolon_ || !extremes.are_within('!', '~') ? kRawByte : std::string_view{};
    }

  private:
    // A name or value in the body.
    struct Part {
        std::size_t begin;
        std::size_t end;
        unsigned escapes;
    };

    // What ends it is found, at the latest at the end of the body: no block goes beyond the
    // storage.
    template <PartKind kKind>
    Part read_part(std::size_t begin, ExtremeBytes &extremes) noexcept {
        unsigned escapes = 0;
        for (std::size_t at = begin;; at += sizeof(ByteBlock)) {
            const ByteBlock block = load_block(text_ + at);
            extremes.include(block);
            for (auto special = special_in<kKind>(block); special != 0; special &= special - 1) {
                const std::size_t place = at + static_cast<unsigned>(std::countr_zero(special));
                const char byte = text_[place];
                if (kKind == PartKind::name && byte == '=') {
                    return {begin, place, escapes};
                }
                if (byte == '%') {
                    escapes |= escape_of(text_ + place + 1);
                } else if (byte == '+') {
                    escapes |= kEscape;
                } else if (byte == ';') {
                    has_semicolon_ = true;
                } else {
                    return {begin, place, escapes};
                }
            }
        }
    }

    std::string_view add(const Part &name_part, const Part &value_part) noexcept {
        std::string_view name = text_of(name_part);
        if (form_.count_ == kMaxParameters || name_part.escapes != 0 ||
            (value_part.escapes & ~kEscape) != 0) [[unlikely]] {
            if (const auto objection = objection_to(name_part.escapes, value_part.escapes);
                !objection.empty()) {
                return objection;
            }
            name = form_.decode(name);
        }
        const bool is_escaped = value_part.escapes != 0;
        const auto known = known_parameter(name);
        if (!known) [[unlikely]] {
            if (const auto objection = objection_to_unknown(form_, name); !objection.empty()) {
                return objection;
            }
        } else if (!form_.given_.contains(*known)) [[likely]] {
            form_.given_.insert(*known);
            if (is_escaped) {
                form_.escaped_.insert(*known);
            }
            form_.places_[index_of(*known)] = static_cast<std::uint8_t>(form_.count_);
        } else if (!kRepeatable.contains(*known)) {
            return kRepeated;
        }
        form_.encoded_ |= std::uint64_t{is_escaped} << form_.count_;
        form_.parameters_[form_.count_++] = {name, text_of(value_part)};
        return {};
    }

    std::string_view text_of(const Part &part) const noexcept {
        return {text_ + part.begin, part.end - part.begin};
    }

    [[gnu::cold]] std::string_view objection_to(unsigned name_escapes,
                                                unsigned value_escapes) const noexcept {
        if (form_.count_ == kMaxParameters) {
            return "the request has too many parameters";
        }
        if ((name_escapes & kBadEscape) != 0) {
            return "a parameter name is badly encoded";
        }
        if ((value_escapes & kBadEscape) != 0) {
            return "a parameter value is badly encoded";
        }
        return (value_escapes & kEscapedControl) != 0 ? "a parameter value has a control byte"
                                                      : std::string_view{};
    }

    [[gnu::cold]] static std::string_view objection_to_unknown(const Form &form,
                                                               std::string_view name) noexcept {
        const auto objection = objection_to_name(name);
        return objection.empty() && form.place_of(name) ? kRepeated : objection;
    }

    char *const text_;
    const std::size_t size_;
    bool has_semicolon_ = false;
    Form &form_;
};

Result<Form, Refusal> Form::parse(std::string_view body, std::span<char> storage) noexcept {
    Result<Form, Refusal> form{Form{}};
    if (body.empty()) {
        return form;
    }
    const std::string_view objection = Reader(body, storage, *form).read();
    if (!objection.empty()) {
        // What is wrong with the bytes comes before what is wrong with a parameter.
        form = Refusal{is_raw_form(body) ? objection : kRawByte};
    }
    return form;
}

Form &Form::operator=(Form &&other) noexcept {
    count_ = std::exchange(other.count_, 0);
    given_ = std::exchange(other.given_, {});
    escaped_ = std::exchange(other.escaped_, {});
    encoded_ = std::exchange(other.encoded_, 0);
    places_ = other.places_;
    text_ = other.text_;
    std::ranges::copy_n(other.parameters_.begin(), static_cast<std::ptrdiff_t>(count_),
                        parameters_.begin());
    return *this;
}

std::optional<std::string_view> Form::find(std::string_view name) const noexcept {
    const auto place = place_of(name);
    return place ? std::optional(value_at(*place)) : std::nullopt;
}

std::span<const Form::Parameter> Form::parameters() const noexcept {
    for (std::size_t place = 0; place < count_; ++place) {
        value_at(place);
    }
    return std::span(parameters_).first(count_);
}

std::optional<std::size_t> Form::place_of(std::string_view name) const noexcept {
    for (std::size_t place = 0; place < count_; ++place) {
        if (parameters_[place].name == name) {
            return place;
        }
    }
    return std::nullopt;
}

// All its escapes are whole.
std::string_view Form::decode(std::string_view text) const noexcept {
    const std::span<char> place(text_ + (text.data() - text_), text.size());
    return decode_form_text(text, place).value_or(std::string_view{});
}

void Form::decode_value(std::size_t place) const noexcept {
    parameters_[place].value = decode(parameters_[place].value);
    encoded_ &= ~(std::uint64_t{1} << place);
}

}  // namespace ipfence
