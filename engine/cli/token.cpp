#include <CLI/CLI.hpp>
#include <ctime>
#include <iostream>
#include <optional>

#include "engine/cli/calls.hpp"
#include "engine/cli/moment.hpp"
#include "engine/cli/paragraph.hpp"
#include "engine/json.hpp"
#include "engine/signature/verified_jwt.hpp"
#include "engine/source_text.hpp"

namespace ipfence::cli {

namespace {

struct TokenArguments {
    std::optional<std::string> jwks;
    std::string token;
};

std::string without_trailing_space(std::string text) {
    text.resize(text.find_last_not_of(" \t\r\n") + 1);
    return text;
}

Result<std::string> token_of(const std::string &argument) {
    if (argument != "-") {
        return argument;
    }
    // More than a token may have, so that one that is too large shows.
    auto text = read_text(stdin, 2 * DecodedJws::kMaxSize);
    if (!text) {
        return Error{"standard input " + text.error().message};
    }
    return without_trailing_space(std::move(text).value());
}

Result<Jwks> key_set_of(const std::string &file) {
    const auto text = read_text(file, SourceKind::any, Jwks::kMaxTextSize);
    if (!text) {
        return Error{file + ": " + text.error().message};
    }
    auto jwks = Jwks::parse(*text);
    return jwks ? std::move(jwks) : Error{file + ": " + jwks.error().message};
}

struct Keys {
    std::optional<Jwks> set;
    std::string why_none = "--jwks FILE was not given";
};

// What a token says is to be seen also where the keys are at fault.
Keys keys_of(const std::optional<std::string> &file) {
    if (!file) {
        return {};
    }
    auto read = key_set_of(*file);
    if (!read) {
        std::cerr << "ipfence: " << read.error().message << '\n';
        return {std::nullopt, read.error().message};
    }
    return {std::move(read).value(), {}};
}

// Nobody vouches for a token before it is verified: what a terminal could take for a command is
// escaped, as everything is that is not ASCII.
std::string pretty(std::string_view json) {
    const OwnedJson value = load_json(json, JSON_REJECT_DUPLICATES);
    if (!json_is_object(value.get())) {
        return "not a JSON object with unique members";
    }
    return dump_json(value.get(), JSON_INDENT(2) | JSON_ENSURE_ASCII);
}

std::string time_text(const Claims &claims, const char *name, Claims::Rounding rounding,
                      std::int64_t now) {
    if (const auto time = claims.time(name, rounding)) {
        return moment_text(*time, now);
    }
    if (const auto number = claims.integer(name)) {
        return moment_text(*number, now);  // out of range
    }
    return claims.has(name) ? "no number of seconds in range" : "missing";
}

void print_times(std::string_view payload, std::int64_t now) {
    using Rounding = Claims::Rounding;
    const auto claims = Claims::parse(payload);
    if (!claims) {
        return;
    }
    std::cout << "\nTimes\n"
              << paragraph("  expires (exp)     ", time_text(*claims, "exp", Rounding::down, now));
    if (claims->has("nbf")) {
        std::cout << paragraph("  not before (nbf)  ",
                               time_text(*claims, "nbf", Rounding::up, now));
    }
    if (claims->has("iat")) {
        std::cout << paragraph("  issued (iat)      ",
                               time_text(*claims, "iat", Rounding::up, now));
    }
}

std::string signature_text(const Jwks &jwks, std::string_view token) {
    const auto verified = verify_jws(jwks, token);
    if (!verified) {
        return "does not verify: " + std::string(verified.error().description);
    }
    return verified->key_id.empty()
               ? "verifies"
               : "verifies with the key \"" + std::string(verified->key_id) + '"';
}

// Whether the token is verified.
bool print_verification(const Keys &keys, std::string_view token, std::int64_t now) {
    std::cout << "\nVerification\n";
    if (!keys.set) {
        std::cout << paragraph("  signature  ", "not checked: " + keys.why_none)
                  << paragraph("  token      ", "not verified");
        return false;
    }
    JwtExpectations expectations;
    expectations.now = now;
    const auto verified = verify_jwt(*keys.set, token, expectations);
    const std::string outcome =
        verified ? "verified" : "not verified: " + std::string(verified.error().description);
    std::cout << paragraph("  signature  ", signature_text(*keys.set, token))
              << paragraph("  token      ", outcome);
    return verified.ok();
}

int fault(const Error &error) {
    std::cerr << "ipfence: " << error.message << '\n';
    return kExitFault;
}

int show_token(const TokenArguments &arguments) {
    const Keys keys = keys_of(arguments.jwks);
    const auto token = token_of(arguments.token);
    if (!token) {
        return fault(token.error());
    }
    const auto jws = decode_jws(*token);
    if (!jws) {
        return fault({std::string(jws.error().description)});
    }
    const std::int64_t now = std::time(nullptr);
    std::cout << "Header\n"
              << pretty(jws->header) << "\n\nClaims\n"
              << pretty(jws->payload) << '\n';
    print_times(jws->payload, now);
    const bool is_verified = print_verification(keys, *token, now);
    std::cout << std::flush;
    return std::cout && is_verified ? kExitFine : kExitFault;
}

}  // namespace

void add_token(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand(
        "token", "Show what a JWT says, and whether it verifies and why not");
    const auto arguments = std::make_shared<TokenArguments>();
    call->add_option("--jwks", arguments->jwks, "The key set that must verify its signature")
        ->type_name("FILE");
    call->add_option("TOKEN", arguments->token,
                     "The token; - reads it from standard input, where no list of processes shows "
                     "it")
        ->required()
        ->type_name("");
    call->callback([arguments, &exit_code] { exit_code = show_token(*arguments); });
}

}  // namespace ipfence::cli
