#include <gtest/gtest.h>

#include <set>

#include "engine/decision/decision.hpp"
#include "engine/decision/name_unless_empty.hpp"
#include "t/unit/decision/example_policy.hpp"

namespace ipfence::names_test {
namespace {

TEST(Names, OfOperationsAreReadBack) {
    const std::string_view names[] = {
        "login", "refresh", "access", "password_change", "verification_registration", "login_flow"};
    for (const std::string_view name : names) {
        const std::optional<Operation> operation = operation_of(name);
        ASSERT_TRUE(operation) << name;
        EXPECT_EQ(name_of(*operation), name);
    }
    EXPECT_FALSE(is_sensitive(operation_of("access").value()));
    EXPECT_TRUE(is_sensitive(operation_of("password_change").value()));
    EXPECT_TRUE(is_sensitive(operation_of("verification_registration").value()));
    EXPECT_TRUE(is_sensitive(operation_of("login_flow").value()));
}

TEST(Names, OfFlowsAreReadBack) {
    const std::string_view names[] = {
        "web_server",         "user_agent", "username_password", "jwt_bearer", "saml_bearer",
        "client_credentials", "device",     "token_exchange",    "direct",     "unknown"};
    for (const std::string_view name : names) {
        const std::optional<Flow> flow = flow_of(name);
        ASSERT_TRUE(flow) << name;
        EXPECT_EQ(name_of(*flow), name);
    }
}

TEST(Names, NothingElseIsRead) {
    for (const std::string_view text : {"", "Login", "login ", "logi", "loginx", "unknown"}) {
        EXPECT_EQ(operation_of(text), std::nullopt) << text;
    }
    for (const std::string_view text : {"", "WEB_SERVER", "web-server", "web_serve", "login"}) {
        EXPECT_EQ(flow_of(text), std::nullopt) << text;
    }
}

TEST(Names, OfReasonsDiffer) {
    std::set<std::string_view> names;
    const auto last = static_cast<unsigned>(Reason::internal_error);
    for (unsigned value = 0; value <= last; ++value) {
        const std::string_view name = name_of(static_cast<Reason>(value));
        EXPECT_FALSE(name.empty());
        EXPECT_TRUE(names.insert(name).second) << name;
    }
    EXPECT_EQ(name_of(Reason::no_login_ip_ranges), "no_login_ip_ranges");
    EXPECT_EQ(name_of(Reason::internal_error), "internal_error");
    EXPECT_EQ(name_of(Outcome::allow), "allow");
    EXPECT_EQ(name_of(Outcome::deny), "deny");
}

TEST(Names, NoAppIsNotAnAppThatNobodyListed) {
    test::ExamplePolicy example;
    example.organization.default_app.emplace().ip_relaxation = Relaxation::relax;
    const std::unique_ptr<const Policy> policy = example.build();
    EXPECT_EQ(effective_app(*policy, std::nullopt), nullptr);
    EXPECT_NE(effective_app(*policy, "other"), nullptr);
    EXPECT_FALSE(decide(*policy, test::login_from_outside()).allowed());
    EXPECT_TRUE(decide(*policy, test::login_from_outside("other")).allowed());
}

TEST(Names, AnEmptyOneNamesNobody) {
    EXPECT_EQ(name_unless_empty(""), std::nullopt);
    EXPECT_EQ(name_unless_empty("alice"), "alice");
}

}  // namespace
}  // namespace ipfence::names_test
