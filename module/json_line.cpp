#include "module/json_line.hpp"

#include "module/nginx.hpp"

namespace ipfence::module::json {

namespace {

constexpr unsigned char byte_at(std::string_view text, std::size_t at) noexcept {
    return static_cast<unsigned char>(text[at]);
}

// Of a block, what needs no escaping: bytes are signed, and those that are not ASCII negative.
ByteBlock is_plain(const ByteBlock &block) noexcept {
    return (block >= each(' ')) & ~((block == each('"')) | (block == each('\\')));
}

constexpr std::uint32_t kAll = 0xffff;

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

[[gnu::noinline]] char *write_escaped(char *to, std::string_view text) noexcept {
    auto *last = reinterpret_cast<u_char *>(to);
    for_each_part(
        text, [&](std::string_view plain) { last = write_plain(last, plain); },
        [&](std::string_view control) { last = write_control(last, control); });
    *last++ = '"';
    return reinterpret_cast<char *>(last);
}

// Copies a text as it is; false when something in it must be escaped, or is not ASCII, which is to
// be looked at closely.
bool copy_if_plain(char *to, std::string_view text) noexcept {
    constexpr std::size_t kBlock = sizeof(ByteBlock);
    if (text.size() < kBlock) {
        if (text.empty()) {
            return true;
        }
        copy_short(to, text);
        return bits_of(is_plain(short_block(text))) == kAll;
    }
    const auto copy_block = [&](std::size_t at) {
        const ByteBlock block = load_block(text.data() + at);
        store_block(to + at, block);
        return is_plain(block);
    };
    ByteBlock plain = copy_block(text.size() - kBlock);
    for (std::size_t at = 0; at + kBlock < text.size(); at += kBlock) {
        plain &= copy_block(at);
    }
    return bits_of(plain) == kAll;
}

}  // namespace

// In most texts nothing needs to be escaped, and one pass over them is enough.
char *write_text(char *to, std::string_view text) noexcept {
    if (!copy_if_plain(to, text)) [[unlikely]] {
        return write_escaped(to, text);
    }
    to[text.size()] = '"';
    return to + text.size() + 1;
}

}  // namespace ipfence::module::json
