#include "engine/analysis/variable_values.hpp"

#include <algorithm>
#include <array>

namespace ipfence {

namespace {

// A value may refer to variables, whose values refer to others, or to itself: whatever takes more
// than this is not worth knowing.
constexpr unsigned kMaxDepth = 8;
constexpr std::size_t kMaxReferences = 4096;
constexpr std::size_t kMaxLength = 4096;

bool is_name_byte(char byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

// Blocks of pairs: the last word of each is a value.
bool is_block_of_values(std::string_view name) noexcept {
    return name == "map" || name == "geo" || name == "split_clients";
}

// What is no pair within those blocks.
bool is_parameter(const NginxDirective &entry) noexcept {
    constexpr std::array<std::string_view, 7> kParameters{
        "hostnames", "volatile", "ranges", "delete", "proxy", "proxy_recursive", "include"};
    return std::ranges::find(kParameters, entry.name()) != kParameters.end();
}

}  // namespace

std::optional<VariableReference> find_variable(std::string_view text, std::size_t from) {
    for (std::size_t at = text.find('$', from); at != std::string_view::npos;
         at = text.find('$', at + 1)) {
        const bool braced = text.substr(at + 1).starts_with('{');
        const std::size_t begin = at + (braced ? 2 : 1);
        std::size_t end = begin;
        while (end < text.size() && is_name_byte(text[end])) {
            ++end;
        }
        const bool closed = !braced || text.substr(end).starts_with('}');
        if (end > begin && closed) {
            return VariableReference{at, end + (braced ? 1 : 0), text.substr(begin, end - begin)};
        }
    }
    return std::nullopt;
}

bool names_client_variable(std::string_view text) {
    constexpr std::array<std::string_view, 3> kPrefixes{"arg_", "http_", "cookie_"};
    for (auto variable = find_variable(text); variable;
         variable = find_variable(text, variable->end)) {
        if (std::ranges::any_of(kPrefixes, [&](std::string_view prefix) {
                return variable->name.starts_with(prefix);
            })) {
            return true;
        }
    }
    return false;
}

VariableValues::VariableValues(const NginxConfiguration &configuration) {
    definitions_["scheme"].values = {"http", "https"};
    gather(configuration.directives);
}

void VariableValues::gather(const std::vector<NginxDirective> &directives) {
    for (const NginxDirective &directive : directives) {
        if (directive.has_block && is_block_of_values(directive.name())) {
            take_block(directive);
        } else {
            take(directive);
            gather(directive.block);
        }
    }
}

VariableValues::Definition &VariableValues::definition_of(std::string_view variable) {
    return definitions_[variable.substr(1)];
}

void VariableValues::take(const NginxDirective &directive) {
    const std::string_view first = directive.argument(0);
    if (!first.starts_with('$')) {
        return;
    }
    if (directive.name() == "set" && directive.words.size() == 3) {
        definition_of(first).values.push_back(directive.argument(1));
    } else if (directive.name().find("set") != std::string_view::npos) {
        // auth_request_set, js_set, perl_set and their kind.
        definition_of(first).is_complete = false;
    }
}

void VariableValues::take_block(const NginxDirective &directive) {
    const std::string_view variable = directive.words.back();
    if (!variable.starts_with('$')) {
        return;
    }
    Definition &definition = definition_of(variable);
    bool has_default = false;
    for (const NginxDirective &entry : directive.block) {
        if (is_parameter(entry)) {
            continue;
        }
        definition.values.push_back(entry.words.back());
        has_default |= entry.name() == "default" || entry.name() == "*";
    }
    if (!has_default) {
        definition.values.push_back({});
    }
}

VariableValues::Texts VariableValues::values_of(std::string_view name, Effort effort) const {
    const auto found = definitions_.find(name);
    if (found == definitions_.end() || !found->second.is_complete || effort.depth == kMaxDepth) {
        return std::nullopt;
    }
    std::vector<std::string> all;
    for (const std::string_view value : found->second.values) {
        const Texts expanded = expand(value, {effort.depth + 1, effort.references});
        if (!expanded || all.size() + expanded->size() > kMaxValues) {
            return std::nullopt;
        }
        all.insert(all.end(), expanded->begin(), expanded->end());
    }
    return all;
}

VariableValues::Texts VariableValues::expand(std::string_view text) const {
    std::size_t references = 0;
    return expand(text, {0, references});
}

VariableValues::Texts VariableValues::expand(std::string_view text, Effort effort) const {
    std::vector<std::string> texts{{}};
    std::size_t done = 0;
    while (const auto variable = find_variable(text, done)) {
        const std::string_view before = text.substr(done, variable->begin - done);
        const bool is_worth_it = ++effort.references <= kMaxReferences;
        const Texts values = is_worth_it ? values_of(variable->name, effort) : std::nullopt;
        if (!values || texts.size() * values->size() > kMaxValues) {
            return std::nullopt;
        }
        std::vector<std::string> longer;
        for (const std::string &beginning : texts) {
            for (const std::string &value : *values) {
                longer.push_back(beginning);
                longer.back().append(before).append(value);
                if (longer.back().size() > kMaxLength) {
                    return std::nullopt;
                }
            }
        }
        texts = std::move(longer);
        done = variable->end;
    }
    for (std::string &complete : texts) {
        complete.append(text.substr(done));
    }
    return texts;
}

}  // namespace ipfence
