#include "module/request_id.hpp"

#include <openssl/rand.h>

#include <array>
#include <cstring>

#include "module/request_state.hpp"

namespace ipfence::module {

namespace {

constexpr std::size_t kIdSize = 16;

// Random bytes for many identifiers: asking OpenSSL costs more than all the rest of an audit line.
// A worker's own; the master makes no identifiers that a fork could repeat.
class RandomBytes {
  public:
    /// The next kIdSize bytes; null when the system has none.
    const u_char *next() noexcept {
        if (used_ == bytes_.size()) {
            if (RAND_bytes(bytes_.data(), static_cast<int>(bytes_.size())) != 1) {
                return nullptr;
            }
            used_ = 0;
        }
        const u_char *next = bytes_.data() + used_;
        used_ += kIdSize;
        return next;
    }

  private:
    std::array<u_char, 256 * kIdSize> bytes_{};
    std::size_t used_ = bytes_.size();
};

RandomBytes random_bytes;

using Bytes = unsigned char __attribute__((vector_size(kIdSize)));

constexpr Bytes digits_of(const Bytes &nibbles) noexcept {
    constexpr unsigned char kFromColonToLetters = 'a' - '0' - 10;
    return nibbles + '0' + ((nibbles > 9) & kFromColonToLetters);
}

// What ngx_hex_dump writes, digit by digit.
void write_hex(const u_char *bytes, std::array<u_char, 2 * kIdSize> &text) noexcept {
    Bytes block;
    std::memcpy(&block, bytes, sizeof(block));
    const Bytes high = digits_of(block >> 4);
    const Bytes low = digits_of(block & 0xf);
    const std::array<Bytes, 2> interleaved{
        __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
        __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                31)};
    std::memcpy(text.data(), interleaved.data(), text.size());
}

// As ngx_http_variable_request_id does it.
bool set_id(const RequestState &state, ngx_http_variable_value_t *value) noexcept {
    constexpr unsigned kTextSize = 2 * kIdSize;
    static_assert(kTextSize == sizeof(state.request_id));
    const u_char *bytes = random_bytes.next();
    if (bytes == nullptr) {
        return false;
    }
    write_hex(bytes, state.request_id);
    value->len = kTextSize;
    value->data = state.request_id.data();
    value->valid = 1;
    value->no_cacheable = 0;
    value->not_found = 0;
    return true;
}

}  // namespace

std::string_view request_id_of(const RequestState &state) noexcept {
    ngx_http_request_t *r = state.request;
    const auto index = static_cast<ngx_uint_t>(main_configuration(r)->request_id_index);
    ngx_http_variable_value_t *value = &r->variables[index];
    if (value->valid || value->not_found || !set_id(state, value)) {
        value = ngx_http_get_indexed_variable(r, index);
    }
    return (value == nullptr || value->not_found) ? std::string_view{} : view(*value);
}

}  // namespace ipfence::module
