#include "engine/credential/form.hpp"

#include <algorithm>

#include "engine/credential/percent_decoding.hpp"
#include "engine/credential/text.hpp"

namespace ipfence {

namespace {

// The parameters of RFC 6749, 7521, 7523, 7636, 8628, 8693, 8707 and 9449 that a provider acts
// upon. A name that a lenient parser folds onto one of them is not let through.
constexpr std::array<std::string_view, 27> kKnownNames{
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "username",
    "password",
    "scope",
    "assertion",
    "device_code",
    "subject_token",
    "subject_token_type",
    "actor_token",
    "actor_token_type",
    "requested_token_type",
    "audience",
    "resource",
    "state",
    "access_token",
    "id_token",
    "token",
    "user_code",
    "auth_req_id",
};

constexpr std::array<std::string_view, 2> kRepeatableNames{"resource", "audience"};

// Whether every byte may stand in a form unescaped. Some parsers end a parameter at a semicolon.
// Looks at all bytes, many at a time, rather than stop at the first bad one; a `bool` here would
// keep g++ from it.
bool is_raw_form(std::string_view body) noexcept {
    unsigned char found = 0;
    for (const char byte : body) {
        found |= byte <= ' ' || byte > '~' || byte == ';';
    }
    return found == 0;
}

constexpr bool is_name_byte(char byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' || byte == '-';
}

// What PHP, ASP.NET and others make of a name: case is lost, dots and dashes become underscores.
constexpr char folded(char byte) noexcept {
    if (byte >= 'A' && byte <= 'Z') {
        return static_cast<char>(byte - 'A' + 'a');
    }
    return byte == '.' || byte == '-' ? '_' : byte;
}

bool is_folded(std::string_view name) noexcept {
    return std::ranges::equal(name, name, {}, folded);
}

bool folds_onto(std::string_view name, std::string_view known) noexcept {
    return std::ranges::equal(name, known, {}, folded);
}

// Rails and others take the method from here.
constexpr std::string_view kMethodParameter = "_method";

std::optional<Refusal> refuse_name(std::string_view name) noexcept {
    if (name.empty()) {
        return Refusal{"a parameter has no name"};
    }
    if (!std::ranges::all_of(name, is_name_byte)) {
        return Refusal{"a parameter name has characters that parsers read differently"};
    }
    if (folds_onto(name, kMethodParameter)) {
        return Refusal{"the method must not be overridden"};
    }
    // To qs (with `allowDots`) the first of these is a name without what is before it.
    if (name.starts_with('.') || name.ends_with('.')) {
        return Refusal{"a parameter name begins or ends with a dot"};
    }
    if (!is_folded(name) && std::ranges::any_of(kKnownNames, [name](std::string_view known) {
            return folds_onto(name, known);
        })) {
        return Refusal{"a parameter name is a variant spelling of an OAuth parameter"};
    }
    return std::nullopt;
}

bool is_repeatable(std::string_view name) noexcept {
    return std::ranges::find(kRepeatableNames, name) != kRepeatableNames.end();
}

}  // namespace

Result<Form, Refusal> Form::parse(std::string_view body, std::span<char> storage) noexcept {
    if (!is_raw_form(body)) {
        return Refusal{"the body has a byte that a form must escape"};
    }
    Form form;
    bool more = !body.empty();
    while (more) {
        const std::size_t ampersand = body.find('&');
        const std::string_view piece = body.substr(0, ampersand);
        more = ampersand != std::string_view::npos;
        body.remove_prefix(more ? ampersand + 1 : body.size());

        if (const auto refusal = form.add(piece, storage)) {
            return *refusal;
        }
    }
    return form;
}

std::optional<Refusal> Form::add(std::string_view piece, std::span<char> &storage) noexcept {
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos) {
        return Refusal{"a parameter has no value, or the body is not a form"};
    }
    if (count_ == kMaxParameters) {
        return Refusal{"the request has too many parameters"};
    }
    const auto name = decode_form_text(piece.substr(0, equals), storage);
    if (!name) {
        return Refusal{"a parameter name is badly encoded"};
    }
    storage = storage.subspan(name->size());
    const auto value = decode_form_text(piece.substr(equals + 1), storage);
    if (!value) {
        return Refusal{"a parameter value is badly encoded"};
    }
    storage = storage.subspan(value->size());
    if (has_control_byte(*value)) {
        return Refusal{"a parameter value has a control byte"};
    }
    if (const auto refusal = refuse_name(*name)) {
        return refusal;
    }
    if (find(*name) && !is_repeatable(*name)) {
        return Refusal{"a parameter is repeated"};
    }
    parameters_[count_++] = {*name, *value};
    return std::nullopt;
}

std::optional<std::string_view> Form::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(parameters(), name, &Parameter::name);
    return found == parameters().end() ? std::nullopt : std::optional(found->value);
}

}  // namespace ipfence
