#include "engine/credential/text.hpp"

#include <cstddef>

#include "engine/byte_block.hpp"

namespace ipfence {

namespace {

struct Lead {
    std::size_t continuations;
    unsigned char lowest_second;
    unsigned char highest_second;
};

// RFC 3629, section 4: what a lead byte allows of the byte after it. More than 3 continuations
// stands for a byte that leads nothing.
constexpr Lead lead_of(unsigned char byte) noexcept {
    constexpr Lead kNone{4, 0, 0};
    if (byte < 0x80) {
        return {0, 0, 0};
    }
    if (byte < 0xc2 || byte > 0xf4) {
        return kNone;
    }
    if (byte < 0xe0) {
        return {1, 0x80, 0xbf};
    }
    if (byte < 0xf0) {
        return {2, static_cast<unsigned char>(byte == 0xe0 ? 0xa0 : 0x80),
                static_cast<unsigned char>(byte == 0xed ? 0x9f : 0xbf)};
    }
    return {3, static_cast<unsigned char>(byte == 0xf0 ? 0x90 : 0x80),
            static_cast<unsigned char>(byte == 0xf4 ? 0x8f : 0xbf)};
}

bool is_well_formed(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const Lead lead = lead_of(static_cast<unsigned char>(text[i]));
        if (lead.continuations > 3 || text.size() - i <= lead.continuations) {
            return false;
        }
        for (std::size_t k = 1; k <= lead.continuations; ++k) {
            const auto byte = static_cast<unsigned char>(text[i + k]);
            const unsigned char lowest = k == 1 ? lead.lowest_second : 0x80;
            const unsigned char highest = k == 1 ? lead.highest_second : 0xbf;
            if (byte < lowest || byte > highest) {
                return false;
            }
        }
        i += 1 + lead.continuations;
    }
    return true;
}

bool is_ascii(std::string_view text) noexcept {
    return !any_byte(text, [](const ByteBlock &block) { return block < each(0); });
}

// Most texts are, and there is nothing else to ask of them.
bool is_printable_ascii(std::string_view text) noexcept {
    return !any_byte(
        text, [](const ByteBlock &block) { return (block < each(' ')) | (block == each('\x7f')); });
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    return is_ascii(text) || is_well_formed(text);
}

bool has_control_byte(std::string_view text) noexcept {
    return any_byte(text, [](const ByteBlock &block) {
        return ((block >= each(0)) & (block < each(' '))) | (block == each('\x7f'));
    });
}

bool is_name(std::string_view text) noexcept {
    return !text.empty() &&
           (is_printable_ascii(text) || (!has_control_byte(text) && is_well_formed(text)));
}

}  // namespace ipfence
