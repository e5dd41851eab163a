// threats.md, A01 to A10: other spellings of a path that many providers take for the same.

#include <algorithm>
#include <array>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/rules.hpp"

namespace ipfence {

namespace {

std::string in_upper_case(std::string_view text) {
    std::string upper(text);
    std::ranges::transform(upper, upper.begin(), [](char byte) {
        return byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte;
    });
    return upper;
}

// Whether a regular expression without regard to case, of the same kind, may take them.
bool has_lenient_location(const Site &site, const Scope &server, std::string_view kind) {
    return std::ranges::any_of(site.scopes(), [&](const Scope *scope) {
        return scope->type() == Scope::Type::location && scope->server() == &server &&
               scope->path().modifier == "~*" && scope->kind() == kind;
    });
}

// Whether the location that takes a spelling passes it on to the provider as something else.
bool passes_as_another(const Site &site, const Scope &other, std::string_view kind) {
    const Pass *pass = site.pass_of(other);
    if (pass == nullptr || !site.reaches_provider(*pass) || other.kind() == kind ||
        other.kind().starts_with('$')) {
        return false;
    }
    return other.is_guarded() || other.is_off_here() || !pass->route.is_always_guarded;
}

}  // namespace

void check_spellings(const Site &site, Findings &findings) {
    for (const Pass *pass : site.guarded_passes()) {
        const Scope &location = pass->scope->location();
        const Scope *server = location.server();
        const auto [modifier, path] = location.path();
        const std::string_view kind = location.kind();
        if (server == nullptr || !path.starts_with('/') || modifier.starts_with('~') ||
            kind.starts_with('$') || has_lenient_location(site, *server, kind)) {
            continue;
        }
        const std::array<std::string, 2> spellings{in_upper_case(path), std::string(path) + '/'};
        for (const std::string &spelling : spellings) {
            const Scope *other = site.find_location(*server, spelling);
            if (other != nullptr && other != &location && passes_as_another(site, *other, kind)) {
                findings.add(rules::kOtherSpellings, location.block().place,
                             '"' + spelling + "\" is not in " + location.text() + " but in " +
                                 other->text());
            }
        }
    }
}

}  // namespace ipfence
