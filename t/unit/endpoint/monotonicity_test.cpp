// Monotonicity (semantics.md): for login, refresh and access, a remembered fact that is taken away
// never turns a deny into an allow. Every app, flow and state of a session, from every address.

#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "engine/endpoint/session_access.hpp"
#include "engine/endpoint/token_endpoint.hpp"
#include "t/unit/endpoint/learning_fixture.hpp"

namespace ipfence::monotonicity_test {
namespace {

using Next = TokenRequestVerdict::Next;
using Remembrance = std::optional<SessionOrigin>;

constexpr std::array kApps{"enforced", "relaxed",    "refresh", "devices",
                           "branch",   "not listed", "bypass",  "saml"};
constexpr std::array kUsers{"alice", "robin", "carol"};
const std::array kAddresses{kInside, kOutside, *Address::parse("198.51.100.1")};

class Monotonicity : public Learning {
  protected:
    DeviceKeys keys_ = device_keys();
    unsigned allowed_ = 0;
    unsigned denied_ = 0;

    Monotonicity() {
        // Unlisted apps relax as much as can be, so that losing the app's name could open.
        OrganizationSettings organization;
        organization.default_app.emplace().ip_relaxation = Relaxation::relax;
        policy_ = make_world(organization, true, [](PolicyBuilder &builder) {
            AppSettings bypass;
            bypass.client_id = "bypass";
            bypass.ip_relaxation = Relaxation::relax_for_activated_devices;
            bypass.trusted_ip_ranges = builder.add_ranges(ranges("198.51.100.0/24"));
            bypass.trusted_ip_ranges_effect = TrustedRangesEffect::bypass;
            builder.add_app(std::move(bypass));
            AppSettings saml;
            saml.client_id = "saml";
            saml.oauth = false;
            saml.ip_relaxation = Relaxation::relax;
            builder.add_app(std::move(saml));
        });
    }

    void for_every_session(const std::function<void(const SessionOrigin &)> &visit) const {
        for (const char *app : kApps) {
            for (const char *user : kUsers) {
                for (unsigned flow = 0; flow <= static_cast<unsigned>(Flow::unknown); ++flow) {
                    if (static_cast<Flow>(flow) == Flow::client_credentials) {
                        // The one exception (SECURITY.md, promise 3): its user is the app's, and
                        // what a token tells of one counts only once the flow is not known.
                        continue;
                    }
                    for (unsigned bits = 0; bits < 8; ++bits) {
                        SessionOrigin origin{.app = app,
                                             .user = user,
                                             .flow = static_cast<Flow>(flow),
                                             .refreshed = (bits & 1) != 0,
                                             .device_activated = (bits & 2) != 0};
                        if ((bits & 4) != 0) {
                            origin.device_tag = device_tag_of(keys_, user);
                        }
                        visit(origin);
                    }
                }
            }
        }
    }

    // Each takes one fact away.
    static std::vector<SessionOrigin> poorer(const SessionOrigin &full) {
        std::vector<SessionOrigin> less(5, full);
        less[0].user = {};
        less[1].flow = Flow::unknown;
        less[2].refreshed = false;
        less[3].device_activated = false;
        less[4].device_tag.reset();
        return less;
    }

    using Allows = std::function<bool(const Remembrance &, Address)>;

    void expect_nothing_opens(const SessionOrigin &full, const std::vector<Remembrance> &less,
                              const Allows &allows) {
        for (const Address address : kAddresses) {
            const bool allowed = allows(full, address);
            (allowed ? allowed_ : denied_) += 1;
            for (std::size_t i = 0; i < less.size(); ++i) {
                EXPECT_LE(allows(less[i], address), allowed)
                    << full.app << " " << full.user << " " << name_of(full.flow) << " lost " << i;
            }
        }
    }

    // Both phases of a token request, whose tokens name `user`.
    bool allows(Grant grant, std::string_view app, const Remembrance &remembered,
                const std::string &user, Address address) const {
        const TokenRequestFacts facts{.client_address = address,
                                      .grant = grant,
                                      .client_id = app,
                                      .raw_client_id = {},
                                      .typed_user = {},
                                      .assured_user = {},
                                      .remembered = remembered,
                                      .device_keys = &keys_};
        const TokenRequestVerdict verdict = judge_token_request(*policy_, facts);
        if (verdict.next == Next::deny || verdict.next == Next::refuse_mismatch) {
            return false;
        }
        const Judgement *earlier =
            verdict.next == Next::forward_and_hold ? &*verdict.judgement : nullptr;
        IssuedTokens tokens;
        tokens.access_token = "A";
        tokens.user = user;
        const auto judgement = judge_token_response(*policy_, facts, tokens, {}, earlier);
        return judgement ? judgement->decision.allowed() : earlier->decision.allowed();
    }

    void expect_both_outcomes() const {
        EXPECT_GT(allowed_, 0U);
        EXPECT_GT(denied_, 0U);
    }
};

TEST_F(Monotonicity, OfRefreshAndLogin) {
    for (const Grant grant :
         {Grant::refresh_token, Grant::authorization_code, Grant::token_exchange}) {
        for (const bool names_user : {true, false}) {
            for_every_session([&](const SessionOrigin &full) {
                const auto fewer = poorer(full);
                std::vector<Remembrance> less(fewer.begin(), fewer.end());
                // A subject token may come from elsewhere: its exchange is a login of its own.
                if (grant != Grant::token_exchange) {
                    less.emplace_back();
                }
                const std::string user(names_user ? full.user : "");
                expect_nothing_opens(full, less,
                                     [&](const Remembrance &remembered, Address address) {
                                         return allows(grant, full.app, remembered, user, address);
                                     });
            });
        }
    }
    expect_both_outcomes();
}

TEST_F(Monotonicity, OfAccess) {
    const auto allows_access = [&](const Remembrance &known, Address address) {
        const AccessFacts facts{.client_address = address, .device_keys = &keys_};
        const auto judgement =
            known ? judge_access(*policy_, facts, *known) : judge_unidentified(*policy_, facts);
        return judgement.decision.allowed();
    };
    for_every_session([&](const SessionOrigin &full) {
        const auto fewer = poorer(full);
        std::vector<Remembrance> less(fewer.begin(), fewer.end());
        less.emplace_back();
        expect_nothing_opens(full, less, allows_access);
    });
    expect_both_outcomes();
}

// The same through a real memory: what it no longer holds opens nothing.
TEST_F(Monotonicity, OfWhatMemoryHolds) {
    for_every_session([&](const SessionOrigin &full) {
        if (full.device_tag) {
            return;  // a token response brings none
        }
        Judgement began = judgement(full.flow, full.app, full.user);
        began.request.device_activated = full.device_activated;
        learn_tokens(memory_, tokens("A", "R"), began, {}, kNow);
        const auto refresh = token("R");
        ASSERT_TRUE(refresh);
        const SessionOrigin known = origin(refresh);
        EXPECT_EQ(known.flow, full.flow);
        EXPECT_EQ(known.device_activated, full.device_activated);
        expect_nothing_opens(known, {std::nullopt}, [&](const Remembrance &kept, Address address) {
            return allows(Grant::refresh_token, full.app, kept, std::string(full.user), address);
        });
        memory_.forget_grant(refresh->credential.grant, kNow);
        EXPECT_FALSE(token("A") || token("R"));
    });
    expect_both_outcomes();
}

// One grant of several that a session received.
TEST_F(Monotonicity, OfTheGrantsOfASession) {
    const auto sensitive = [&](std::span<const GrantRecord> grants, Address address) {
        const AccessFacts facts{.client_address = address, .operation = Operation::login_flow};
        return judge_session(*policy_, facts, grants).decision.allowed();
    };
    for (const char *app : kApps) {
        for (const char *other : kApps) {
            for (const Address address : kAddresses) {
                std::array grants{grant(app, "alice"), grant(other, "alice")};
                const bool allowed = sensitive(grants, address);
                EXPECT_EQ(allowed, sensitive({&grants[0], 1}, address) &&
                                       sensitive({&grants[1], 1}, address))
                    << app << " " << other;
                EXPECT_FALSE(sensitive({}, address)) << "a session that lost all is nobody's";
                (allowed ? allowed_ : denied_) += 1;
            }
        }
    }
    expect_both_outcomes();
}

}  // namespace
}  // namespace ipfence::monotonicity_test
