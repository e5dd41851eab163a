#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/policy/load_policy.hpp"
#include "t/unit/policy/temporary_files.hpp"

namespace ipfence::test {

/// The policy of a document without a fault.
inline std::unique_ptr<const Policy> policy_of(const std::string &document) {
    const TemporaryFiles files;
    PolicyLoad load = files.load(document);
    EXPECT_TRUE(load.policy) << files.text(load.errors) << '\n' << document;
    return std::move(load.policy);
}

/// One profile, `office`, with these ranges.
inline std::unique_ptr<const Policy> policy_with_ranges(const std::string &ranges) {
    return policy_of(R"({"ipfence": 1, "organization": {"default_profile": "office"},
        "profiles": {"office": {"login_ip_ranges": [)" +
                     ranges + "]}}}");
}

}  // namespace ipfence::test
