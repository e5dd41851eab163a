#include "engine/analysis/scope.hpp"

#include <gtest/gtest.h>

#include "engine/analysis/configuration_reader.hpp"
#include "t/unit/policy/temporary_files.hpp"

namespace ipfence::scope_test {
namespace {

class ScopeTest : public testing::Test {
  protected:
    // The innermost of the blocks that are each the last one in the one around it.
    const Scope &innermost(std::string_view http) {
        files_.write("nginx.conf", "http {" + std::string(http) + "}");
        auto read = read_nginx_configuration(files_.path("nginx.conf"));
        EXPECT_TRUE(read) << read.error().message;
        configuration_ = std::move(read).value();
        root_ = std::make_unique<Scope>(Scope::Type::http, configuration_.directives[0], nullptr);
        const Scope *scope = root_.get();
        while (!scope->inner().empty()) {
            scope = scope->inner().back().get();
        }
        return *scope;
    }

    TemporaryFiles files_;
    NginxConfiguration configuration_;
    std::unique_ptr<Scope> root_;
};

TEST_F(ScopeTest, TheNearestDirectiveHolds) {
    const Scope &scope =
        innermost("ssi on; satisfy any; server { ssi off; location / { location /a { } } }");
    EXPECT_EQ(scope.effective("ssi")->argument(0), "off");
    EXPECT_EQ(scope.effective("satisfy")->argument(0), "any");
    EXPECT_EQ(scope.effective("mirror"), nullptr);
    EXPECT_EQ(scope.own("ssi"), nullptr);
}

TEST_F(ScopeTest, AListIsInheritedWholeOrNotAtAll) {
    EXPECT_EQ(
        innermost("mirror /a; mirror /b; server { location / { } }").all_effective("mirror").size(),
        2U);
    EXPECT_EQ(innermost("mirror /a; mirror /b; server { location / { mirror /c; } }")
                  .all_effective("mirror")
                  .size(),
              1U);
}

TEST_F(ScopeTest, AnIfBelongsToItsLocation) {
    const Scope &scope = innermost(
        "server { location /a { ipfence off; internal; if ($x) { "
        "limit_except GET { } } } }");
    EXPECT_EQ(scope.type(), Scope::Type::limit_except);
    EXPECT_EQ(scope.location().block().argument(0), "/a");
    EXPECT_TRUE(scope.is_off_here());
    EXPECT_TRUE(scope.is_internal());
    EXPECT_FALSE(scope.is_guarded());
}

TEST_F(ScopeTest, ANestedLocationIsAnother) {
    const Scope &scope =
        innermost("server { location /a { ipfence off; internal; location /a/b { } } }");
    EXPECT_FALSE(scope.is_off_here());
    EXPECT_FALSE(scope.is_internal());
    EXPECT_FALSE(scope.is_guarded());
    EXPECT_FALSE(innermost("server { ipfence off; if ($x) { } }").is_off_here())
        << "in a server it is inherited by every location";
}

TEST_F(ScopeTest, MessagesNameTheLocationAndItsServer) {
    EXPECT_EQ(innermost("server { server_name id.example.com x; location ~* ^/a { if ($x) { } } }")
                  .text(),
              "location ~* ^/a of server id.example.com");
    EXPECT_EQ(innermost("server { listen 81; location /a { } }").text(),
              "location /a of the server at 81");
    EXPECT_EQ(innermost("server { location /a { } }").text(),
              "location /a of a server without a name");
    EXPECT_EQ(innermost("location /a { }").text(), "location /a");
}

}  // namespace
}  // namespace ipfence::scope_test
