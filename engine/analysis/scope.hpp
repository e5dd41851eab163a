#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/analysis/nginx_configuration.hpp"

namespace ipfence {

/// How a location is written: `= /token` has the modifier `=` and the path `/token`.
struct LocationPath {
    std::string_view modifier;  ///< `=`, `^~`, `~`, `~*`, or empty
    std::string_view path;      ///< a URI, a regular expression or `@name`
};

/// A block of http configuration in which directives hold, with those that are inside it. Its
/// questions answer as nginx's merging of configurations does.
class Scope {
  public:
    enum class Type : std::uint8_t { http, server, location, if_block, limit_except };

    /// `block` must outlive the scope.
    Scope(Type type, const NginxDirective &block, const Scope *parent);
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

    Type type() const noexcept { return type_; }
    const NginxDirective &block() const noexcept { return *block_; }
    const std::vector<std::unique_ptr<Scope>> &inner() const noexcept { return inner_; }

    /// The block around it; null for http itself.
    const Scope *parent() const noexcept { return parent_; }

    /// The server that this is or is in; null for http itself.
    const Scope *server() const noexcept;

    /// The directive of this name in this very block; null when there is none. Of several the
    /// first, since nginx refuses others where they would contradict it.
    const NginxDirective *own(std::string_view name) const noexcept;

    /// The same in this block or else the nearest around it.
    const NginxDirective *effective(std::string_view name) const noexcept;

    /// All of them in the nearest block that has any: nginx inherits lists whole or not at all.
    std::vector<const NginxDirective *> all_effective(std::string_view name) const;

    /// The argument of the `ipfence` that holds here; `off` when there is none.
    std::string_view kind() const noexcept;

    /// Whether `ipfence_mode` is `monitor`: everything is decided and nothing enforced.
    bool is_monitored() const noexcept;

    /// Whether `ipfence` judges what is here: any kind but `off`.
    bool is_guarded() const noexcept;

    /// Whether `ipfence off` is written in this very location: what `ipfence_guard` takes for a
    /// decision. An `if` and a `limit_except` belong to the location that they are in.
    bool is_off_here() const noexcept;

    /// Whether no request of a client begins here: `internal`, or a named location.
    bool is_internal() const noexcept;

    /// Of a location, which URIs it is for.
    LocationPath path() const noexcept;

    /// `location /token of server id.example.com`, for messages.
    std::string text() const;

    /// The location that this is or belongs to; the scope itself when it is not in one.
    const Scope &location() const noexcept;

  private:
    Type type_;
    const NginxDirective *block_;
    const Scope *parent_;
    std::vector<std::unique_ptr<Scope>> inner_;
};

}  // namespace ipfence
