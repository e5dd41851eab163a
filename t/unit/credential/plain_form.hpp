#pragma once

#include <algorithm>
#include <cctype>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/credential/form.hpp"

namespace ipfence {

/// What a form is: its parameters, or why it is none.
struct Reading {
    std::string refusal;
    std::vector<std::pair<std::string, std::string>> parameters;

    bool operator==(const Reading &) const = default;
};

inline std::ostream &operator<<(std::ostream &out, const Reading &reading) {
    out << '"' << reading.refusal << '"';
    for (const auto &[name, value] : reading.parameters) {
        out << " [" << name << "=" << value << "]";
    }
    return out;
}

inline std::optional<std::string> decoded(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        if (text.front() != '%') {
            plain += text.front() == '+' ? ' ' : text.front();
            text.remove_prefix(1);
            continue;
        }
        if (text.size() < 3 || std::isxdigit(static_cast<unsigned char>(text[1])) == 0 ||
            std::isxdigit(static_cast<unsigned char>(text[2])) == 0) {
            return std::nullopt;
        }
        plain += static_cast<char>(std::stoi(std::string(text.substr(1, 2)), nullptr, 16));
        text.remove_prefix(3);
    }
    return plain;
}

inline constexpr std::string_view kKnown[] = {
    "grant_type",
    "client_id",
    "client_secret",
    "code",
    "redirect_uri",
    "client_assertion",
    "code_verifier",
    "state",
    "client_assertion_type",
    "refresh_token",
    "username",
    "password",
    "scope",
    "assertion",
    "device_code",
    "subject_token",
    "actor_token",
    "subject_token_type",
    "actor_token_type",
    "audience",
    "requested_token_type",
    "resource",
    "access_token",
    "id_token",
    "token",
    "user_code",
    "auth_req_id",
    "requested_subject",
};

inline std::string folded(std::string_view name) {
    std::string plain;
    for (const char byte : name) {
        plain += byte == '.' || byte == '-'
                     ? '_'
                     : static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
    }
    return plain;
}

inline std::string plain_objection_to_name(const std::string &name) {
    if (name.empty()) {
        return "a parameter has no name";
    }
    for (const char byte : name) {
        if (std::isalnum(static_cast<unsigned char>(byte)) == 0 && byte != '_' && byte != '.' &&
            byte != '-') {
            return "a parameter name has characters that parsers read differently";
        }
    }
    if (folded(name) == "_method") {
        return "the method must not be overridden";
    }
    if (name.front() == '.' || name.back() == '.') {
        return "a parameter name begins or ends with a dot";
    }
    if (folded(name) != name && std::ranges::find(kKnown, folded(name)) != std::end(kKnown)) {
        return "a parameter name is a variant spelling of an OAuth parameter";
    }
    return "";
}

inline std::string objection_to_piece(std::string_view piece, Reading &reading) {
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos) {
        return "a parameter has no value, or the body is not a form";
    }
    if (reading.parameters.size() == Form::kMaxParameters) {
        return "the request has too many parameters";
    }
    const auto name = decoded(piece.substr(0, equals));
    const auto value = decoded(piece.substr(equals + 1));
    if (!name) {
        return "a parameter name is badly encoded";
    }
    if (!value) {
        return "a parameter value is badly encoded";
    }
    if (std::ranges::any_of(*value, [](char byte) {
            return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
        })) {
        return "a parameter value has a control byte";
    }
    if (const std::string objection = plain_objection_to_name(*name); !objection.empty()) {
        return objection;
    }
    for (const auto &[other, ignored] : reading.parameters) {
        if (other == *name && other != "resource" && other != "audience") {
            return "a parameter is repeated";
        }
    }
    reading.parameters.emplace_back(*name, *value);
    return "";
}

/// The reading of a form in plain steps.
inline Reading plain_reading_of(std::string_view body) {
    for (const char byte : body) {
        if (byte <= ' ' || byte > '~' || byte == ';') {
            return {"the body has a byte that a form must escape", {}};
        }
    }
    Reading reading;
    for (std::size_t begin = 0; begin < body.size();) {
        const std::size_t end = std::min(body.find('&', begin), body.size());
        const std::string objection = objection_to_piece(body.substr(begin, end - begin), reading);
        if (!objection.empty()) {
            return {objection, {}};
        }
        begin = end + 1;
    }
    return reading;
}

}  // namespace ipfence
