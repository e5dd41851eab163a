#include "engine/credential/basic.hpp"

#include <algorithm>

#include "engine/credential/base64.hpp"
#include "engine/credential/percent_decoding.hpp"
#include "engine/credential/text.hpp"
#include "engine/letter_case.hpp"

namespace ipfence {

namespace {

constexpr std::string_view kScheme = "basic";

bool has_basic_scheme(std::string_view authorization) noexcept {
    return authorization.size() > kScheme.size() && authorization[kScheme.size()] == ' ' &&
           equal_without_case(authorization.substr(0, kScheme.size()), kScheme);
}

}  // namespace

Result<BasicClient, Refusal> parse_basic(std::string_view authorization,
                                         std::span<char> storage) noexcept {
    if (!has_basic_scheme(authorization)) {
        return Refusal{"the Authorization scheme must be Basic"};
    }
    // RFC 9110, section 11.4: one space, though more are possible.
    std::string_view encoded = authorization.substr(kScheme.size());
    encoded.remove_prefix(std::min(encoded.find_first_not_of(' '), encoded.size()));

    const auto credentials = decode_base64(encoded, storage);
    if (!credentials) {
        return Refusal{"the Authorization header is not canonical base64"};
    }
    if (has_control_byte(*credentials)) {
        return Refusal{"the Authorization header has a control byte"};
    }
    const std::size_t colon = credentials->find(':');
    if (colon == std::string_view::npos) {
        return Refusal{"the Authorization header has no colon"};
    }
    const std::string_view raw = credentials->substr(0, colon);
    const auto client_id = decode_form_text(raw, storage.subspan(credentials->size()));
    if (!client_id || !is_name(*client_id)) {
        return Refusal{"the Authorization header names no readable client"};
    }
    return BasicClient{*client_id, raw};
}

}  // namespace ipfence
