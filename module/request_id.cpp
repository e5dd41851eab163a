#include "module/request_id.hpp"

#include <openssl/rand.h>

#include <array>

#include "engine/byte_block.hpp"
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
        if (used_ == bytes_.size() && !refill()) [[unlikely]] {
            return nullptr;
        }
        const u_char *next = bytes_.data() + used_;
        used_ += kIdSize;
        return next;
    }

  private:
    [[gnu::noinline]] bool refill() noexcept {
        if (RAND_bytes(bytes_.data(), static_cast<int>(bytes_.size())) != 1) {
            return false;
        }
        used_ = 0;
        return true;
    }

    std::array<u_char, 256 * kIdSize> bytes_{};
    std::size_t used_ = bytes_.size();
};

RandomBytes random_bytes;

constexpr ByteBlock digits_of(const ByteBlock &nibbles) noexcept {
    return nibbles + each('0') + ((nibbles > each(9)) & each('a' - '0' - 10));
}

// What ngx_hex_dump writes, digit by digit.
void write_hex(const u_char *bytes, std::array<u_char, 2 * kIdSize> &text) noexcept {
    using Unsigned = unsigned char __attribute__((vector_size(sizeof(ByteBlock))));
    const ByteBlock block = load_block(reinterpret_cast<const char *>(bytes));
    const ByteBlock high = digits_of(ByteBlock(Unsigned(block) >> 4));
    const ByteBlock low = digits_of(block & each(0xf));
    auto *digits = reinterpret_cast<char *>(text.data());
    store_block(digits, __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21,
                                                6, 22, 7, 23));
    store_block(digits + kIdSize, __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27,
                                                          12, 28, 13, 29, 14, 30, 15, 31));
}

// As ngx_http_variable_request_id does it.
void set_text(const RequestState &state, ngx_http_variable_value_t &value) noexcept {
    constexpr unsigned kTextSize = 2 * kIdSize;
    static_assert(kTextSize == sizeof(state.request_id));
    value.len = kTextSize;
    value.data = state.request_id.data();
    value.valid = 1;
    value.no_cacheable = 0;
    value.not_found = 0;
}

// Where somebody has asked before, or there are no random bytes.
[[gnu::noinline]] std::string_view request_id_by_nginx(ngx_http_request_t *r,
                                                       ngx_uint_t index) noexcept {
    const ngx_http_variable_value_t *value = ngx_http_get_indexed_variable(r, index);
    return (value == nullptr || value->not_found) ? std::string_view{} : view(*value);
}

}  // namespace

std::string_view request_id_of(const RequestState &state) noexcept {
    ngx_http_request_t *r = state.request;
    const auto index = static_cast<ngx_uint_t>(main_configuration(r)->request_id_index);
    ngx_http_variable_value_t &value = r->variables[index];
    const u_char *bytes = value.valid || value.not_found ? nullptr : random_bytes.next();
    if (bytes == nullptr) {
        return request_id_by_nginx(r, index);
    }
    write_hex(bytes, state.request_id);
    set_text(state, value);
    return {reinterpret_cast<const char *>(state.request_id.data()), state.request_id.size()};
}

}  // namespace ipfence::module
