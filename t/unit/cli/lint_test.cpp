#include <gtest/gtest.h>

#include <filesystem>

#include "engine/json.hpp"
#include "t/unit/cli/program.hpp"

namespace ipfence::test::lint_test {
namespace {

constexpr std::string_view kUnguarded = R"(worker_shutdown_timeout 1m;
http {
    proxy_ignore_headers X-Accel-Redirect;
    upstream provider { server 127.0.0.1:3000; ipfence_guard; }
    server {
        listen 127.0.0.1:80;
        location / { proxy_pass http://localhost:3000; }
        location /a { proxy_pass http://[::1]:3000; }
    }
}
)";

constexpr std::string_view kWarning = R"(worker_shutdown_timeout 1m;
http {
    upstream provider { server 127.0.0.1:3000; ipfence_guard; }
    server { location / { proxy_pass http://provider; } }
}
)";

// What is installed from the repository, with the permissions that files of root have.
void copy_shipped_configuration(const std::filesystem::path &directory) {
    using std::filesystem::perms;
    std::filesystem::copy(IPFENCE_SHIPPED_CONFIGURATION, directory,
                          std::filesystem::copy_options::recursive);
    for (const auto &entry : std::filesystem::recursive_directory_iterator(directory)) {
        std::filesystem::permissions(entry, perms(entry.is_directory() ? 0755 : 0644));
    }
    std::filesystem::permissions(directory, perms(0755));
}

TEST(Lint, TheShippedConfigurationIsClean) {
    const Files files;
    copy_shipped_configuration(files.path("conf"));
    const std::string file = files.path("conf/nginx.conf");
    const Completed lint = call({"lint", file});
    EXPECT_EQ(lint.exit_code, 0);
    EXPECT_EQ(lint.output, file + ": 0 errors, 0 warnings\n");
    EXPECT_EQ(lint.errors, "");
}

TEST(Lint, AFindingHasPlaceSeverityReasonAndFix) {
    const Files files;
    const std::string file = files.write("nginx.conf", kUnguarded);
    const Completed lint = call({"lint", file});
    EXPECT_EQ(lint.exit_code, 1);
    EXPECT_EQ(lint.errors, "");
    EXPECT_EQ(lint.output,
              file +
                  ":7: error: \"proxy_pass http://localhost:3000\" in location / of the server "
                  "at 127.0.0.1:80 [unguarded-location]\n"
                  "    why      What arrives here reaches the provider without any decision.\n"
                  "    instead  Write \"ipfence\" with a kind here or in the server, and\n"
                  "             \"ipfence_guard;\" in the upstream. Where nothing is to be "
                  "decided,\n"
                  "             write \"ipfence off;\" in this very location.\n" +
                  file +
                  ":8: error: \"proxy_pass http://[::1]:3000\" in location /a of the server at "
                  "127.0.0.1:80 [unguarded-location]\n" +
                  file + ": 2 errors, 0 warnings\n");
}

TEST(Lint, WarningsAloneAreNoFailure) {
    const Files files;
    const Completed lint = call({"lint", files.write("nginx.conf", kWarning)});
    EXPECT_EQ(lint.exit_code, 0);
    EXPECT_NE(lint.output.find("[refused-location]"), std::string::npos) << lint.output;
    EXPECT_NE(lint.output.find(": 0 errors, 1 warning\n"), std::string::npos) << lint.output;
}

TEST(Lint, JsonIsOneDocument) {
    const Files files;
    const std::string file = files.write("nginx.conf", kUnguarded);
    const Completed lint = call({"lint", "--json", file});
    EXPECT_EQ(lint.exit_code, 1);
    const OwnedJson document(json_loads(lint.output.c_str(), JSON_REJECT_DUPLICATES, nullptr));
    ASSERT_NE(document, nullptr) << lint.output;
    EXPECT_EQ(json_integer_value(json_object_get(document.get(), "errors")), 2);
    EXPECT_EQ(json_integer_value(json_object_get(document.get(), "warnings")), 0);
    const json_t *findings = json_object_get(document.get(), "findings");
    ASSERT_EQ(json_array_size(findings), 2U);
    const json_t *second = json_array_get(findings, 1);
    EXPECT_STREQ(json_string_value(json_object_get(second, "rule")), "unguarded-location");
    EXPECT_STREQ(json_string_value(json_object_get(second, "severity")), "error");
    EXPECT_EQ(json_string_value(json_object_get(second, "file")), file);
    EXPECT_EQ(json_integer_value(json_object_get(second, "line")), 8);
    for (const char *text : {"what", "why", "instead"}) {
        EXPECT_GT(json_string_length(json_object_get(second, text)), 0U) << text;
    }
}

TEST(Lint, ATerminalGetsNoCommandsAndNoBytesThatAreNoText) {
    const Files files;
    const std::string file = files.write(
        "nginx.conf",
        "http { ipfence token; server { location /\xff\x1b[2J { proxy_pass http://$x; } } }");
    const std::string output = call({"lint", file}).output;
    EXPECT_NE(output.find("location /?\\u{1b}[2J of"), std::string::npos) << output;
    EXPECT_EQ(output.find('\x1b'), std::string::npos);
    const Completed lint = call({"lint", "--json", file});
    const OwnedJson document(json_loads(lint.output.c_str(), JSON_REJECT_DUPLICATES, nullptr));
    EXPECT_NE(document, nullptr) << lint.output;
    EXPECT_NE(lint.output.find("variable-target"), std::string::npos) << lint.output;
}

TEST(Lint, ARelativeFileIsInThePrefix) {
    const Files files;
    std::filesystem::create_directory(files.path("conf"));
    files.write("conf/nginx.conf", "include [s]ites.conf;");
    files.write("conf/sites.conf", kWarning);
    for (const std::string &prefix : {files.path(""), files.path(".")}) {
        const Completed lint = call({"lint", "-p", prefix, "conf/nginx.conf"});
        EXPECT_EQ(lint.exit_code, 0) << lint.errors;
        EXPECT_NE(lint.output.find("/conf/sites.conf:4: warning: "), std::string::npos)
            << lint.output;
    }
    const std::string absolute = files.path("conf/nginx.conf");
    EXPECT_EQ(call({"lint", "-p", "/nowhere", absolute}).exit_code, 0);
}

TEST(Lint, WhatCannotBeReadIsAnError) {
    const Files files;
    const std::string broken = files.write("nginx.conf", "http {\n");
    const Completed lint = call({"lint", broken});
    EXPECT_EQ(lint.exit_code, 1);
    EXPECT_EQ(lint.output, "");
    EXPECT_EQ(lint.errors, broken + ":2: unexpected end of file, a \"}\" is missing\n");
    for (const std::string &path : {files.path("missing.conf"), files.path(".")}) {
        const Completed unread = call({"lint", "--json", path});
        EXPECT_EQ(unread.exit_code, 1) << path;
        EXPECT_EQ(unread.output, "") << path;
        EXPECT_EQ(unread.errors.rfind(path + ": ", 0), 0U) << unread.errors;
    }
}

}  // namespace
}  // namespace ipfence::test::lint_test
