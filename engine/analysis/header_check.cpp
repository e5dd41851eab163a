// threats.md, lint (7) to (9): headers between the gate and the provider.

#include <algorithm>
#include <array>

#include "engine/analysis/checks.hpp"
#include "engine/analysis/rules.hpp"
#include "engine/letter_case.hpp"

namespace ipfence {

namespace {

// `proxy_set_header` where the pass is a `proxy_pass`, and so on.
std::string sibling(const Pass &pass, std::string_view ending) {
    const std::string_view name = pass.directive->name();
    return std::string(name.substr(0, name.find("_pass"))) + std::string(ending);
}

void check_accelerated_redirect(const Pass &pass, Findings &findings) {
    const std::string name = sibling(pass, "_ignore_headers");
    const NginxDirective *ignored = pass.scope->effective(name);
    const bool is_ignored =
        ignored != nullptr && std::ranges::any_of(ignored->words, [](std::string_view word) {
            return equal_without_case(word, "X-Accel-Redirect");
        });
    if (!is_ignored) {
        findings.add(rules::kAcceleratedRedirect, pass.directive->place,
                     pass.scope->text() + " obeys the provider's X-Accel-Redirect");
    }
}

// As the client sent it, or not at all. What ipfence has set in its request the variable gives.
bool is_of_client(std::string_view value, std::string_view variable) {
    return value.empty() || value == '$' + std::string(variable) ||
           value == "${" + std::string(variable) + '}';
}

template <class IsHarmless>
void check_set_header(const Pass &pass, std::string_view name, const LintRule &rule,
                      IsHarmless is_harmless, Findings &findings) {
    for (const NginxDirective *header : pass.scope->all_effective(sibling(pass, "_set_header"))) {
        const std::string_view value = header->argument(1);
        if (equal_without_case(header->argument(0), name) && !is_harmless(value)) {
            findings.add(rule, header->place,
                         std::string(name) + " is set to \"" + std::string(value) + '"');
        }
    }
}

void check_content_coding(const Pass &pass, Findings &findings) {
    const auto is_harmless = [](std::string_view value) {
        return value == "identity" || is_of_client(value, "http_accept_encoding");
    };
    check_set_header(pass, "Accept-Encoding", rules::kContentCoding, is_harmless, findings);
}

// Whose the credential is that is set, the deployment may say.
bool has_assured_name(const Scope &scope) {
    return scope.effective("ipfence_user") != nullptr || scope.effective("ipfence_app") != nullptr;
}

void check_credentials(const Pass &pass, Findings &findings) {
    if (has_assured_name(*pass.scope)) {
        return;
    }
    const auto is_of = [](std::string_view variable) {
        return [variable](std::string_view value) { return is_of_client(value, variable); };
    };
    check_set_header(pass, "Authorization", rules::kChangedCredential, is_of("http_authorization"),
                     findings);
    check_set_header(pass, "Cookie", rules::kChangedCredential, is_of("http_cookie"), findings);
}

bool is_set(const std::vector<const NginxDirective *> &set_headers, std::string_view name) {
    return std::ranges::any_of(set_headers, [name](const NginxDirective *header) {
        return equal_without_case(header->argument(0), name);
    });
}

// The gate and the provider must not read two different requests (threats.md, A18 and lint (9)).
void check_client_headers(const Pass &pass, Findings &findings) {
    constexpr std::array<std::string_view, 5> kTelling{"X-Forwarded-For", "Forwarded",
                                                       "X-Original-URL", "X-Rewrite-URL",
                                                       "X-HTTP-Method-Override"};
    const std::string_view name = pass.directive->name();
    if (name != "proxy_pass" && name != "grpc_pass") {
        return;  // the others pass parameters, not headers
    }
    const auto set_headers = pass.scope->all_effective(sibling(pass, "_set_header"));
    std::string passed;
    for (const std::string_view header : kTelling) {
        if (!is_set(set_headers, header)) {
            passed += (passed.empty() ? "" : ", ") + std::string(header);
        }
    }
    if (!passed.empty()) {
        findings.add(rules::kClientHeaders, pass.directive->place,
                     pass.scope->text() + " passes on the client's " + passed);
    }
}

}  // namespace

void check_headers(const Site &site, Findings &findings) {
    for (const Pass *pass : site.guarded_passes()) {
        check_accelerated_redirect(*pass, findings);
        check_content_coding(*pass, findings);
        check_credentials(*pass, findings);
        check_client_headers(*pass, findings);
    }
}

}  // namespace ipfence
