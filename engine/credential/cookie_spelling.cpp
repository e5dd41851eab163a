#include "engine/credential/cookie_spelling.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "engine/byte_block.hpp"

namespace ipfence {

namespace {

using std::string_view;

constexpr string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// HMAC-SHA1's, of 20 bytes. Session identifiers of servers that do not sign may be shorter, or have
// only their last character to themselves.
constexpr std::size_t kShortestSignature = 27;

constexpr char in_url_alphabet(char byte) noexcept {
    return byte == '+' ? '-' : byte == '/' ? '_' : byte;
}

constexpr bool is_base64(char byte) noexcept {
    return kAlphabet.find(in_url_alphabet(byte)) != string_view::npos;
}

ByteBlock is_foreign_to_url_alphabet(const ByteBlock &block) noexcept {
    return ~(is_letter(block) | is_between<'0', '9'>(block) | (block == each('-')) |
             (block == each('_')));
}

// Characters of 6 bits each: what the last one has beyond whole bytes.
constexpr unsigned spare_bits(std::size_t size) noexcept {
    return size % 4 == 2 ? 4 : size % 4 == 3 ? 2 : 0;
}

// The last character of a text of so many, without them.
char without_spare_bits(char last, std::size_t size) noexcept {
    const std::size_t digit = kAlphabet.find(last);
    return kAlphabet[digit >> spare_bits(size) << spare_bits(size)];
}

std::string without_spare_bits(string_view text) {
    std::string one(text.substr(0, text.size() - (text.size() % 4 == 1 ? 1 : 0)));
    std::ranges::transform(one, one.begin(), in_url_alphabet);
    if (!one.empty()) {
        one.back() = without_spare_bits(one.back(), one.size());
    }
    return one;
}

// Most are: random bytes in base64, or in hexadecimal digits.
bool is_in_one_spelling(string_view value) noexcept {
    return !any_byte(value, is_foreign_to_url_alphabet) &&
           (value.size() % 4 == 1 ||
            without_spare_bits(value.back(), value.size()) == value.back());
}

bool is_jwt(string_view value) noexcept {
    return value.starts_with("eyJ") && std::ranges::count(value, '.') == 2;
}

// A padding ends what Python and Node read.
std::string signature_in_one_spelling(string_view signature) {
    std::string kept;
    std::ranges::copy_if(signature.substr(0, signature.find('=')), std::back_inserter(kept),
                         is_base64);
    return without_spare_bits(kept);
}

// Where what may be base64 begins, at the end of the value; its padding not counted.
std::size_t begin_of_base64(string_view value) noexcept {
    std::size_t begin = value.size();
    while (begin != 0 && is_base64(value[begin - 1])) {
        --begin;
    }
    return begin;
}

std::string spelled_in_one_way(string_view value) {
    if (is_jwt(value)) {
        const std::size_t signature = value.rfind('.') + 1;
        return std::string(value.substr(0, signature)) +
               signature_in_one_spelling(value.substr(signature));
    }
    const string_view unpadded = value.substr(0, value.find_last_not_of('=') + 1);
    const std::size_t begin = begin_of_base64(unpadded);
    const string_view text = unpadded.substr(begin);
    const bool may_be_base64 = text.size() >= kShortestSignature && text.size() % 4 != 1;
    return may_be_base64 ? std::string(unpadded.substr(0, begin)) + without_spare_bits(text)
                         : std::string(value);
}

}  // namespace

std::optional<std::string> one_spelling_of_cookie(string_view value) {
    if (value.size() < kShortestSignature || is_in_one_spelling(value)) {
        return std::nullopt;
    }
    std::string one = spelled_in_one_way(value);
    return one == value ? std::nullopt : std::optional(std::move(one));
}

}  // namespace ipfence
