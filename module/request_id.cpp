#include "module/request_id.hpp"

#include <openssl/rand.h>

#include <array>

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

// As ngx_http_variable_request_id does it.
bool set_id(const RequestState &state, ngx_http_variable_value_t *value) noexcept {
    constexpr unsigned kTextSize = 2 * kIdSize;
    static_assert(kTextSize == sizeof(state.request_id));
    const u_char *bytes = random_bytes.next();
    if (bytes == nullptr) {
        return false;
    }
    ngx_hex_dump(state.request_id.data(), const_cast<u_char *>(bytes), kIdSize);
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
