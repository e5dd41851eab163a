#include "module/policy_file.hpp"

#include <span>
#include <string>
#include <vector>

#include "engine/policy/load_policy.hpp"
#include "module/directive.hpp"

namespace ipfence::module {

namespace {

void report(ngx_conf_t *cf, ngx_uint_t level, const std::vector<Diagnostic> &diagnostics) {
    for (const Diagnostic &diagnostic : diagnostics) {
        const std::string text = diagnostic.text();
        const ngx_str_t line = ngx_view(text);
        ngx_conf_log_error(level, cf, 0, "%V", &line);
    }
}

ngx_http_ipfence_policy_t *load(ngx_conf_t *cf, const ngx_str_t &path) {
    PolicyLoad loaded = load_policy(std::string(view(path)));
    report(cf, NGX_LOG_EMERG, loaded.errors);
    report(cf, NGX_LOG_WARN, loaded.warnings);
    if (loaded.policy == nullptr) {
        return nullptr;
    }

    return owned_by_pool(cf->pool, std::move(loaded.policy));
}

}  // namespace

ngx_http_ipfence_policy_t *policy_of_file(ngx_conf_t *cf, ngx_http_ipfence_main_conf_t *conf,
                                          const ngx_str_t &path) {
    for (const PolicyFile &file :
         std::span(static_cast<PolicyFile *>(conf->policies.elts), conf->policies.nelts)) {
        if (view(file.path) == view(path)) {
            return file.policy;
        }
    }

    ngx_http_ipfence_policy_t *policy = load(cf, path);
    if (policy == nullptr) {
        return nullptr;
    }
    auto *file = static_cast<PolicyFile *>(ngx_array_push(&conf->policies));
    if (file == nullptr) {
        return nullptr;
    }
    *file = {path, policy};
    return policy;
}

}  // namespace ipfence::module
