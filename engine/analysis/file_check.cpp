// threats.md, lint (16): files that decide, and files that are secret.

#include "engine/analysis/checks.hpp"
#include "engine/analysis/permissions.hpp"
#include "engine/analysis/rules.hpp"
#include "engine/json.hpp"

namespace ipfence {

namespace {

// What follows "NAME=" among the arguments; empty when there is none.
std::string_view parameter(const NginxDirective &directive, std::string_view name) {
    for (const std::string_view word : directive.words) {
        if (word.starts_with(name)) {
            return word.substr(name.size());
        }
    }
    return {};
}

class FileCheck {
  public:
    FileCheck(const Site &site, Findings &findings) : site_(site), findings_(findings) {}

    void look_at(const NginxDirective &directive) {
        const std::string_view name = directive.name();
        if (name == "ipfence_policy") {
            check(directive, full_path(directive.argument(0)));
            check_users_file(directive);
        } else if (name == "ipfence_jwks") {
            check(directive, full_path(directive.argument(0)));
        } else if (name == "ipfence_device_cookie") {
            check_secret(directive, parameter(directive, "key="));
        } else if (name == "ipfence_zone") {
            check_secret(directive, parameter(directive, "snapshot="));
        } else if (name == "ipfence_store") {
            check_secret(directive, parameter(directive, "key="));
            check_secret(directive, parameter(directive, "password_file="));
            check_secret(directive, parameter(directive, "tls_certificate_key="));
        }
    }

  private:
    std::string full_path(std::string_view name) const {
        return site_.configuration().full_path(name);
    }

    void check(const NginxDirective &directive, const std::string &path) {
        const auto permissions = permissions_of(path);
        if (permissions && permissions->can_others_write()) {
            findings_.add(rules::kWritableFile, directive.place,
                          path + " or its directory is writable by its group or by everybody");
        }
    }

    void check_secret(const NginxDirective &directive, std::string_view name) {
        if (name.empty()) {
            return;
        }
        const std::string path = full_path(name);
        check(directive, path);
        const auto permissions = permissions_of(path);
        if (permissions && permissions->can_everybody_read()) {
            findings_.add(rules::kReadableKey, directive.place, path + " is readable by everybody");
        }
    }

    // The policy may name another file, relative to itself.
    void check_users_file(const NginxDirective &directive) {
        const std::string policy = full_path(directive.argument(0));
        if (!permissions_of(policy)) {
            return;
        }
        const OwnedJson document(json_load_file(policy.c_str(), JSON_REJECT_DUPLICATES, nullptr));
        const char *name = json_string_value(json_object_get(document.get(), "users_file"));
        if (name != nullptr) {
            const std::size_t slash = policy.rfind('/');
            const std::string directory =
                slash == std::string::npos || *name == '/' ? "" : policy.substr(0, slash + 1);
            check(directive, directory + name);
        }
    }

    const Site &site_;
    Findings &findings_;
};

}  // namespace

void check_files(const Site &site, Findings &findings) {
    FileCheck check(site, findings);
    for (const Scope *scope : site.scopes()) {
        for (const NginxDirective &directive : scope->block().block) {
            check.look_at(directive);
        }
    }
}

}  // namespace ipfence
