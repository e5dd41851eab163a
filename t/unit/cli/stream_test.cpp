// `ipfence decide` as one end of a pipe: order, waiting, limits, memory.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <thread>

#include "engine/cli/request_lines.hpp"
#include "t/unit/cli/program.hpp"

namespace ipfence::test::stream_test {
namespace {

using cli::kLineLimit;

class Stream : public ::testing::Test {
  protected:
    std::vector<std::string> arguments() const { return {"decide", "--policy", policy_}; }

    // A request of exactly this many bytes.
    static std::string request_of_size(std::size_t size) {
        const std::string request = R"({"user": "batch", "operation": "login")";
        return request + std::string(size - request.size() - 1, ' ') + '}';
    }

    const Files files_;
    const std::string policy_ = files_.write("policy.json", example_policy());
};

constexpr std::string_view kAllowed = R"({"decision": "allow")";
constexpr std::string_view kTooLong = R"({"error": "the line is longer than 65536 bytes"})";

TEST_F(Stream, AnAnswerComesBeforeTheNextRequest) {
    Conversation ipfence(arguments());
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(ipfence.say("{\"user\": \"batch\", \"operation\": \"login\"}\n"));
        EXPECT_EQ(ipfence.hear().rfind(kAllowed, 0), 0U);
    }
    ASSERT_TRUE(ipfence.say("{\"user\": \"ba"));
    ASSERT_TRUE(ipfence.say("tch\", \"operation\": \"login\"}"));
    ipfence.stop_talking();
    EXPECT_EQ(ipfence.hear().rfind(kAllowed, 0), 0U) << "the last line without its newline";
    EXPECT_EQ(ipfence.exit_code(), 0);
}

TEST_F(Stream, ALineOverTheLimitIsAnsweredOnceAndSkipped) {
    const std::string short_request = request_of_size(50);
    for (const std::size_t size : {kLineLimit - 1, kLineLimit, kLineLimit + 1, 2 * kLineLimit,
                                   2 * kLineLimit + 1, 10 * kLineLimit}) {
        const Completed completed = call(arguments(), short_request + '\n' + request_of_size(size) +
                                                          '\n' + short_request + '\n');
        EXPECT_EQ(completed.exit_code, 0);
        std::vector<std::string> lines;
        std::size_t begin = 0;
        for (std::size_t end; (end = completed.output.find('\n', begin)) != std::string::npos;
             begin = end + 1) {
            lines.push_back(completed.output.substr(begin, end - begin));
        }
        ASSERT_EQ(lines.size(), 3U) << size;
        EXPECT_EQ(lines[0].rfind(kAllowed, 0), 0U) << size;
        EXPECT_EQ(lines[2], lines[0]) << size;
        EXPECT_EQ(lines[1], size > kLineLimit ? std::string(kTooLong) : lines[0]) << size;
    }
}

TEST_F(Stream, TheLastLineOverTheLimitIsAnsweredToo) {
    for (const std::size_t size : {kLineLimit + 1, 2 * kLineLimit, 3 * kLineLimit}) {
        EXPECT_EQ(call(arguments(), request_of_size(size)).output, std::string(kTooLong) + '\n')
            << size;
    }
}

TEST_F(Stream, LinesKeepTheirOrderAcrossEveryBoundaryOfTheBuffer) {
    // Sizes that are coprime with the buffer's, so that lines straddle its end everywhere.
    std::string input;
    std::string expected;
    for (std::size_t line = 0; line < 3000; ++line) {
        input += line % 3 == 0 ? std::string("{}") : request_of_size(101 + line % 37);
        input += '\n';
        expected += line % 3 == 0 ? 'e' : 'a';
    }
    const Completed completed = call(arguments(), input);
    std::string kinds;
    for (std::size_t begin = 0; begin < completed.output.size();
         begin = completed.output.find('\n', begin) + 1) {
        kinds += completed.output.compare(begin, kAllowed.size(), kAllowed) == 0 ? 'a' : 'e';
    }
    EXPECT_EQ(kinds, expected);
}

TEST_F(Stream, AReaderThatWentAwayEndsItQuietly) {
    testing::internal::CaptureStderr();
    Conversation ipfence(arguments());
    ipfence.stop_listening();
    EXPECT_TRUE(ipfence.say("{\"user\": \"batch\", \"operation\": \"login\"}\n"));
    EXPECT_EQ(ipfence.exit_code(), 1);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(Stream, AnOutputThatFailsIsReported) {
    const std::string requests = files_.write("requests", "{}\n");
    const Completed full = call_with_files(arguments(), requests, "/dev/full");
    EXPECT_EQ(full.exit_code, 1);
    EXPECT_NE(full.errors.find("standard output"), std::string::npos) << full.errors;
}

TEST_F(Stream, AnInputThatFailsIsReported) {
    const Completed directory = call_with_files(arguments(), files_.path("."), "/dev/null");
    EXPECT_EQ(directory.exit_code, 1);
    EXPECT_NE(directory.errors.find("standard input"), std::string::npos) << directory.errors;
}

// Every seventh request is answered with an error, since that path must not grow either.
std::string requests_to_send(std::size_t count) {
    std::string text;
    for (std::size_t index = 0; index < count; ++index) {
        text += index % 7 == 0 ? "{\"operation\": \"nonsense\"}\n"
                               : "{\"ip\": \"203.0.113.9\", \"user\": \"alice\", \"app\": "
                                 "\"mobile\", \"operation\": \"login\", \"flow\": "
                                 "\"web_server\"}\n";
    }
    return text;
}

long peak_memory_after(std::size_t requests, const std::vector<std::string> &arguments) {
    static constexpr std::size_t kBatch = 1000;
    Conversation ipfence(arguments);
    std::thread speaker([&ipfence, requests] {
        for (std::size_t sent = 0; sent < requests;) {
            const std::size_t count = std::min(kBatch, requests - sent);
            if (!ipfence.say(requests_to_send(count))) {
                return;
            }
            sent += count;
        }
    });
    EXPECT_TRUE(ipfence.hear_lines(requests));
    const long kibibytes = ipfence.peak_memory();
    speaker.join();
    ipfence.stop_talking();
    EXPECT_EQ(ipfence.exit_code(), 0);
    return kibibytes;
}

TEST_F(Stream, AMillionRequestsNeedNoMoreMemoryThanTen) {
    // AddressSanitizer keeps what is freed for a while; that is not memory that ipfence needs.
    setenv("ASAN_OPTIONS", "quarantine_size_mb=0:thread_local_quarantine_size_kb=0", 1);
    const long ten = peak_memory_after(10, arguments());
    const long million = peak_memory_after(1'000'000, arguments());
    unsetenv("ASAN_OPTIONS");

    // The fixed buffers are touched in full by then, and by ten requests they are not.
    constexpr long kBuffers = 256;
    EXPECT_LE(million, ten + kBuffers);
    std::cout << "peak resident set: " << ten << " KiB after 10 requests, " << million
              << " KiB after 1000000\n";
}

}  // namespace
}  // namespace ipfence::test::stream_test
