#include "engine/analysis/site.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/analysis/destination.hpp"

namespace ipfence {

namespace {

constexpr unsigned kDefaultPortOfServers = 80;

bool is_pass(const NginxDirective &directive) noexcept {
    constexpr std::array<std::string_view, 5> kPasses{"proxy_pass", "grpc_pass", "fastcgi_pass",
                                                      "uwsgi_pass", "scgi_pass"};
    return std::ranges::find(kPasses, directive.name()) != kPasses.end();
}

// `realm` is "http" or "stream", whose upstreams have nothing to do with each other.
Upstream upstream_of(const NginxDirective &block, std::string_view realm) {
    Upstream upstream{&block, false, {}};
    // One that has no servers here (they come from a zone) is still a place of its own.
    upstream.destinations.push_back(std::string(realm) + " upstream " +
                                    std::string(block.argument(0)));
    for (const NginxDirective &directive : block.block) {
        if (directive.name() == "server") {
            upstream.destinations.push_back(
                destination_of(directive.argument(0), kDefaultPortOfServers));
        }
        upstream.is_guarded |= directive.name() == "ipfence_guard";
    }
    return upstream;
}

// nginx looks an upstream up without regard to case. One with a port is an address, not a name.
std::string name_of_upstream(std::string_view host) {
    return destination_of(host, 0);
}

// The part of a pass that says where it leads. The request's own path may follow the host without a
// slash between them, for it begins with one.
std::string_view host_text(std::string_view argument) {
    constexpr std::array<std::string_view, 3> kPaths{"request_uri", "uri", "document_uri"};
    const std::string_view host = without_uri(argument);
    for (auto variable = find_variable(host); variable;
         variable = find_variable(host, variable->end)) {
        if (variable->begin > 0 && std::ranges::find(kPaths, variable->name) != kPaths.end()) {
            return host.substr(0, variable->begin);
        }
    }
    return host;
}

// How much of `uri` a location takes; empty when it does not take it, or has a regular expression.
std::optional<std::size_t> match_length(const LocationPath &location, std::string_view uri) {
    const auto [modifier, path] = location;
    if (modifier == "=" || uri.starts_with('@')) {
        // An exact one wins over every prefix.
        return path == uri ? std::optional(uri.size() + 1) : std::nullopt;
    }
    const bool is_prefix = modifier.empty() || modifier == "^~";
    return is_prefix && uri.starts_with(path) ? std::optional(path.size()) : std::nullopt;
}

}  // namespace

Site::Site(const NginxConfiguration &configuration)
    : configuration_(&configuration), variables_(configuration) {
    for (const NginxDirective &directive : configuration.directives) {
        if (directive.name() == "http" && directive.has_block) {
            upstreams_.merge(upstreams_of(directive));
            http_.push_back(std::make_unique<Scope>(Scope::Type::http, directive, nullptr));
            add_scope(*http_.back());
        } else if (directive.name() == "stream" && directive.has_block) {
            add_stream(directive);
        }
    }
    gather_provider();
}

Site::Upstreams Site::upstreams_of(const NginxDirective &block) {
    Upstreams upstreams;
    for (const NginxDirective &directive : block.block) {
        if (directive.name() == "upstream" && directive.has_block) {
            upstreams.emplace(name_of_upstream(directive.argument(0)),
                              upstream_of(directive, block.name()));
        }
    }
    return upstreams;
}

void Site::add_scope(const Scope &scope) {
    scopes_.push_back(&scope);
    for (const NginxDirective &directive : scope.block().block) {
        if (is_pass(directive)) {
            http_passes_.push_back({&scope, &directive, route_of(directive, upstreams_)});
        } else if (directive.name() == "tunnel_pass") {
            stream_passes_.push_back({&scope, &directive, route_of(directive, upstreams_)});
        }
    }
    add_inherited_pass(scope);
    for (const auto &inner : scope.inner()) {
        add_scope(*inner);
    }
}

// An `if` or a `limit_except` without a pass of its own has that of its location, with the settings
// of the block.
void Site::add_inherited_pass(const Scope &scope) {
    const bool is_part =
        scope.type() == Scope::Type::if_block || scope.type() == Scope::Type::limit_except;
    const Pass *outer = is_part ? pass_of(*scope.parent()) : nullptr;
    if (outer != nullptr && pass_of(scope) == nullptr) {
        Pass inherited = *outer;
        inherited.scope = &scope;
        http_passes_.push_back(std::move(inherited));
    }
}

void Site::add_stream(const NginxDirective &stream) {
    stream_upstreams_.merge(upstreams_of(stream));
    for (const NginxDirective &server : stream.block) {
        for (const NginxDirective &directive : server.block) {
            if (server.name() == "server" && directive.name() == "proxy_pass") {
                stream_passes_.push_back(
                    {nullptr, &directive, route_of(directive, stream_upstreams_)});
            }
        }
    }
}

Route Site::route_of(const NginxDirective &pass, const Upstreams &upstreams) const {
    // Without an argument a tunnel leads to where its client says.
    const bool is_anywhere = pass.name() == "tunnel_pass" && pass.argument(0).empty();
    const auto hosts = is_anywhere ? std::nullopt : variables_.expand(host_text(pass.argument(0)));
    Route route;
    if (!hosts) {
        route.is_known = false;
        route.is_always_guarded = false;
        return route;
    }
    for (const std::string &host : *hosts) {
        const PassAddress address = parse_pass(pass.name(), host);
        const auto upstream = upstreams.find(name_of_upstream(address.host));
        if (upstream == upstreams.end()) {
            route.is_always_guarded = false;
            route.destinations.insert(destination_of(address.host, address.default_port));
            continue;
        }
        route.is_always_guarded &= upstream->second.is_guarded;
        route.upstreams.push_back(&upstream->second);
        route.destinations.insert(upstream->second.destinations.begin(),
                                  upstream->second.destinations.end());
    }
    return route;
}

void Site::gather_provider() {
    for (const auto &[name, upstream] : upstreams_) {
        if (upstream.is_guarded) {
            provider_.insert(upstream.destinations.begin(), upstream.destinations.end());
        }
    }
    for (const Pass *pass : guarded_passes()) {
        provider_.insert(pass->route.destinations.begin(), pass->route.destinations.end());
    }
}

std::vector<const Pass *> Site::guarded_passes() const {
    std::vector<const Pass *> guarded;
    for (const Pass &pass : http_passes_) {
        if (pass.is_guarded()) {
            guarded.push_back(&pass);
        }
    }
    return guarded;
}

std::vector<const Pass *> Site::guarded_passes_of(const Scope &server) const {
    std::vector<const Pass *> guarded = guarded_passes();
    std::erase_if(guarded, [&](const Pass *pass) { return pass->scope->server() != &server; });
    return guarded;
}

bool Site::reaches_provider(const Pass &pass) const {
    return std::ranges::any_of(pass.route.destinations, [this](const std::string &destination) {
        return provider_.contains(destination);
    });
}

const Scope *Site::find_location(const Scope &server, std::string_view uri) const {
    const Scope *found = nullptr;
    std::size_t longest = 0;
    for (const Scope *scope : scopes_) {
        if (scope->type() != Scope::Type::location || scope->server() != &server) {
            continue;
        }
        const auto length = match_length(scope->path(), uri);
        if (length && (found == nullptr || *length > longest)) {
            found = scope;
            longest = *length;
        }
    }
    return found;
}

const Pass *Site::pass_of(const Scope &scope) const {
    const auto found = std::ranges::find(http_passes_, &scope, &Pass::scope);
    return found == http_passes_.end() ? nullptr : &*found;
}

}  // namespace ipfence
