#include "engine/credential/presented_token.hpp"

#include <algorithm>
#include <array>

#include "engine/byte_block.hpp"
#include "engine/credential/parameter_scan.hpp"
#include "engine/letter_case.hpp"

namespace ipfence {

namespace {

// RFC 6750, section 2.2 and 2.3; what Salesforce calls it at its identity URLs, and Doorkeeper.
constexpr std::array<std::string_view, 3> kParameters{"access_token", "oauth_token",
                                                      "bearer_token"};

// Of the characters of RFC 6750's b64token, those that base64url and JWTs are made of, and a slash.
ByteBlock usual_bytes(const ByteBlock &block) noexcept {
    return is_letter(block) | is_between<'-', '9'>(block) | (block == each('_'));
}

// RFC 6750, section 2.1: b64token; and what else is in tokens that are in use, which no reader
// takes for an end: Salesforce's have a `!`, those of Laravel Sanctum a `|`.
bool is_token(std::string_view text) noexcept {
    const auto is_unusual = [](const ByteBlock &block) { return ~usual_bytes(block); };
    const auto is_no_token = [](const ByteBlock &block) {
        return ~(usual_bytes(block) | (block == each('~')) | (block == each('+')) |
                 (block == each('=')) | (block == each('!')) | (block == each('|')) |
                 (block == each(':')));
    };
    return !text.empty() && (!any_byte(text, is_unusual) || !any_byte(text, is_no_token));
}

bool is_token_scheme(std::string_view scheme) noexcept {
    constexpr std::string_view kUsual = "Bearer";
    return scheme == kUsual || equal_without_case(scheme, "bearer") ||
           equal_without_case(scheme, "dpop");
}

// The scheme of OAuth 2.0's drafts, which Salesforce takes still. OAuth 1.0 has parameters behind
// it.
bool is_draft_scheme(std::string_view scheme, std::string_view rest) noexcept {
    return equal_without_case(scheme, "oauth") && is_token(rest);
}

// Whether some reader that splits at commas would find a token in a header of another scheme.
bool mentions_token_scheme(std::string_view header) noexcept {
    for (std::size_t at = 0; at < header.size(); ++at) {
        const bool begins = at == 0 || header[at - 1] == ',' || header[at - 1] == ' ';
        const std::string_view rest = header.substr(at);
        if (begins && is_token_scheme(rest.substr(0, rest.find_first_of(" ,\t")))) {
            return true;
        }
    }
    return false;
}

Result<PresentedToken, Refusal> read_authorization(std::string_view header) noexcept {
    if (header.empty()) {
        return PresentedToken{};
    }
    const std::size_t space = header.find(' ');
    const std::string_view scheme = header.substr(0, space);
    std::string_view token = header.substr(std::min(space, header.size()));
    token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
    if (!is_token_scheme(scheme) && !is_draft_scheme(scheme, token)) {
        if (mentions_token_scheme(header)) {
            return Refusal{"the Authorization header has more than one reading"};
        }
        return PresentedToken{PresentedToken::Kind::foreign, {}};
    }
    if (!is_token(token)) {
        return Refusal{"the Authorization header has no single readable token"};
    }
    return PresentedToken{PresentedToken::Kind::token, token};
}

}  // namespace

Result<PresentedToken, Refusal> find_presented_token(std::string_view authorization,
                                                     std::string_view query,
                                                     std::string_view form_body,
                                                     std::span<char> storage) noexcept {
    auto presented = read_authorization(authorization);
    if (!presented || (query.empty() && form_body.empty())) {
        return presented;
    }
    ParameterScan scan(kParameters);
    for (const std::string_view text : {query, form_body}) {
        if (const auto refusal = scan.read(text, storage)) {
            return *refusal;
        }
    }
    std::optional<std::string_view> token;
    unsigned count = presented->kind == PresentedToken::Kind::none ? 0 : 1;
    for (std::size_t index = 0; index < kParameters.size(); ++index) {
        if (scan.value(index)) {
            token = scan.value(index);
            ++count;
        }
    }
    if (!token) {
        return presented;
    }
    if (count > 1) {
        return Refusal{"the request has more than one credential"};
    }
    if (!is_token(*token)) {
        return Refusal{"the access_token is not readable"};
    }
    return PresentedToken{PresentedToken::Kind::token, *token};
}

}  // namespace ipfence
