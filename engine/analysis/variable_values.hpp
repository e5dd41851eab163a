#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/analysis/nginx_configuration.hpp"

namespace ipfence {

/// What the variables of a configuration can be, where that is written in it: by `set`, `map`,
/// `geo` and `split_clients` with values that depend on no request.
class VariableValues {
  public:
    /// More values than these are as good as unknown.
    static constexpr std::size_t kMaxValues = 256;

    /// The texts; empty when the request decides what they are.
    using Texts = std::optional<std::vector<std::string>>;

    /// `configuration` must outlive it.
    explicit VariableValues(const NginxConfiguration &configuration);

    /// Every text that `text` can become.
    Texts expand(std::string_view text) const;

    /// Whether `text` is made of what a client can set to anything, by itself or by a variable that
    /// `set` or a block of values makes of it.
    bool is_client_chosen(std::string_view text) const;

  private:
    struct Definition {
        std::vector<std::string_view> values;
        std::vector<std::string_view> matched;  // what a `map` compares with its keys
        bool is_complete = true;                // no other source of values is known
    };

    // How far an expansion has gone: what it may cost is limited.
    struct Effort {
        unsigned depth;
        std::size_t &references;
    };

    void gather(const std::vector<NginxDirective> &directives);
    void take(const NginxDirective &directive);
    void take_groups(const NginxDirective &directive);
    void take_block(const NginxDirective &directive);
    Definition &definition_of(std::string_view variable);
    Texts expand(std::string_view text, Effort effort) const;
    bool is_client_chosen(std::string_view text, std::set<std::string> &followed) const;
    bool is_client_chosen(const Definition &definition, std::set<std::string> &followed) const;
    Texts values_of(std::string_view name, Effort effort) const;

    std::map<std::string, Definition> definitions_;  // by name without "$", in lower case
};

/// A variable in a text of the configuration: `$name` or `${name}`.
struct VariableReference {
    std::size_t begin;  ///< where the "$" stands
    std::size_t end;    ///< one past its last byte
    std::string_view name;
};

/// The first one at or after `from`; empty when there is none.
std::optional<VariableReference> find_variable(std::string_view text, std::size_t from = 0);

}  // namespace ipfence
