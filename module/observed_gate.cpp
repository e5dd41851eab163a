#include "module/observed_gate.hpp"

#include "engine/credential/form.hpp"
#include "module/cookies.hpp"
#include "module/form_body.hpp"
#include "module/outcome.hpp"
#include "module/replaced_sessions.hpp"
#include "module/shared_zone.hpp"

namespace ipfence::module {

namespace {

// RFC 7009, section 2.1. A form that has more than one reading names no token here; the provider
// gets it all the same, since nobody obtains anything by it.
std::optional<Digest> revoked_token(const RequestState &state, std::string_view form_text) {
    const Memory *memory = memory_of(state);
    const std::size_t size = Form::storage_size(form_text.size());
    auto *storage = static_cast<char *>(ngx_pnalloc(state.request->pool, size));
    if (memory == nullptr || storage == nullptr) {
        return std::nullopt;
    }
    const auto form = Form::parse(form_text, std::span<char>(storage, size));
    const std::string_view token =
        form ? form->find("token").value_or(std::string_view{}) : std::string_view{};
    return token.empty() ? std::nullopt : digest_of_token(*memory, token);
}

// What another node saw issued can only be forgotten by who knows what belongs to it. Whether or
// not the store can be asked, the provider gets the request.
Recall make_forgettable_known(RequestState &state) {
    if (state.revoked) {
        return make_known(state, std::span(&*state.revoked, 1));
    }
    if (state.kind == NGX_HTTP_IPFENCE_VERIFICATION) {
        return make_replaceable_sessions_known(state);
    }
    return state.kind == NGX_HTTP_IPFENCE_REVOCATION ? Recall::settled : make_sessions_known(state);
}

}  // namespace

ngx_int_t gate_observed_request(RequestState &state) {
    if (state.kind == NGX_HTTP_IPFENCE_REVOCATION) {
        const FormBody form = read_form_body(state);
        if (form.is_pending) {
            return form.rc;
        }
        if (!form.text.empty()) {
            state.revoked = revoked_token(state, form.text);
        }
    }
    if (make_forgettable_known(state) == Recall::pending) {
        return NGX_AGAIN;
    }
    state.response.mode = HeldResponse::Mode::header;
    return allow(state, Reason::observed, std::nullopt);
}

}  // namespace ipfence::module
