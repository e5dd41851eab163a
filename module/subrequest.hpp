#pragma once

#include <optional>
#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// A form that the gate itself sends to a location of this server.
struct FormRequest {
    ngx_str_t uri;
    std::string_view body;           ///< encoded; lives as long as the main request
    std::string_view authorization;  ///< an `Authorization` header; empty: none
};

/// What happens, once, when the answer is there; `data` is the caller's. It must not throw.
using FormAnswered = void (*)(ngx_http_request_t *subrequest, void *data, ngx_int_t rc) noexcept;

/// Posts a form as a subrequest that carries nothing of the client's: no header, no cookie, no
/// body. Its answer is captured in its RequestState and goes to nobody. In the background, or else
/// the main request waits for it. False when there is no memory, or nginx refuses.
bool post_form(ngx_http_request_t *r, const FormRequest &form, bool in_background,
               FormAnswered answered, void *data);

/// The captured answer; empty optional when it is not a whole one of status 200.
std::optional<std::string_view> captured_answer(ngx_http_request_t *subrequest) noexcept;

/// Builds an application/x-www-form-urlencoded body in pool memory.
class FormBuilder {
  public:
    explicit FormBuilder(ngx_pool_t *pool, std::size_t capacity) noexcept;

    /// Adds a parameter; `name` is a literal that needs no encoding. An empty value adds nothing.
    void add(std::string_view name, std::string_view value) noexcept;

    /// Bytes that a parameter may need.
    static std::size_t size_of(std::string_view name, std::string_view value) noexcept {
        return name.size() + 3 * value.size() + 2;
    }

    /// The body; empty when there was no memory.
    std::string_view text() const noexcept {
        return {reinterpret_cast<const char *>(start_), static_cast<std::size_t>(last_ - start_)};
    }

  private:
    u_char *start_;
    u_char *last_;
    u_char *end_;
};

}  // namespace ipfence::module
