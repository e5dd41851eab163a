#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <thread>

#include "engine/policy/compiled_file.hpp"
#include "engine/policy/load_policy.hpp"
#include "engine/policy/policy_image.hpp"
#include "t/unit/policy/temporary_files.hpp"

namespace ipfence::compiled_policy_test {
namespace {

constexpr std::string_view kPolicy = R"({"ipfence": 1,
  "organization": {"default_profile": "office", "continuous_ip_enforcement": true,
    "sensitive_operations": "outside_ranges", "user_claims": ["email", "sub"],
    "profile_claim": "group", "verification_claims": {"amr": ["mfa"], "acr": ["a", "b"]},
    "default_app": {"ip_relaxation": "relax_for_activated_devices",
                    "trusted_ip_ranges": ["192.0.2.0/28"], "trusted_ip_ranges_effect": "bypass"}},
  "networks": {"hq": ["203.0.113.0/24", "2001:db8::/32", "2001:db8::7"]},
  "profiles": {"office": {"login_ip_ranges": ["network:hq", "203.0.113.7"]},
               "branch": {"login_ip_ranges": ["network:hq", "203.0.113.7"]},
               "anywhere": {"unrestricted": true}},
  "users": {"alice": "office", "bob": "branch", "robot": "anywhere"},
  "apps": {"web": {}, "mobile": {"name": "Mobile", "protocols": ["saml"], "run_as": "robot",
                                 "ip_relaxation": "relax"}}})";

class CompiledPolicy : public testing::Test {
  protected:
    void compile(std::string_view policy = kPolicy) {
        const PolicyLoad load = files_.load(policy);
        ASSERT_TRUE(load.policy) << files_.text(load.errors);
        ASSERT_FALSE(write_compiled(*load.policy, compiled()));
    }

    std::string compiled() const { return files_.path("policy.ipf"); }

    std::string bytes() const {
        std::ifstream file(compiled(), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    // What is said of these bytes as a policy; empty when they are one.
    std::string fault_of(const std::string &text) const {
        files_.write("other.ipf", text);
        return files_.text(load_policy(files_.path("other.ipf")).errors);
    }

    // The same bytes with the checksum that they should have.
    static std::string with_checksum(std::string text) {
        if (text.size() >= sizeof(PolicyHeader)) {
            const auto checksum = checksum_of(std::as_bytes(std::span<const char>(text)));
            std::copy(checksum.begin(), checksum.end(),
                      text.begin() + offsetof(PolicyHeader, checksum));
        }
        return text;
    }

    TemporaryFiles files_;
};

TEST_F(CompiledPolicy, SaysAllThatTheDocumentSays) {
    compile();
    const PolicyLoad document = load_policy(files_.path("policy.json"));
    const PolicyLoad image = load_policy(compiled());
    ASSERT_TRUE(image.policy) << files_.text(image.errors);
    const Policy &policy = *image.policy;
    EXPECT_EQ(policy.hash(), document.policy->hash());
    EXPECT_EQ(policy.hash().size(), 12u);

    const Organization &organization = policy.organization();
    EXPECT_TRUE(organization.continuous_ip_enforcement);
    EXPECT_EQ(organization.sensitive_operations, SensitiveOperations::outside_ranges);
    EXPECT_EQ(organization.default_profile, policy.find_profile("office"));
    EXPECT_EQ(organization.user_claims, (std::vector<std::string>{"email", "sub"}));
    EXPECT_EQ(organization.profile_claim, "group");
    EXPECT_EQ(organization.verification_claims.amr, std::vector<std::string>{"mfa"});
    EXPECT_EQ(organization.verification_claims.acr, (std::vector<std::string>{"a", "b"}));
    ASSERT_NE(organization.default_app, nullptr);
    EXPECT_TRUE(organization.default_app->client_id.empty());
    EXPECT_EQ(organization.default_app->trusted_ip_ranges_effect, TrustedRangesEffect::bypass);
    EXPECT_TRUE(organization.default_app->trusted_ip_ranges.contains(*Address::parse("192.0.2.3")));

    const App *mobile = policy.find_app("mobile");
    ASSERT_NE(mobile, nullptr);
    EXPECT_EQ(mobile->name, "Mobile");
    EXPECT_EQ(mobile->run_as, "robot");
    EXPECT_TRUE(mobile->saml && !mobile->oauth && !mobile->has_trusted_ip_ranges);
    EXPECT_EQ(mobile->ip_relaxation, Relaxation::relax);
    EXPECT_EQ(policy.find_app("Mobile"), nullptr);

    EXPECT_TRUE(policy.find_user("robot")->unrestricted);
    EXPECT_EQ(policy.find_user("alice"), policy.find_profile("office"));
    EXPECT_EQ(policy.find_user("carol"), nullptr);
    const RangeSet &ranges = policy.find_user("alice")->login_ip_ranges;
    EXPECT_EQ(ranges.find(*Address::parse("203.0.113.7"))->text(), "203.0.113.7");
    EXPECT_EQ(ranges.find(*Address::parse("203.0.113.8"))->text(), "203.0.113.0/24");
    EXPECT_EQ(ranges.find(*Address::parse("2001:db8::7"))->text(), "2001:db8::7");
    EXPECT_EQ(ranges.find(*Address::parse("2001:db8::8"))->text(), "2001:db8::/32");
    EXPECT_FALSE(ranges.contains(*Address::parse("198.51.100.1")));
}

// As `<(…)` of a shell is: it has no size that is known beforehand.
TEST_F(CompiledPolicy, MayComeThroughAPipe) {
    compile();
    const std::string pipe = files_.path("pipe");
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    std::jthread writer([&] { std::ofstream(pipe, std::ios::binary) << bytes(); });
    const PolicyLoad load = load_policy(pipe);
    ASSERT_TRUE(load.policy) << files_.text(load.errors);
    EXPECT_EQ(load.policy->hash(), load_policy(compiled()).policy->hash());
}

TEST_F(CompiledPolicy, IsNotWaitedForWhereOnlyARegularFileWillDo) {
    ASSERT_EQ(mkfifo(files_.path("pipe").c_str(), 0600), 0);
    const PolicyLoad load = load_policy(files_.path("pipe"), {}, SourceKind::regular);
    EXPECT_EQ(files_.text(load.errors),
              "pipe: is not a regular file, and nginx does not wait for a pipe or a device: put a "
              "file in its place\n");
}

TEST_F(CompiledPolicy, IsTheSameBytesEachTime) {
    compile();
    const std::string first = bytes();
    compile();
    EXPECT_EQ(bytes(), first);
}

TEST_F(CompiledPolicy, CompiledAgainIsTheSame) {
    compile();
    const std::string first = bytes();
    const PolicyLoad load = load_policy(compiled());
    ASSERT_FALSE(write_compiled(*load.policy, compiled()));
    EXPECT_EQ(bytes(), first);
}

TEST_F(CompiledPolicy, EqualListsAreKeptOnce) {
    std::ostringstream ranges;
    for (int block = 0; block < 250; ++block) {
        ranges << (block == 0 ? "" : ", ") << "\"10.0." << block << ".0/25\"";
    }
    const auto size_with = [&](int profiles) {
        std::ostringstream policy;
        policy << R"({"ipfence": 1, "organization": {"default_profile": null}, "profiles": {)";
        for (int profile = 0; profile < profiles; ++profile) {
            policy << (profile == 0 ? "" : ", ") << "\"p" << profile
                   << "\": {\"login_ip_ranges\": [" << ranges.str() << "]}";
        }
        policy << "}}";
        compile(policy.str());
        return bytes().size();
    };
    const std::size_t one = size_with(1);
    EXPECT_GT(one, 2000u);
    EXPECT_LT(size_with(10), one + 10 * 200);
}

TEST_F(CompiledPolicy, CutAnywhereItIsRefused) {
    compile();
    const std::string whole = bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        ASSERT_NE(fault_of(whole.substr(0, size)), "") << size;
        ASSERT_NE(fault_of(with_checksum(whole.substr(0, size))), "") << size;
    }
    EXPECT_NE(fault_of(whole + "x"), "");
    EXPECT_EQ(fault_of(whole), "");
}

TEST_F(CompiledPolicy, WithAnyBitChangedItIsRefused) {
    compile();
    const std::string whole = bytes();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
        ASSERT_NE(fault_of(changed), "") << at;
    }
}

void look_up(const RangeSet &ranges) {
    for (const char *text : {"203.0.113.7", "0.0.0.0", "255.255.255.255", "2001:db8::7",
                             "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
        const auto range = ranges.find(*Address::parse(text));
        EXPECT_TRUE(!range || !range->text().empty());
    }
}

// All that anybody reads of a policy: decisions what they look up, `check` and `diff` each name.
void read_all(const Policy &policy) {
    for (const char *name : {"alice", "bob", "robot", "carol", "mobile", ""}) {
        if (const Profile *profile = policy.find_user(name)) {
            look_up(profile->login_ip_ranges);
        }
        policy.find_app(name);
    }
    std::string names;
    policy.listed_users().for_each([&](std::string_view user, const Profile &profile) {
        names.append(user).append(profile.name);
    });
    policy.listed_profiles().for_each([&](std::string_view name, const Profile &profile) {
        names.append(name);
        look_up(profile.login_ip_ranges);
    });
    policy.listed_apps().for_each([&](std::string_view client_id, const App &app) {
        names.append(client_id).append(app.name).append(app.run_as);
        look_up(app.trusted_ip_ranges);
    });
    for (const char *all : {"0.0.0.0/0", "::/0"}) {
        const auto range = policy.find_overlap(AddressRange::parse(all).value());
        EXPECT_TRUE(!range || !range->text().empty());
    }
}

// Whoever can write the file can make its checksum; a reader still must not stray.
TEST_F(CompiledPolicy, ForgedItIsRefusedOrHarmless) {
    compile();
    const std::string whole = bytes();
    std::mt19937 random(7);
    int refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string forged = whole;
        for (auto changes = 1 + random() % 3; changes > 0; --changes) {
            forged[random() % forged.size()] = static_cast<char>(random());
        }
        forged = with_checksum(std::move(forged));
        const auto policy =
            Policy::open(Image::copy_of(std::as_bytes(std::span<const char>(forged))));
        if (policy) {
            read_all(**policy);
        } else {
            ++refused;
        }
    }
    EXPECT_GT(refused, 1'000) << "most bytes matter";
}

TEST_F(CompiledPolicy, OthersAreRefusedWithAReason) {
    compile();
    const std::string whole = bytes();
    const auto with = [&](std::size_t at, char byte) {
        std::string changed = whole;
        changed[at] = byte;
        return fault_of(with_checksum(changed));
    };
    EXPECT_EQ(with(offsetof(PolicyHeader, format), 99),
              "other.ipf: the compiled policy was compiled by another version of ipfence; compile "
              "it again\n");
    EXPECT_EQ(with(offsetof(PolicyHeader, byte_order), 1),
              "other.ipf: the compiled policy was compiled on another kind of machine; compile it "
              "on this one\n");
    EXPECT_EQ(fault_of(whole.substr(0, whole.size() / 2)),
              "other.ipf: the compiled policy is cut short\n");
    EXPECT_EQ(fault_of(whole + 'x'),
              "other.ipf: the compiled policy is longer than it says: something was appended to "
              "it, or it is damaged\n");
    std::string damaged = whole;
    damaged.back() = static_cast<char>(damaged.back() + 1);
    EXPECT_EQ(fault_of(damaged), "other.ipf: the compiled policy is damaged\n");
}

TEST_F(CompiledPolicy, NoMoreIsReadThanOneCanBe) {
    compile();
    const auto fault_of_large = [&](const std::string &beginning) {
        constexpr std::uintmax_t kLarge = std::uintmax_t{1} << 40;
        files_.write("other.ipf", beginning);
        std::filesystem::resize_file(files_.path("other.ipf"), kLarge);
        return files_.text(load_policy(files_.path("other.ipf")).errors);
    };
    EXPECT_NE(fault_of_large("ipfenceP and so on").find("another kind of machine"),
              std::string::npos);
    EXPECT_NE(fault_of_large(bytes()).find("longer than it says"), std::string::npos);
    // What another machine or version calls its size need not be one.
    const auto fault_with = [&](std::size_t at, char byte) {
        std::string other = bytes();
        other[at] = byte;
        other[offsetof(PolicyHeader, size) + 7] = 1;
        return fault_of_large(other);
    };
    EXPECT_NE(fault_with(offsetof(PolicyHeader, byte_order), 1).find("another kind of machine"),
              std::string::npos);
    EXPECT_NE(fault_with(offsetof(PolicyHeader, format), 99).find("another version"),
              std::string::npos);
}

TEST_F(CompiledPolicy, AFailureToWriteLeavesTheOldOne) {
    compile();
    const std::string before = bytes();
    const PolicyLoad load = load_policy(compiled());
    const auto error = write_compiled(*load.policy, files_.path("missing/policy.ipf"));
    ASSERT_TRUE(error);
    EXPECT_NE(error->message.find("cannot be created"), std::string::npos);
    EXPECT_EQ(bytes(), before);
}

// A fuzzer whose seeds are refused at the door finds nothing behind it.
TEST_F(CompiledPolicy, TheSeedsOfTheFuzzerAreOfThisFormat) {
    for (const char *seed : {"as-it-comes", "everything", "policy"}) {
        std::ifstream file(std::string(IPFENCE_SEEDS "/compiled_policy/") + seed, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        ASSERT_FALSE(text.empty()) << seed;
        EXPECT_EQ(fault_of(text.substr(1)), "")
            << seed << ": make it again with t/fuzz/compile_seeds";
    }
}

}  // namespace
}  // namespace ipfence::compiled_policy_test
