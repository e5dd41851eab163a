#include "engine/comparison/address_cover.hpp"

#include <gtest/gtest.h>

#include <string>

#include "t/unit/comparison/policies.hpp"

namespace ipfence::address_cover_test {
namespace {

// The login ranges of a policy whose only profile has these.
class Cover {
  public:
    explicit Cover(const std::string &ranges) : policy_(test::policy_with_ranges(ranges)) {}
    AddressCover get() const { return cover_of(policy_->find_profile("office")->login_ip_ranges); }

  private:
    std::unique_ptr<const Policy> policy_;
};

std::string text_of(const std::vector<AddressRange> &ranges) {
    std::string text;
    for (const AddressRange &range : ranges) {
        text += text.empty() ? "" : " ";
        text += range.text();
    }
    return text;
}

TEST(AddressCover, DoesNotDependOnHowTheRangesAreWritten) {
    const AddressCover whole = Cover(R"("192.0.2.0/24", "2001:db8::/32")").get();
    EXPECT_EQ(
        Cover(R"("192.0.2.0/25", "192.0.2.128/25", "2001:db8::/33", "2001:db8:8000::/33")").get(),
        whole);
    EXPECT_EQ(Cover(R"("192.0.2.0-192.0.2.255", "192.0.2.7", "2001:db8::/32")").get(), whole);
    EXPECT_NE(Cover(R"("192.0.2.0-192.0.2.254", "2001:db8::/32")").get(), whole);
    EXPECT_NE(Cover(R"("192.0.2.0/24")").get(), whole);
}

TEST(AddressCover, IntervalsAreAllAddressesOnce) {
    const AddressCover one = Cover(R"("192.0.2.0/24", "::/0")").get();
    const AddressCover other =
        Cover(R"("192.0.2.128-192.0.3.3", "0.0.0.0", "255.255.255.255")").get();
    const std::array covers{&one, &other};
    auto intervals = intervals_of(covers);
    EXPECT_EQ(text_of(intervals[0]), "0.0.0.1-192.0.1.255 192.0.3.4-255.255.255.254");
    EXPECT_EQ(text_of(intervals[1]), "192.0.2.0/25 ::/0");
    EXPECT_EQ(text_of(intervals[2]), "0.0.0.0 192.0.3.0/30 255.255.255.255");
    EXPECT_EQ(text_of(intervals[3]), "192.0.2.128/25");
    EXPECT_EQ(intervals.size(), 4u);
}

TEST(AddressCover, EndsBeforeTheIpv4MappedAddresses) {
    const AddressCover cover = Cover(R"("::fffe:0:0/96", "192.0.2.0/24")").get();
    const std::array covers{&cover};
    auto intervals = intervals_of(covers);
    EXPECT_EQ(text_of(intervals[1]), "192.0.2.0/24 ::fffe:0:0/96");
    EXPECT_EQ(text_of(intervals[0]),
              "0.0.0.0-192.0.1.255 192.0.3.0-255.255.255.255 ::-::fffd:ffff:ffff "
              "::1:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST(AddressCover, NeighboursAreJoined) {
    const auto range = [](const char *text) { return AddressRange::parse(text).value(); };
    EXPECT_EQ(
        text_of(joined({range("2001:db8::/33"), range("192.0.2.128/25"), range("192.0.2.0/25"),
                        range("2001:db8:8000::/33"), range("192.0.4.0/24")})),
        "192.0.2.0/24 192.0.4.0/24 2001:db8::/32");
    EXPECT_EQ(text_of(joined({range("255.255.255.255"), range("::")})), "255.255.255.255 ::");
    EXPECT_EQ(text_of(joined({})), "");
}

}  // namespace
}  // namespace ipfence::address_cover_test
