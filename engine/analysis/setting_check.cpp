// threats.md, lint (2), (5) and (10): directives that are wrong by their value, wherever they hold
// for a guarded location.

#include <array>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/rules.hpp"

namespace ipfence {

namespace {

struct UnsafeSetting {
    std::string_view directive;
    std::string_view unsafe;  // its value; empty: any but "off"
    const Rule *rule;
};

constexpr std::array kUnsafeSettings{
    UnsafeSetting{"satisfy", "any", &rules::kSatisfyAny},
    UnsafeSetting{"mirror", "", &rules::kMirror},
    UnsafeSetting{"ssi", "on", &rules::kServerSideIncludes},
    UnsafeSetting{"post_action", "", &rules::kPostAction},
    UnsafeSetting{"proxy_set_body", "", &rules::kChangedBody},
    UnsafeSetting{"proxy_pass_request_body", "off", &rules::kChangedBody},
    UnsafeSetting{"proxy_method", "", &rules::kChangedMethod},
    UnsafeSetting{"proxy_cache", "", &rules::kCachedAnswers},
    UnsafeSetting{"fastcgi_cache", "", &rules::kCachedAnswers},
    UnsafeSetting{"scgi_cache", "", &rules::kCachedAnswers},
    UnsafeSetting{"uwsgi_cache", "", &rules::kCachedAnswers},
    UnsafeSetting{"ssl_early_data", "on", &rules::kEarlyData},
    UnsafeSetting{"merge_slashes", "off", &rules::kUnmergedSlashes},
    UnsafeSetting{"underscores_in_headers", "on", &rules::kUnderscores},
    UnsafeSetting{"ignore_invalid_headers", "off", &rules::kInvalidHeaders},
};

bool is_unsafe(const UnsafeSetting &setting, std::string_view value) {
    return setting.unsafe.empty() ? value != "off" : value == setting.unsafe;
}

}  // namespace

void check_settings(const Site &site, Findings &findings) {
    for (const Pass *pass : site.guarded_passes()) {
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
