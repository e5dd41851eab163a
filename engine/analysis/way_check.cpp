// threats.md, K and lint (1): every way to the provider, and whether something decides on it.

#include <array>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/rules.hpp"

namespace ipfence {

namespace {

std::string in_quotes(std::string_view text) {
    return '"' + std::string(text) + '"';
}

std::string text_of(const Pass &pass) {
    const std::string_view target = pass.directive->argument(0);
    const std::string directive =
        std::string(pass.directive->name()) + (target.empty() ? "" : " ") + std::string(target);
    return pass.scope == nullptr ? in_quotes(directive)
                                 : in_quotes(directive) + " in " + pass.scope->text();
}

// Who leads there: without a client asking for it, so it may be missed in a test.
std::string led_to_by(const Site &site, const Scope &target) {
    constexpr std::array<std::string_view, 3> kSubrequests{"mirror", "auth_request", "post_action"};
    for (const Scope *scope : site.scopes()) {
        for (const std::string_view name : kSubrequests) {
            const NginxDirective *leads = scope->own(name);
            if (leads == nullptr || target.server() == nullptr) {
                continue;
            }
            const bool is_same_server =
                scope->server() == nullptr || scope->server() == target.server();
            if (is_same_server &&
                site.find_location(*target.server(), leads->argument(0)) == &target.location()) {
                return ", to which " + in_quotes(name) + " leads in line " +
                       std::to_string(leads->place.line);
            }
        }
    }
    return {};
}

// What is wrong with a pass that nothing judges; null when nothing is.
const LintRule *objection_to(const Site &site, const Pass &pass) {
    if (!pass.route.is_known) {
        return &rules::kUnknownTarget;
    }
    if (!site.reaches_provider(pass)) {
        return nullptr;
    }
    const bool has_guard = pass.route.is_always_guarded;
    if (!pass.scope->is_off_here()) {
        // The guard only watches what is monitored.
        return has_guard && !pass.scope->is_monitored() ? &rules::kRefusedLocation
                                                        : &rules::kUnguardedLocation;
    }
    // A request that was denied before cannot come here when the guard remembers it.
    return has_guard && pass.scope->is_internal() ? nullptr : &rules::kOffLocation;
}

void check_unguarded(const Site &site, const Pass &pass, Findings &findings) {
    if (const LintRule *rule = objection_to(site, pass)) {
        findings.add(*rule, pass.directive->place, text_of(pass) + led_to_by(site, *pass.scope));
    }
}

bool lets_request_choose(const Site &site, const Pass &pass) {
    return !pass.route.is_known || site.variables().is_client_chosen(pass.directive->argument(0));
}

void check_guarded(const Site &site, const Pass &pass, Findings &findings) {
    if (lets_request_choose(site, pass)) {
        findings.add(rules::kVariableTarget, pass.directive->place, text_of(pass));
    }
    if (!pass.route.is_known || pass.route.is_always_guarded) {
        return;
    }
    for (const Upstream *upstream : pass.route.upstreams) {
        if (!upstream->is_guarded) {
            findings.add(rules::kUnguardedUpstream, upstream->block->place,
                         "upstream " + in_quotes(upstream->block->argument(0)) +
                             " is the provider of guarded locations");
        }
    }
    if (pass.route.upstreams.empty()) {
        findings.add(rules::kUnguardedUpstream, pass.directive->place,
                     text_of(pass) + " names no upstream block");
    }
}

}  // namespace

void check_ways_to_provider(const Site &site, Findings &findings) {
    if (!site.has_provider() && site.guarded_passes().empty()) {
        findings.add(rules::kNothingGuarded, {0, 1}, "nothing is guarded");
        return;
    }
    for (const Pass &pass : site.http_passes()) {
        if (pass.is_guarded()) {
            check_guarded(site, pass, findings);
        } else {
            check_unguarded(site, pass, findings);
        }
    }
    for (const Pass &pass : site.stream_passes()) {
        if (!pass.route.is_known) {
            findings.add(rules::kUnknownTarget, pass.directive->place,
                         text_of(pass) + (pass.scope == nullptr ? " in a stream server" : ""));
        } else if (site.reaches_provider(pass)) {
            findings.add(rules::kUnguardedStream, pass.directive->place, text_of(pass));
        }
    }
}

}  // namespace ipfence
