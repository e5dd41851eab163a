#include "module/token_query.hpp"

#include <algorithm>

#include "engine/credential/form.hpp"

namespace ipfence::module {

namespace {

bool are_all_named(const Form &form, const ngx_array_t &names) noexcept {
    return std::ranges::all_of(form.parameters(), [&names](const Form::Parameter &parameter) {
        return std::ranges::any_of(
            elements<const ngx_str_t>(names),
            [&parameter](const ngx_str_t &name) { return view(name) == parameter.name; });
    });
}

}  // namespace

// RFC 6749, section 3.2: the endpoint's URI may have a query of its own.
bool has_allowed_query(ngx_http_request_t *r) {
    const ngx_array_t *names = location_configuration(r)->token_query;
    if (r->args.len == 0 || names == nullptr) {
        return r->args.len == 0;
    }
    const std::size_t size = Form::storage_size(r->args.len);
    auto *storage = static_cast<char *>(ngx_pnalloc(r->pool, size));
    if (storage == nullptr) {
        return false;
    }
    const auto form = Form::parse(view(r->args), std::span<char>(storage, size));
    return form && are_all_named(*form, *names);
}

}  // namespace ipfence::module
