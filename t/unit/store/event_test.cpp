#include "engine/store/event.hpp"

#include <gtest/gtest.h>

namespace ipfence::event_test {
namespace {

using Kind = StoreEvent::Kind;

EventFormat format(unsigned char key = 1, std::string channel = "ipfence:events") {
    const std::array<unsigned char, KeyedDigest::kKeySize> bytes{key};
    return EventFormat(bytes, std::move(channel));
}

const StoreEvent kEvent{Kind::grant_forgotten, {{0x1234, 0x5678}}};

TEST(EventFormat, ReadsWhatItWrote) {
    for (const Kind kind : {Kind::grant_changed, Kind::grant_forgotten, Kind::credential_forgotten,
                            Kind::session_changed, Kind::session_forgotten}) {
        const StoreEvent event{kind, {{7, 9}}};
        const auto read = format().read("18446744073709551615:" + format().write(event));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->event, event);
        EXPECT_EQ(read->generation, 18446744073709551615U);
    }
}

TEST(EventFormat, RefusesAnotherKeyAndAnotherChannel) {
    const std::string message = "1:" + format().write(kEvent);
    EXPECT_TRUE(format().read(message));
    EXPECT_FALSE(format(2).read(message));
    EXPECT_FALSE(format(1, "other:events").read(message));
}

TEST(EventFormat, RefusesEveryTruncationAndEveryFlippedBit) {
    const std::string message = "77:" + format().write(kEvent);
    for (std::size_t size = 0; size < message.size(); ++size) {
        EXPECT_FALSE(format().read(std::string_view(message).substr(0, size))) << size;
    }
    for (std::size_t at = message.find(':'); at < message.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string flipped = message;
            flipped[at] = static_cast<char>(flipped[at] ^ 1 << bit);
            EXPECT_FALSE(format().read(flipped)) << at;
        }
    }
    EXPECT_FALSE(format().read(message + "0"));
}

TEST(EventFormat, ReadsGenerationsOnlyAsACounterWritesThem) {
    const std::string event = format().write(kEvent);
    for (const char *none :
         {"", "0", "01", "-1", "+1", " 1", "1 ", "1.0", "x", "18446744073709551616"}) {
        EXPECT_FALSE(format().read(std::string(none) + ':' + event)) << none;
    }
}

}  // namespace
}  // namespace ipfence::event_test
