#include "engine/store/cluster.hpp"

#include <gtest/gtest.h>

namespace ipfence {
namespace {

// The specification's example: the CRC16 of "123456789" is 0x31C3.
TEST(Cluster, HashesAsTheSpecificationSays) {
    EXPECT_EQ(cluster_slot_of("123456789"), 0x31C3 % kClusterSlots);
    EXPECT_EQ(cluster_slot_of(""), 0);
}

}  // namespace
}  // namespace ipfence
