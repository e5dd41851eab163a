#include "engine/analysis/variable_values.hpp"

#include <algorithm>
#include <array>

#include "engine/letter_case.hpp"

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

// What is no pair within those blocks: a single word (`hostnames`), and in a `geo` two more. In a
// `map` these are keys like any other.
bool is_parameter(std::string_view block, const NginxDirective &entry) noexcept {
    return entry.words.size() == 1 ||
           (block == "geo" && (entry.name() == "delete" || entry.name() == "proxy"));
}

// The names of the groups of a regular expression, as PCRE takes them: `(?<name>`, `(?P<name>` and
// `(?'name'`.
std::vector<std::string_view> groups_of(std::string_view expression) {
    constexpr std::array<std::string_view, 3> kBeginnings{"(?<", "(?P<", "(?'"};
    std::vector<std::string_view> groups;
    for (const std::string_view beginning : kBeginnings) {
        for (std::size_t at = expression.find(beginning); at != std::string_view::npos;
             at = expression.find(beginning, at + 1)) {
            const std::string_view rest = expression.substr(at + beginning.size());
            const auto end = std::ranges::find_if_not(rest, is_name_byte);
            const auto size = static_cast<std::size_t>(end - rest.begin());
            if (size > 0) {
                groups.push_back(rest.substr(0, size));
            }
        }
    }
    return groups;
}

// Whether `is_wanted` says so of a variable's name in a text.
template <class IsWanted>
bool names_any(std::string_view text, IsWanted is_wanted) {
    for (auto variable = find_variable(text); variable;
         variable = find_variable(text, variable->end)) {
        if (is_wanted(variable->name)) {
            return true;
        }
    }
    return false;
}

// Whether a text holds a variable that a client can set to anything: an argument, a header, a
// cookie.
bool names_client_variable(std::string_view text) {
    constexpr std::array<std::string_view, 3> kPrefixes{"arg_", "http_", "cookie_"};
    return names_any(text, [&](std::string_view variable) {
        const std::string name = in_lower_case(variable);
        return std::ranges::any_of(
            kPrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
    });
}

bool names_group(std::string_view text) {
    return names_any(text, [](std::string_view name) {
        return name.find_first_not_of("0123456789") == std::string_view::npos;
    });
}

// Empty where one of them is too long.
std::optional<std::vector<std::string>> each_with_each(const std::vector<std::string> &beginnings,
                                                       std::string_view between,
                                                       const std::vector<std::string> &ends) {
    std::vector<std::string> texts;
    for (const std::string &beginning : beginnings) {
        for (const std::string &end : ends) {
            if (beginning.size() + between.size() + end.size() > kMaxLength) {
                return std::nullopt;
            }
            texts.push_back(beginning);
            texts.back().append(between).append(end);
        }
    }
    return texts;
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

VariableValues::VariableValues(const NginxConfiguration &configuration) {
    definitions_["scheme"].values = {"http", "https"};
    gather(configuration.directives);
}

void VariableValues::gather(const std::vector<NginxDirective> &directives) {
    for (const NginxDirective &directive : directives) {
        take_groups(directive);
        if (directive.has_block && is_block_of_values(directive.name())) {
            take_block(directive);
        } else {
            take(directive);
            gather(directive.block);
        }
    }
}

// nginx knows variables without regard to case.
VariableValues::Definition &VariableValues::definition_of(std::string_view variable) {
    return definitions_[in_lower_case(variable.substr(1))];
}

// What a request matches with a named group becomes a variable of that name.
void VariableValues::take_groups(const NginxDirective &directive) {
    for (const std::string_view word : directive.words) {
        for (const std::string_view name : groups_of(word)) {
            definitions_[in_lower_case(name)].is_complete = false;
        }
    }
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
    if (directive.name() == "map") {
        definition.matched.push_back(directive.argument(0));
    }
    bool has_default = false;
    for (const NginxDirective &entry : directive.block) {
        take_groups(entry);
        if (is_parameter(directive.name(), entry)) {
            continue;
        }
        definition.values.push_back(entry.words.back());
        has_default |= entry.name() == "default" || entry.name() == "*";
    }
    if (!has_default) {
        definition.values.emplace_back();
    }
}

VariableValues::Texts VariableValues::values_of(std::string_view name, Effort effort) const {
    const auto found = definitions_.find(in_lower_case(name));
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

bool VariableValues::is_client_chosen(std::string_view text) const {
    std::set<std::string> followed;
    return is_client_chosen(text, followed);
}

bool VariableValues::is_client_chosen(std::string_view text,
                                      std::set<std::string> &followed) const {
    if (names_client_variable(text)) {
        return true;
    }
    return names_any(text, [&](std::string_view name) {
        const auto found = definitions_.find(in_lower_case(name));
        return found != definitions_.end() && followed.insert(found->first).second &&
               is_client_chosen(found->second, followed);
    });
}

// A map that only looks at what a client sends makes constants of it; `$1` is what it sent.
bool VariableValues::is_client_chosen(const Definition &definition,
                                      std::set<std::string> &followed) const {
    const auto is_chosen = [&](std::string_view text) { return is_client_chosen(text, followed); };
    return std::ranges::any_of(definition.values, is_chosen) ||
           (std::ranges::any_of(definition.values, names_group) &&
            std::ranges::any_of(definition.matched, is_chosen));
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
        Texts longer = each_with_each(texts, before, *values);
        if (!longer) {
            return std::nullopt;
        }
        texts = *std::move(longer);
        done = variable->end;
    }
    for (std::string &complete : texts) {
        complete.append(text.substr(done));
    }
    return texts;
}

}  // namespace ipfence
