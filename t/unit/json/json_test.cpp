#include "engine/json.hpp"

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace ipfence::json_test {
namespace {

std::size_t in_use;
std::size_t most_in_use;

// What glibc has before each block, and what it rounds up to.
constexpr std::size_t kBlockHeader = 16;

void *counting_malloc(std::size_t size) {
    void *block = std::malloc(size);
    in_use += malloc_usable_size(block) + kBlockHeader;
    most_in_use = std::max(most_in_use, in_use);
    return block;
}

void counting_free(void *block) {
    if (block != nullptr) {
        in_use -= malloc_usable_size(block) + kBlockHeader;
    }
    std::free(block);
}

std::size_t memory_taken(const std::string &text) {
    json_set_alloc_funcs(counting_malloc, counting_free);
    in_use = most_in_use = 0;
    (void)load_json(text, JSON_DECODE_ANY);
    json_set_alloc_funcs(std::malloc, std::free);
    return most_in_use;
}

std::string repeated(const std::string &text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) {
        result += text;
    }
    return result;
}

// What json_memory adds for the steps of malloc: the reckoning itself is what is tested.
constexpr std::size_t kStep = 256 * 1024;

TEST(JsonMemory, IsEnoughForEveryShape) {
    std::string members;
    for (int i = 0; i < 5000; ++i) {
        members += "\"" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    }
    const std::string long_text(60'000, 'x');
    const std::string escapes = repeated("\\u20ac", 10'000);
    for (const std::string &text :
         {"[" + repeated("{},", 20'000) + "{}]", "[" + repeated("[],", 20'000) + "[]]",
          "[" + repeated("{\"\":{}},", 10'000) + "{}]", "[" + repeated("1,", 30'000) + "1]",
          "[" + repeated("\"\",", 20'000) + "\"\"]", "[" + repeated("1.5,", 20'000) + "1]",
          "{" + members + "\"\":0}", repeated("[", 2000) + repeated("]", 2000),
          repeated("{\"a\":", 2000) + "1" + repeated("}", 2000), "\"" + long_text + "\"",
          "{\"" + long_text + "\":\"" + long_text + "\"}", "[\"" + escapes + "\"]",
          repeated("1", 60'000), "[" + repeated("\"0123456789abcdef\",", 5000) + "1]"}) {
        EXPECT_LE(memory_taken(text), json_memory(text) - kStep) << text.substr(0, 40);
    }
}

TEST(JsonMemory, IsAskedForBeforeAnythingIsRead) {
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
    const std::string text = "[" + repeated("{},", 100'000) + "\"" + std::string(100, 'x') + "\"]";
    const rlimit little{1, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_AS, &little), 0);
    bool is_refused = false;
    try {
        (void)load_json(text, 0);
    } catch (const std::bad_alloc &) {
        is_refused = true;
    }
    ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
    EXPECT_TRUE(is_refused);
}

TEST(LoadJson, SaysWhatIsWrong) {
    json_error_t error;
    EXPECT_EQ(load_json("{\"a\":1,\"a\":2}", JSON_REJECT_DUPLICATES, &error), nullptr);
    EXPECT_EQ(json_error_code(&error), json_error_duplicate_key);
    EXPECT_EQ(load_json("{", 0), nullptr);
}

}  // namespace
}  // namespace ipfence::json_test
