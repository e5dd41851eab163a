#include "engine/analysis/lint.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <set>

#include "engine/cli/calls.hpp"
#include "engine/cli/paragraph.hpp"
#include "engine/json.hpp"

namespace ipfence::cli {

namespace {

struct Arguments {
    std::string prefix;
    std::string file;
    bool json = false;
};

// A configuration may hold what a terminal takes for a command.
std::string printable(std::string text) {
    std::ranges::replace_if(
        text, [](char byte) { return (byte >= 0 && byte < ' ') || byte == '\x7f'; }, '?');
    return text;
}

// As nginx has it: a file is relative to the prefix, where one is given.
std::string path_of(const Arguments &arguments) {
    if (arguments.prefix.empty() || arguments.file.starts_with('/')) {
        return arguments.file;
    }
    return arguments.prefix + (arguments.prefix.ends_with('/') ? "" : "/") + arguments.file;
}

std::string counted(std::size_t count, const char *noun) {
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

std::string summary(const LintReport &report) {
    return counted(report.count(Severity::error), "error") + ", " +
           counted(report.count(Severity::warning), "warning");
}

void print_text(const std::string &file, const LintReport &report) {
    std::set<const Rule *> explained;
    for (const Finding &finding : report.findings) {
        const Rule &rule = *finding.rule;
        std::cout << printable(report.files[finding.place.file]) << ':' << finding.place.line
                  << ": " << name_of(rule.severity) << ": " << printable(finding.what) << " ["
                  << rule.name << "]\n";
        if (explained.insert(&rule).second) {
            std::cout << paragraph("    why      ", rule.why)
                      << paragraph("    instead  ", rule.instead);
        }
    }
    std::cout << printable(file) << ": " << summary(report) << '\n' << std::flush;
}

// JSON is UTF-8, which a path need not be.
OwnedJson json_text(std::string_view text) {
    OwnedJson value(json_stringn(text.data(), text.size()));
    if (value == nullptr) {
        std::string ascii(text);
        std::ranges::replace_if(
            ascii, [](char byte) { return byte < 0; }, '?');
        value.reset(json_stringn(ascii.data(), ascii.size()));
    }
    return value;
}

OwnedJson json_of(const Finding &finding, const LintReport &report) {
    OwnedJson object(json_object());
    const auto set = [&object](const char *name, OwnedJson value) {
        json_object_set_new(object.get(), name, value.release());
    };
    set("rule", json_text(finding.rule->name));
    set("severity", json_text(name_of(finding.rule->severity)));
    set("file", json_text(report.files[finding.place.file]));
    set("line", OwnedJson(json_integer(finding.place.line)));
    set("what", json_text(finding.what));
    set("why", json_text(finding.rule->why));
    set("instead", json_text(finding.rule->instead));
    return object;
}

OwnedJson json_count(const LintReport &report, Severity severity) {
    return OwnedJson(json_integer(static_cast<json_int_t>(report.count(severity))));
}

void print_json(const LintReport &report) {
    struct Free {
        void operator()(char *text) const noexcept { std::free(text); }
    };
    OwnedJson findings(json_array());
    for (const Finding &finding : report.findings) {
        json_array_append_new(findings.get(), json_of(finding, report).release());
    }
    const OwnedJson document(json_object());
    json_object_set_new(document.get(), "errors", json_count(report, Severity::error).release());
    json_object_set_new(document.get(), "warnings",
                        json_count(report, Severity::warning).release());
    json_object_set_new(document.get(), "findings", findings.release());
    const std::unique_ptr<char, Free> text(json_dumps(document.get(), JSON_INDENT(2)));
    std::cout << (text ? text.get() : "") << '\n' << std::flush;
}

int lint_file(const Arguments &arguments) {
    const std::string file = path_of(arguments);
    const auto report = lint(file);
    if (!report) {
        std::cerr << printable(report.error().message) << '\n';
        return kExitFault;
    }
    if (arguments.json) {
        print_json(*report);
    } else {
        print_text(file, *report);
    }
    return std::cout && report->count(Severity::error) == 0 ? kExitFine : kExitFault;
}

}  // namespace

void add_lint(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand(
        "lint", "List the ways around the gate in an nginx configuration (docs/lint.md)");
    const auto arguments = std::make_shared<Arguments>();
    call->add_option("NGINX_CONF", arguments->file, "The configuration, as for nginx -c")
        ->required()
        ->type_name("");
    call->add_option("-p", arguments->prefix, "nginx's prefix: a relative NGINX_CONF is in it")
        ->type_name("PREFIX");
    call->add_flag("--json", arguments->json, "Write one JSON document");
    call->callback([arguments, &exit_code] { exit_code = lint_file(*arguments); });
}

}  // namespace ipfence::cli
