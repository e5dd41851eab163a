#include "engine/credential/form.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "engine/byte_block.hpp"
#include "engine/credential/percent_decoding.hpp"

namespace ipfence {

namespace {

constexpr KnownParameters kRepeatable{KnownParameter::resource, KnownParameter::audience};

constexpr std::string_view kRawByte = "the body has a byte that a form must escape";

// Whether every byte may stand in a form unescaped. Some parsers end a parameter at a semicolon.
bool is_raw_form(std::string_view body) noexcept {
    return std::ranges::all_of(body,
                               [](char byte) { return byte > ' ' && byte <= '~' && byte != ';'; });
}

// Of the bytes of a block, those that do not stand for themselves within a name or value.
std::uint32_t special_in(const ByteBlock &block) noexcept {
    constexpr char kFromPlusToSemicolon = '+' ^ ';';
    return bits_of((block <= each(' ')) | (block == each('\x7f')) | (block == each('%')) |
                   (block == each('&')) | (block == each('=')) |
                   ((block | each(kFromPlusToSemicolon)) == each(';')));
}

constexpr std::size_t kEscapeSize = 1 + kEscapeDigits;

constexpr bool is_control(unsigned char byte) noexcept {
    return byte < 0x20 || byte == 0x7f;
}

constexpr bool is_name_byte(char byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' || byte == '-';
}

// What PHP, ASP.NET and others make of a name: case is lost, dots and dashes become underscores.
constexpr char folded(char byte) noexcept {
    if (byte >= 'A' && byte <= 'Z') {
        return static_cast<char>(byte - 'A' + 'a');
    }
    return byte == '.' || byte == '-' ? '_' : byte;
}

bool is_folded(std::string_view name) noexcept {
    return std::ranges::equal(name, name, {}, folded);
}

bool folds_onto(std::string_view name, std::string_view known) noexcept {
    return std::ranges::equal(name, known, {}, folded);
}

// Rails and others take the method from here.
constexpr std::string_view kMethodParameter = "_method";

// Why a name that is no known one is not let through, if it is not. A name that a lenient parser
// folds onto a known one is not.
std::string_view objection_to_name(std::string_view name) noexcept {
    if (name.empty()) {
        return "a parameter has no name";
    }
    if (!std::ranges::all_of(name, is_name_byte)) {
        return "a parameter name has characters that parsers read differently";
    }
    if (folds_onto(name, kMethodParameter)) {
        return "the method must not be overridden";
    }
    // To qs (with `allowDots`) the first of these is a name without what is before it.
    if (name.starts_with('.') || name.ends_with('.')) {
        return "a parameter name begins or ends with a dot";
    }
    if (!is_folded(name) && std::ranges::any_of(kKnownParameterNames, [name](auto known) {
            return folds_onto(name, known);
        })) {
        return "a parameter name is a variant spelling of an OAuth parameter";
    }
    return {};
}

}  // namespace

// Passes over the body once, from one byte that does not stand for itself to the next. What needs
// no decoding is in the storage where it is in the body. An objection is empty where there is none.
class Form::Reader {
  public:
    Reader(std::string_view body, std::span<char> storage, Form &form) noexcept
        : body_(body), text_(storage.data()), form_(form) {
        body.copy(text_, body.size());
    }

    // The end of the body ends a parameter as `&` does, in the block that it is in.
    std::string_view read() noexcept {
        if (body_.empty()) {
            return {};
        }
        for (std::size_t at = 0; at <= body_.size(); at += sizeof(ByteBlock)) {
            std::uint32_t special = special_in(block_at(at));
            for (; special != 0; special &= special - 1) {
                const auto objection =
                    read_special(at + static_cast<std::size_t>(std::countr_zero(special)));
                if (!objection.empty()) {
                    return objection;
                }
            }
        }
        return {};
    }

  private:
    // What is wrong with a parameter: bits.
    static constexpr unsigned kBadName = 1;
    static constexpr unsigned kBadValue = 2;
    static constexpr unsigned kControlByte = 4;

    ByteBlock block_at(std::size_t at) const noexcept {
        const std::size_t left = body_.size() - at;
        if (left >= sizeof(ByteBlock)) {
            return load_block(body_.data() + at);
        }
        ByteBlock block = each('a');
        std::memcpy(&block, body_.data() + at, left);
        block[left] = '&';
        return block;
    }

    std::string_view read_special(std::size_t at) noexcept {
        switch (at == body_.size() ? '&' : body_[at]) {
            case '&':
                return end_parameter(at);
            case '=':
                end_name(at);
                return {};
            case '+':
                decode(at, ' ', 1);
                return {};
            case '%':
                decode_escape_at(at);
                return {};
            default:
                return kRawByte;
        }
    }

    // Of the body as it is, what is before `at`. It is where it belongs, unless something before it
    // was shortened.
    void take_until(std::size_t at) noexcept {
        const std::size_t size = at - taken_;
        if (end_ != taken_) {
            copy_exactly(text_ + end_, {body_.data() + taken_, size});
        }
        end_ += size;
        taken_ = at;
    }

    static void copy_exactly(char *to, std::string_view text) noexcept {
        if (text.size() >= sizeof(ByteBlock)) {
            std::memcpy(to, text.data(), text.size());
        } else if (!text.empty()) {
            copy_short(to, text);
        }
    }

    void decode(std::size_t at, char byte, std::size_t size) noexcept {
        take_until(at);
        text_[end_++] = byte;
        taken_ = at + size;
    }

    void decode_escape_at(std::size_t at) noexcept {
        const auto byte = decode_escape({body_.data() + at + 1, body_.size() - at - 1});
        if (!byte) {
            faults_ |= has_name_ ? kBadValue : kBadName;
            return;
        }
        decode(at, *byte, kEscapeSize);
        if (has_name_ && is_control(static_cast<unsigned char>(*byte))) {
            faults_ |= kControlByte;
        }
    }

    std::string_view end_part(std::size_t at) noexcept {
        take_until(at);
        const std::string_view part(text_ + part_, end_ - part_);
        part_ = end_ = taken_ = at + 1;
        return part;
    }

    void end_name(std::size_t at) noexcept {
        if (!has_name_) {
            name_ = end_part(at);
            has_name_ = true;
        }
    }

    std::string_view end_parameter(std::size_t at) noexcept {
        if (!has_name_ || faults_ != 0 || form_.count_ == kMaxParameters) {
            return objection_to_parameter();
        }
        has_name_ = false;
        return add({name_, end_part(at)});
    }

    std::string_view objection_to_parameter() const noexcept {
        if (!has_name_) {
            return "a parameter has no value, or the body is not a form";
        }
        if (form_.count_ == kMaxParameters) {
            return "the request has too many parameters";
        }
        if ((faults_ & kBadName) != 0) {
            return "a parameter name is badly encoded";
        }
        return (faults_ & kBadValue) != 0 ? "a parameter value is badly encoded"
                                          : "a parameter value has a control byte";
    }

    std::string_view add(const Parameter &parameter) noexcept {
        const auto known = known_parameter(parameter.name);
        if (!known) {
            if (const auto objection = objection_to_name(parameter.name); !objection.empty()) {
                return objection;
            }
        }
        if (known ? form_.given_.contains(*known) : form_.find(parameter.name).has_value()) {
            if (!known || !kRepeatable.contains(*known)) {
                return "a parameter is repeated";
            }
        } else if (known) {
            form_.given_.insert(*known);
            form_.places_[index_of(*known)] = static_cast<std::uint8_t>(form_.count_);
        }
        form_.parameters_[form_.count_++] = parameter;
        return {};
    }

    // Places in the body, and in the storage, which has its text at the same ones.
    const std::string_view body_;
    char *const text_;
    std::size_t part_ = 0;   ///< where the name or value begins that is being decoded
    std::size_t taken_ = 0;  ///< how much of the body is decoded
    std::size_t end_ = 0;    ///< where, in the storage, what it decodes to ends
    std::string_view name_;
    bool has_name_ = false;
    unsigned faults_ = 0;
    Form &form_;
};

Result<Form, Refusal> Form::parse(std::string_view body, std::span<char> storage) noexcept {
    Result<Form, Refusal> form{Form{}};
    const std::string_view objection = Reader(body, storage, *form).read();
    if (!objection.empty()) {
        // What is wrong with the bytes comes before what is wrong with a parameter.
        form = Refusal{is_raw_form(body) ? objection : kRawByte};
    }
    return form;
}

Form &Form::operator=(const Form &other) noexcept {
    count_ = other.count_;
    given_ = other.given_;
    places_ = other.places_;
    std::ranges::copy(other.parameters(), parameters_.begin());
    return *this;
}

std::optional<std::string_view> Form::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(parameters(), name, &Parameter::name);
    return found == parameters().end() ? std::nullopt : std::optional(found->value);
}

}  // namespace ipfence
