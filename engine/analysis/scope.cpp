#include "engine/analysis/scope.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace ipfence {

namespace {

constexpr std::string_view kOff = "off";

std::optional<Scope::Type> type_of(const NginxDirective &directive) noexcept {
    if (!directive.has_block) {
        return std::nullopt;
    }
    const std::string_view name = directive.name();
    if (name == "server") {
        return Scope::Type::server;
    }
    if (name == "location") {
        return Scope::Type::location;
    }
    if (name == "if") {
        return Scope::Type::if_block;
    }
    return name == "limit_except" ? std::optional(Scope::Type::limit_except) : std::nullopt;
}

std::string words_of(const NginxDirective &directive) {
    std::string text;
    for (const std::string &word : directive.words) {
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

std::string name_of_server(const Scope &server) {
    const NginxDirective *named = server.own("server_name");
    if (named != nullptr && !named->argument(0).empty()) {
        return "server " + std::string(named->argument(0));
    }
    const NginxDirective *listening = server.own("listen");
    return listening == nullptr ? "a server without a name"
                                : "the server at " + std::string(listening->argument(0));
}

}  // namespace

Scope::Scope(Type type, const NginxDirective &block, const Scope *parent)
    : type_(type), block_(&block), parent_(parent) {
    for (const NginxDirective &directive : block.block) {
        if (const auto inner = type_of(directive)) {
            inner_.push_back(std::make_unique<Scope>(*inner, directive, this));
        }
    }
}

const Scope *Scope::server() const noexcept {
    const Scope *scope = this;
    while (scope != nullptr && scope->type_ != Type::server) {
        scope = scope->parent_;
    }
    return scope;
}

const Scope &Scope::location() const noexcept {
    const Scope *scope = this;
    while (scope->parent_ != nullptr &&
           (scope->type_ == Type::if_block || scope->type_ == Type::limit_except)) {
        scope = scope->parent_;
    }
    return *scope;
}

const NginxDirective *Scope::own(std::string_view name) const noexcept {
    const auto found = std::ranges::find(block_->block, name, &NginxDirective::name);
    return found == block_->block.end() ? nullptr : &*found;
}

const NginxDirective *Scope::effective(std::string_view name) const noexcept {
    const NginxDirective *found = own(name);
    return found != nullptr || parent_ == nullptr ? found : parent_->effective(name);
}

std::vector<const NginxDirective *> Scope::all_effective(std::string_view name) const {
    std::vector<const NginxDirective *> found;
    for (const NginxDirective &directive : block_->block) {
        if (directive.name() == name) {
            found.push_back(&directive);
        }
    }
    return found.empty() && parent_ != nullptr ? parent_->all_effective(name) : found;
}

std::string_view Scope::kind() const noexcept {
    const NginxDirective *kind = effective("ipfence");
    return kind == nullptr ? kOff : kind->argument(0);
}

bool Scope::is_monitored() const noexcept {
    const NginxDirective *mode = effective("ipfence_mode");
    return mode != nullptr && mode->argument(0) == "monitor";
}

bool Scope::is_guarded() const noexcept {
    return kind() != kOff;
}

bool Scope::is_off_here() const noexcept {
    const Scope &here = location();
    const NginxDirective *kind = here.own("ipfence");
    return here.type_ == Type::location && kind != nullptr && kind->argument(0) == kOff;
}

bool Scope::is_internal() const noexcept {
    const Scope &here = location();
    return here.type_ == Type::location &&
           (here.own("internal") != nullptr || here.block_->argument(0).starts_with('@'));
}

LocationPath Scope::path() const noexcept {
    if (block_->words.size() > 2) {
        return {block_->argument(0), block_->argument(1)};
    }
    // nginx takes a modifier without a space behind it, too.
    constexpr std::array<std::string_view, 4> kModifiers{"=", "^~", "~*", "~"};
    const std::string_view word = block_->argument(0);
    for (const std::string_view modifier : kModifiers) {
        if (word.starts_with(modifier)) {
            return {modifier, word.substr(modifier.size())};
        }
    }
    return {{}, word};
}

std::string Scope::text() const {
    if (type_ == Type::server) {
        return name_of_server(*this);
    }
    const Scope *of = server();
    const std::string text = words_of(location().block());
    return of == nullptr ? text : text + " of " + name_of_server(*of);
}

}  // namespace ipfence
