#include "engine/analysis/lint.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

#include "engine/cli/calls.hpp"
#include "engine/cli/counted.hpp"
#include "engine/cli/json_output.hpp"
#include "engine/cli/paragraph.hpp"
#include "engine/credential/text.hpp"
#include "engine/policy/visible.hpp"

namespace ipfence::cli {

namespace {

struct LintArguments {
    std::string prefix;
    std::string file;
    bool json = false;
};

// What a configuration consists of may be any bytes.
std::string as_utf8(std::string text) {
    if (!is_utf8(text)) {
        std::ranges::replace_if(
            text, [](char byte) { return static_cast<unsigned char>(byte) >= 0x80; }, '?');
    }
    return text;
}

std::string shown(const std::string &text) {
    return visible(as_utf8(text));
}

// As nginx has it: a file is relative to the prefix, where one is given.
std::string path_of(const LintArguments &arguments) {
    if (arguments.prefix.empty() || arguments.file.starts_with('/')) {
        return arguments.file;
    }
    return arguments.prefix + (arguments.prefix.ends_with('/') ? "" : "/") + arguments.file;
}

std::string summary(const LintReport &report) {
    return counted(report.count(Severity::error), "error") + ", " +
           counted(report.count(Severity::warning), "warning");
}

void print_text(const std::string &file, const LintReport &report) {
    std::set<const LintRule *> explained;
    for (const LintFinding &finding : report.findings) {
        const LintRule &rule = *finding.rule;
        std::cout << shown(report.files[finding.place.file]) << ':' << finding.place.line << ": "
                  << name_of(rule.severity) << ": " << shown(finding.what) << " [" << rule.name
                  << "]\n";
        if (explained.insert(&rule).second) {
            std::cout << paragraph("    why      ", rule.why)
                      << paragraph("    instead  ", rule.instead);
        }
    }
    std::cout << shown(file) << ": " << summary(report) << '\n' << std::flush;
}

json_t *json_of(const LintFinding &finding, const LintReport &report) {
    json_t *object = json_object();
    const auto set = [object](const char *name, json_t *value) {
        json_object_set_new(object, name, value);
    };
    set("rule", json_text(finding.rule->name));
    set("severity", json_text(name_of(finding.rule->severity)));
    set("file", json_text(as_utf8(report.files[finding.place.file])));
    set("line", json_number(finding.place.line));
    set("what", json_text(as_utf8(finding.what)));
    set("why", json_text(finding.rule->why));
    set("instead", json_text(finding.rule->instead));
    return object;
}

OwnedJson json_of(const LintReport &report) {
    OwnedJson document(json_object());
    json_t *findings = json_array();
    for (const LintFinding &finding : report.findings) {
        json_array_append_new(findings, json_of(finding, report));
    }
    const auto count = [&report](Severity severity) { return json_number(report.count(severity)); };
    json_object_set_new(document.get(), "errors", count(Severity::error));
    json_object_set_new(document.get(), "warnings", count(Severity::warning));
    json_object_set_new(document.get(), "findings", findings);
    return document;
}

int lint_file(const LintArguments &arguments) {
    const std::string file = path_of(arguments);
    const auto report = lint(file);
    if (!report) {
        std::cerr << shown(report.error().message) << '\n';
        return kExitFault;
    }
    if (arguments.json) {
        print_json(json_of(*report));
    } else {
        print_text(file, *report);
    }
    return std::cout.flush() && report->count(Severity::error) == 0 ? kExitFine : kExitFault;
}

}  // namespace

void add_lint(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand(
        "lint", "List the ways around the gate in an nginx configuration (docs/lint.md)");
    const auto arguments = std::make_shared<LintArguments>();
    call->add_option("NGINX_CONF", arguments->file, "The configuration, as for nginx -c")
        ->required()
        ->type_name("");
    call->add_option("-p", arguments->prefix, "nginx's prefix: a relative NGINX_CONF is in it")
        ->type_name("PREFIX");
    call->add_flag("--json", arguments->json, "Write one JSON document");
    call->callback([arguments, &exit_code] { exit_code = lint_file(*arguments); });
}

}  // namespace ipfence::cli
