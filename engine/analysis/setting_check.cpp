// threats.md, lint (2), (5) and (10): directives that are wrong by their value, wherever they hold
// for a guarded location.

#include <algorithm>
#include <array>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/rules.hpp"
#include "engine/letter_case.hpp"

namespace ipfence {

namespace {

struct UnsafeSetting {
    std::string_view directive;
    std::string_view unsafe;  // its value; empty: any but "off"
    const LintRule *rule;
};

constexpr std::array kUnsafeSettings{
    UnsafeSetting{"satisfy", "any", &rules::kSatisfyAny},
    UnsafeSetting{"mirror", "", &rules::kMirror},
    UnsafeSetting{"ssi", "on", &rules::kServerSideIncludes},
    UnsafeSetting{"post_action", "", &rules::kPostAction},
    UnsafeSetting{"proxy_set_body", "", &rules::kChangedBody},
    UnsafeSetting{"proxy_pass_request_body", "off", &rules::kChangedBody},
    UnsafeSetting{"fastcgi_pass_request_body", "off", &rules::kChangedBody},
    UnsafeSetting{"scgi_pass_request_body", "off", &rules::kChangedBody},
    UnsafeSetting{"uwsgi_pass_request_body", "off", &rules::kChangedBody},
    UnsafeSetting{"proxy_method", "", &rules::kChangedMethod},
    UnsafeSetting{"early_hints", "", &rules::kUnjudgedParts},
    UnsafeSetting{"proxy_pass_trailers", "on", &rules::kUnjudgedParts},
    UnsafeSetting{"proxy_cache", "", &rules::kCachedAnswers},
    UnsafeSetting{"fastcgi_cache", "", &rules::kCachedAnswers},
    UnsafeSetting{"scgi_cache", "", &rules::kCachedAnswers},
    UnsafeSetting{"uwsgi_cache", "", &rules::kCachedAnswers},
    UnsafeSetting{"proxy_store", "", &rules::kCachedAnswers},
    UnsafeSetting{"fastcgi_store", "", &rules::kCachedAnswers},
    UnsafeSetting{"scgi_store", "", &rules::kCachedAnswers},
    UnsafeSetting{"uwsgi_store", "", &rules::kCachedAnswers},
    UnsafeSetting{"ipfence_mode", "monitor", &rules::kMonitorMode},
    UnsafeSetting{"ssl_early_data", "on", &rules::kEarlyData},
    UnsafeSetting{"merge_slashes", "off", &rules::kUnmergedSlashes},
    UnsafeSetting{"underscores_in_headers", "on", &rules::kUnderscores},
    UnsafeSetting{"ignore_invalid_headers", "off", &rules::kInvalidHeaders},
};

constexpr std::array<std::string_view, 5> kNextUpstream{
    "proxy_next_upstream", "grpc_next_upstream", "fastcgi_next_upstream", "uwsgi_next_upstream",
    "scgi_next_upstream"};

void check_retries(const Pass &pass, Findings &findings) {
    for (const std::string_view name : kNextUpstream) {
        const NginxDirective *found = pass.scope->effective(name);
        const auto is_for_all = [](std::string_view word) {
            return equal_without_case(word, "non_idempotent");
        };
        if (found != nullptr && std::ranges::any_of(found->words, is_for_all)) {
            findings.add(
                rules::kRetriedRequests, found->place,
                '"' + found->words.front() + " ... non_idempotent\" holds for guarded locations");
        }
    }
}

// nginx takes a flag in any case, and an "off" that stands in the place of a name in lower case.
bool is_unsafe(const UnsafeSetting &setting, std::string_view value) {
    return setting.unsafe.empty() ? value != "off" : equal_without_case(value, setting.unsafe);
}

}  // namespace

void check_settings(const Site &site, Findings &findings) {
    for (const Pass *pass : site.guarded_passes()) {
        check_retries(*pass, findings);
        for (const UnsafeSetting &setting : kUnsafeSettings) {
            const NginxDirective *found = pass->scope->effective(setting.directive);
            if (found != nullptr && is_unsafe(setting, found->argument(0))) {
                findings.add(*setting.rule, found->place,
                             '"' + found->words.front() + ' ' + std::string(found->argument(0)) +
                                 "\" holds for guarded locations");
            }
        }
    }
}

}  // namespace ipfence
