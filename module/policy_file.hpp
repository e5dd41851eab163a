#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// A policy that some directive named, and the object that came of it. The object lives as long as
/// the configuration pool, so a request that holds it outlives no reload.
struct PolicyFile {
    ngx_str_t path;
    ngx_http_ipfence_policy_t *policy;
};

/// The policy of the file at `path` (absolute), read now unless this configuration has read it
/// already. Null when it is faulty: every diagnostic is then in the log, as nginx reports errors of
/// a configuration, with the place of the directive.
ngx_http_ipfence_policy_t *policy_of_file(ngx_conf_t *cf, ngx_http_ipfence_main_conf_t *conf,
                                          const ngx_str_t &path);

}  // namespace ipfence::module
