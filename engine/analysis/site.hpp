#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/analysis/nginx_configuration.hpp"
#include "engine/analysis/scope.hpp"
#include "engine/analysis/variable_values.hpp"

namespace ipfence {

/// An `upstream` block.
struct Upstream {
    const NginxDirective *block;
    bool is_guarded;                        ///< `ipfence_guard`
    std::vector<std::string> destinations;  ///< of its servers, and one for the upstream itself
};

/// Where a `proxy_pass` or one of its kind can lead.
struct Route {
    bool is_known = true;  ///< false: the request decides, what follows is not all
    std::set<std::string> destinations;
    std::vector<const Upstream *> upstreams;
    bool is_always_guarded = true;  ///< it leads to nothing but guarded upstreams
};

/// A directive that hands requests to another server.
struct Pass {
    const Scope *scope;  ///< null in a `stream` block
    const NginxDirective *directive;
    Route route;

    bool is_guarded() const noexcept { return scope != nullptr && scope->is_guarded(); }
};

/// A configuration as the rules look at it: scopes, where they pass requests to, and which of these
/// places is the provider.
class Site {
  public:
    /// `configuration` must outlive it.
    explicit Site(const NginxConfiguration &configuration);

    const NginxConfiguration &configuration() const noexcept { return *configuration_; }
    const VariableValues &variables() const noexcept { return variables_; }

    /// Every block of http configuration, outer ones first, in the order of the files.
    const std::vector<const Scope *> &scopes() const noexcept { return scopes_; }
    const std::vector<Pass> &http_passes() const noexcept { return http_passes_; }
    /// Those of `stream` servers and of tunnels, in which nobody sees requests.
    const std::vector<Pass> &stream_passes() const noexcept { return stream_passes_; }

    /// The passes that `ipfence` judges, and those in one server.
    std::vector<const Pass *> guarded_passes() const;
    std::vector<const Pass *> guarded_passes_of(const Scope &server) const;

    /// Whether something leads to where guarded locations and guarded upstreams lead: the provider.
    bool reaches_provider(const Pass &pass) const;
    bool has_provider() const noexcept { return !provider_.empty(); }

    /// The location of a server that serves this URI, or bears this name (`@name`); null when none
    /// does, or when only regular expressions could tell.
    const Scope *find_location(const Scope &server, std::string_view uri) const;

    /// The pass of a scope, which an `if` may have from its location; null when it has none.
    const Pass *pass_of(const Scope &scope) const;

  private:
    using Upstreams = std::map<std::string, Upstream, std::less<>>;

    static Upstreams upstreams_of(const NginxDirective &block);
    void add_scope(const Scope &scope);
    void add_inherited_pass(const Scope &scope);
    void add_stream(const NginxDirective &stream);
    Route route_of(const NginxDirective &pass, const Upstreams &upstreams) const;
    void gather_provider();

    const NginxConfiguration *configuration_;
    VariableValues variables_;
    std::vector<std::unique_ptr<Scope>> http_;
    Upstreams upstreams_;
    Upstreams stream_upstreams_;
    std::vector<const Scope *> scopes_;
    std::vector<Pass> http_passes_;
    std::vector<Pass> stream_passes_;
    std::set<std::string> provider_;
};

}  // namespace ipfence
