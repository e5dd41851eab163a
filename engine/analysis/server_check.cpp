// threats.md, lint (6), (11), (13) and (15): listeners, sizes and timeouts of servers.

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/destination.hpp"
#include "engine/analysis/rules.hpp"

namespace ipfence {

namespace {

constexpr std::string_view kListenByDefault = "80";

bool has_word(const NginxDirective &directive, std::string_view word) {
    return std::ranges::find(directive.words, word) != directive.words.end();
}

std::vector<std::string_view> listeners_of(const Scope &server) {
    std::vector<std::string_view> listeners;
    for (const NginxDirective *listen : server.all_effective("listen")) {
        listeners.push_back(listen->argument(0));
    }
    return listeners.empty() ? std::vector{kListenByDefault} : listeners;
}

bool is_default(const Scope &server, std::string_view listener) {
    return std::ranges::any_of(server.all_effective("listen"), [&](const NginxDirective *listen) {
        return listen->argument(0) == listener &&
               (has_word(*listen, "default_server") || has_word(*listen, "default"));
    });
}

void check_default_servers(const Site &site, Findings &findings) {
    // Without the word, the first server that listens there is it.
    std::map<std::string, const Scope *> defaults;
    for (const Scope *scope : site.scopes()) {
        if (scope->type() != Scope::Type::server) {
            continue;
        }
        for (const std::string_view listener : listeners_of(*scope)) {
            const auto [place, is_first] = defaults.emplace(listener_key(listener), scope);
            if (!is_first && is_default(*scope, listener)) {
                place->second = scope;
            }
        }
    }
    for (const auto &[listener, server] : defaults) {
        if (!site.guarded_passes_of(*server).empty()) {
            findings.add(rules::kDefaultServer, server->block().place,
                         server->text() + " is the default server of " + listener);
        }
    }
}

void check_quic(const Site &site, Findings &findings) {
    for (const Scope *scope : site.scopes()) {
        if (scope->type() != Scope::Type::server || site.guarded_passes_of(*scope).empty()) {
            continue;
        }
        for (const NginxDirective *listen : scope->all_effective("listen")) {
            if (has_word(*listen, "quic")) {
                findings.add(
                    rules::kQuicListener, listen->place,
                    scope->text() + " takes HTTP/3 at " + std::string(listen->argument(0)));
            }
        }
    }
}

// As ngx_parse_size reads it; empty for what that refuses.
std::optional<std::uint64_t> size_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (fault != std::errc{}) {
        return std::nullopt;
    }
    if (unit.empty()) {
        return number;
    }
    constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
    constexpr std::array<std::pair<std::string_view, unsigned>, 3> kUnits{
        {{"kK", 10}, {"mM", 20}, {"gG", 30}}};
    for (const auto &[letters, bits] : kUnits) {
        if (unit.size() == 1 && letters.find(unit) != std::string_view::npos && number <= kMost) {
            return number << bits;
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> effective_size(const Scope &scope, std::string_view name,
                                            std::uint64_t by_default) {
    const NginxDirective *directive = scope.effective(name);
    return directive == nullptr ? by_default : size_of(directive->argument(0));
}

void check_body_sizes(const Site &site, Findings &findings) {
    constexpr std::string_view kMaxSize = "client_max_body_size";
    for (const Pass *pass : site.guarded_passes()) {
        const auto largest = effective_size(*pass->scope, kMaxSize, 1024 * 1024);
        const auto limit = effective_size(*pass->scope, "ipfence_body_limit", 64 * 1024);
        if (!largest || !limit || (*largest != 0 && *largest >= *limit)) {
            continue;
        }
        const NginxDirective *directive = pass->scope->effective(kMaxSize);
        const ConfigurationPlace place =
            directive == nullptr ? pass->directive->place : directive->place;
        findings.add(rules::kBodySize, place,
                     *largest == 0 ? "bodies of any size are passed on"
                                   : "nginx takes " + std::to_string(*largest) +
                                         " bytes, ipfence_body_limit is " + std::to_string(*limit));
    }
}

void check_shutdown(const Site &site, Findings &findings) {
    const auto &directives = site.configuration().directives;
    const auto named = [&](std::string_view name) {
        return std::ranges::find(directives, name, &NginxDirective::name);
    };
    const auto http = named("http");
    if (named("worker_shutdown_timeout") == directives.end() && http != directives.end() &&
        !site.guarded_passes().empty()) {
        findings.add(rules::kShutdownTimeout, http->place,
                     "\"worker_shutdown_timeout\" is not set");
    }
}

// The nearest block with rules of nginx's own: it inherits those of another kind no more.
bool has_denials(const Scope &scope) {
    const bool has_own = scope.own("allow") != nullptr || scope.own("deny") != nullptr;
    if (has_own || scope.parent() == nullptr) {
        return scope.own("deny") != nullptr;
    }
    return has_denials(*scope.parent());
}

bool asks_who_it_is(const Scope &scope) {
    constexpr std::array<std::string_view, 2> kQuestions{"auth_basic", "auth_request"};
    return std::ranges::any_of(kQuestions, [&](std::string_view name) {
        const NginxDirective *question = scope.effective(name);
        return question != nullptr && question->argument(0) != "off";
    });
}

bool is_public(const Scope &scope) {
    const auto listeners = listeners_of(*scope.server());
    const bool is_local = std::ranges::all_of(listeners, is_local_listener);
    return !is_local && !scope.is_internal() && !has_denials(scope) && !asks_who_it_is(scope);
}

void check_status_pages(const Site &site, Findings &findings) {
    constexpr std::array<std::string_view, 4> kStatusPages{"ipfence_status", "stub_status", "api",
                                                           "vhost_traffic_status_display"};
    for (const Scope *scope : site.scopes()) {
        for (const std::string_view name : kStatusPages) {
            const NginxDirective *page = scope->own(name);
            if (page != nullptr && scope->server() != nullptr && is_public(*scope)) {
                findings.add(rules::kPublicStatus, page->place,
                             '"' + std::string(name) + "\" in " + scope->text());
            }
        }
    }
}

}  // namespace

void check_servers(const Site &site, Findings &findings) {
    check_default_servers(site, findings);
    check_quic(site, findings);
    check_body_sizes(site, findings);
    check_shutdown(site, findings);
    check_status_pages(site, findings);
}

}  // namespace ipfence
