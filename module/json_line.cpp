#include "module/json_line.hpp"

#include <array>

#include "engine/byte_block.hpp"

namespace ipfence::module {

namespace {

constexpr std::size_t kUnicodeEscape = 6;  // \uXXXX

constexpr unsigned char byte_at(std::string_view text, std::size_t at) noexcept {
    return static_cast<unsigned char>(text[at]);
}

ByteBlock to_be_escaped(const ByteBlock &block) noexcept {
    return (block < each(' ')) | (block == each('"')) | (block == each('\\'));
}

bool is_ascii(std::string_view text) noexcept {
    unsigned char found = 0;
    for (const char byte : text) {
        found |= static_cast<unsigned char>(byte);
    }
    return found < 0x80;
}

// The size of the character that text begins with, if it is one of U+0080 to U+009F, U+2028 and
// U+2029: JSON lets them stand (RFC 8259, section 7), but many a reader of lines takes some of them
// for the end of one, and terminals take others for commands. 0 for any other.
std::size_t control_at_front(std::string_view text) noexcept {
    if (text.size() >= 2 && text.front() == '\xc2' && byte_at(text, 1) <= 0x9f) {
        return 2;
    }
    return text.starts_with("\xe2\x80\xa8") || text.starts_with("\xe2\x80\xa9") ? 3 : 0;
}

unsigned code_point_of(std::string_view control) noexcept {
    return control.size() == 2 ? byte_at(control, 1) : 0x2028U + (byte_at(control, 2) & 1U);
}

// The next such character in text; empty, at its end, when there is none.
std::string_view next_control(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size() && control_at_front(text.substr(at)) == 0) {
        ++at;
    }
    return text.substr(at, control_at_front(text.substr(at)));
}

std::size_t plain_size(std::string_view text) noexcept {
    const ngx_str_t bytes = ngx_view(text);
    return bytes.len + ngx_escape_json(nullptr, bytes.data, bytes.len);
}

u_char *write_plain(u_char *last, std::string_view text) noexcept {
    const ngx_str_t bytes = ngx_view(text);
    return reinterpret_cast<u_char *>(ngx_escape_json(last, bytes.data, bytes.len));
}

u_char *write_control(u_char *last, std::string_view control) noexcept {
    const unsigned code_point = code_point_of(control);
    std::array<u_char, 2> bytes{static_cast<u_char>(code_point >> 8),
                                static_cast<u_char>(code_point & 0xff)};
    *last++ = '\\';
    *last++ = 'u';
    return ngx_hex_dump(last, bytes.data(), bytes.size());
}

// Calls `plain` with each part of text between such characters, and `control` with each of them.
template <class Plain, class Control>
void for_each_part(std::string_view text, Plain plain, Control control) noexcept {
    if (is_ascii(text)) {
        plain(text);
        return;
    }
    while (!text.empty()) {
        const std::string_view found = next_control(text);
        const auto before = static_cast<std::size_t>(found.data() - text.data());
        plain(text.substr(0, before));
        if (!found.empty()) {
            control(found);
        }
        text.remove_prefix(before + found.size());
    }
}

}  // namespace

// Of most values nothing needs to be escaped, and one pass over them is enough. What is not ASCII
// is looked at closely.
bool JsonLine::copy_unless_escaped(u_char *to, std::string_view value) noexcept {
    constexpr std::size_t kBlock = sizeof(ByteBlock);
    char *const copy = reinterpret_cast<char *>(to);
    if (value.size() < kBlock) {
        if (value.empty()) {
            return true;
        }
        copy_short(copy, value);
        return bits_of(to_be_escaped(short_block(value))) == 0;
    }
    ByteBlock found{};
    const auto copy_block = [&](std::size_t at) {
        const ByteBlock block = load_block(value.data() + at);
        found |= to_be_escaped(block);
        store_block(copy + at, block);
    };
    for (std::size_t at = 0; at + kBlock < value.size(); at += kBlock) {
        copy_block(at);
    }
    copy_block(value.size() - kBlock);
    return bits_of(found) == 0;
}

std::size_t JsonLine::escaped_size(std::string_view text) noexcept {
    std::size_t size = 0;
    for_each_part(
        text, [&](std::string_view plain) { size += plain_size(plain); },
        [&](std::string_view) { size += kUnicodeEscape; });
    return size;
}

u_char *JsonLine::write_escaped(u_char *last, std::string_view text) noexcept {
    for_each_part(
        text, [&](std::string_view plain) { last = write_plain(last, plain); },
        [&](std::string_view control) { last = write_control(last, control); });
    return last;
}

}  // namespace ipfence::module
