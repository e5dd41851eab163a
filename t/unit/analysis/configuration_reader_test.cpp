#include "engine/analysis/configuration_reader.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "t/unit/policy/temporary_files.hpp"

namespace ipfence::configuration_reader_test {
namespace {

using std::string_literals::operator""s;

std::string text_of(const NginxConfiguration &configuration,
                    const std::vector<NginxDirective> &directives) {
    std::string text;
    for (const NginxDirective &directive : directives) {
        const std::string &file = configuration.files[directive.place.file];
        text += file.substr(file.rfind('/') + 1) + ':' + std::to_string(directive.place.line) +
                ' ' + std::string(directive.name());
        text += directive.has_block ? " {" + text_of(configuration, directive.block) + "} " : "; ";
    }
    return text;
}

class ConfigurationReaderTest : public testing::Test {
  protected:
    // The directives of nginx.conf with their places; or the error, without the directory.
    std::string read(std::string_view text) const {
        files_.write("nginx.conf", text);
        const auto read = read_nginx_configuration(files_.path("nginx.conf"));
        return read ? text_of(*read, read->directives) : without_directory(read.error().message);
    }

    std::string without_directory(std::string text) const {
        const std::string directory = files_.path("");
        for (auto at = text.find(directory); at != std::string::npos; at = text.find(directory)) {
            text.erase(at, directory.size());
        }
        return text;
    }

    TemporaryFiles files_;
};

TEST_F(ConfigurationReaderTest, BlocksNest) {
    EXPECT_EQ(read("a;\nb { c; d {\n} }"),
              "nginx.conf:1 a; nginx.conf:2 b {nginx.conf:2 c; "
              "nginx.conf:2 d {} } ");
}

TEST_F(ConfigurationReaderTest, AnIncludeIsReplacedByItsDirectives) {
    files_.write("one.conf", "x;\ny;");
    EXPECT_EQ(read("a;\nb { include one.conf; c; }"),
              "nginx.conf:1 a; nginx.conf:2 b {one.conf:1 x; one.conf:2 y; nginx.conf:2 c; } ");
    EXPECT_EQ(read("include " + files_.path("one.conf") + ";"), "one.conf:1 x; one.conf:2 y; ");
}

TEST_F(ConfigurationReaderTest, IncludesAreRelativeToTheFirstFile) {
    std::filesystem::create_directory(files_.path("sites"));
    files_.write("sites/one.conf", "include two.conf;");
    files_.write("two.conf", "x;");
    files_.write("sites/two.conf", "wrong;");
    EXPECT_EQ(read("include sites/one.conf;"), "two.conf:1 x; ");
}

TEST_F(ConfigurationReaderTest, APatternIncludesInOrderAndMayMatchNothing) {
    std::filesystem::create_directory(files_.path("sites"));
    files_.write("sites/b.conf", "b;");
    files_.write("sites/a.conf", "a;");
    files_.write("sites/.hidden.conf", "hidden;");
    EXPECT_EQ(read("include sites/*.conf; include none/*.conf; include [n]othing;"),
              "a.conf:1 a; b.conf:1 b; ");
}

TEST_F(ConfigurationReaderTest, AMissingFileIsAnError) {
    EXPECT_EQ(read("\ninclude gone.conf;"),
              "nginx.conf:2: gone.conf: cannot be opened: No such file or directory");
    const auto missing = read_nginx_configuration(files_.path("missing.conf"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(without_directory(missing.error().message),
              "missing.conf: cannot be opened: No such file or directory");
}

TEST_F(ConfigurationReaderTest, WhatIsNoRegularFileIsRefusedAtOnce) {
    ASSERT_EQ(mkfifo(files_.path("pipe").c_str(), 0600), 0);
    EXPECT_EQ(read("include pipe;"), "nginx.conf:1: pipe: is not a regular file");
    EXPECT_EQ(read("include /dev/zero;"), "nginx.conf:1: /dev/zero: is not a regular file");
    EXPECT_EQ(read("include .;"), "nginx.conf:1: .: is not a regular file");
}

TEST_F(ConfigurationReaderTest, ALoopOfIncludesIsAnError) {
    EXPECT_EQ(read("a { include nginx.conf; }"), "nginx.conf:1: nginx.conf: includes itself");
    files_.write("one.conf",
                 "include ./../" +
                     std::filesystem::path(files_.path("")).parent_path().filename().string() +
                     "/two.conf;");
    files_.write("two.conf", "\ninclude [o]ne.conf;");
    EXPECT_NE(read("include one.conf;").find("two.conf:2: one.conf: includes itself"),
              std::string::npos)
        << read("include one.conf;");
    files_.write("three.conf", "x;");
    EXPECT_EQ(read("include three.conf; include three.conf;"), "three.conf:1 x; three.conf:1 x; ")
        << "twice is no loop";
}

TEST_F(ConfigurationReaderTest, BracesMustBalanceInEachFile) {
    EXPECT_EQ(read("a {\n"), "nginx.conf:2: unexpected end of file, a \"}\" is missing");
    EXPECT_EQ(read("a { } }"), "nginx.conf:1: unexpected \"}\"");
    files_.write("one.conf", "b; }");
    EXPECT_EQ(read("a { include one.conf;"), "one.conf:1: unexpected \"}\"");
}

TEST_F(ConfigurationReaderTest, LuaBlocksAreRefusedWithWhatToDo) {
    const std::string refused = read("location / {\n content_by_lua_block { return '}' } }");
    EXPECT_EQ(refused.find("nginx.conf:2: \"content_by_lua_block\" holds Lua code"), 0U) << refused;
    EXPECT_NE(refused.find("_file"), std::string::npos);
    EXPECT_EQ(read("content_by_lua_file x.lua;"), "nginx.conf:1 content_by_lua_file; ");
}

TEST_F(ConfigurationReaderTest, DepthIsLimited) {
    const auto nested = [](std::size_t depth) {
        std::string text;
        for (std::size_t i = 0; i < depth; ++i) {
            text += "a { ";
        }
        return text + std::string(depth, '}');
    };
    EXPECT_EQ(read(nested(ConfigurationLimits::kDepth - 1)).find("nginx.conf:1 a {"), 0U);
    EXPECT_EQ(read(nested(ConfigurationLimits::kDepth)),
              "nginx.conf:1: blocks and includes are nested too deep");
    EXPECT_EQ(read(nested(100'000)), "nginx.conf:1: blocks and includes are nested too deep");
}

TEST_F(ConfigurationReaderTest, SizeIsLimited) {
    files_.write("large.conf", std::string(ConfigurationLimits::kBytes / 2, ' '));
    EXPECT_EQ(read("include large.conf; a;"), "nginx.conf:1 a; ");
    EXPECT_EQ(read("include large.conf; include large.conf; a;"),
              "nginx.conf:1: large.conf: makes the configuration too large");
}

TEST_F(ConfigurationReaderTest, FilesThatIncludeManyTimesAreLimited) {
    // Fifty includes of fifty includes of fifty: small files, but 125,000 of them.
    const auto write_level = [this](const std::string &name, const std::string &next) {
        std::string text;
        for (int i = 0; i < 50; ++i) {
            text += "include " + next + ";\n";
        }
        files_.write(name, text);
    };
    files_.write("leaf.conf", "");
    write_level("two.conf", "leaf.conf");
    write_level("one.conf", "two.conf");
    write_level("zero.conf", "one.conf");
    const std::string refused = read("include zero.conf;");
    EXPECT_NE(refused.find(": too many files are included"), std::string::npos) << refused;
}

TEST_F(ConfigurationReaderTest, ATruncatedConfigurationNeverCrashes) {
    const std::string whole = "a 'b' {\n c \"d\\\"\"; # e\n include x*; }\nf ${g} { } ";
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const std::string read_as = read(whole.substr(0, size));
        EXPECT_TRUE(size == 0 || !read_as.empty()) << size;
    }
}

}  // namespace
}  // namespace ipfence::configuration_reader_test
