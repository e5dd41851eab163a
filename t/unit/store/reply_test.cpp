#include "engine/store/reply.hpp"

#include <gtest/gtest.h>

namespace ipfence::reply_test {
namespace {

using Kind = Reply::Kind;

std::vector<Reply> read_all(ReplyReader &reader) {
    std::vector<Reply> replies;
    while (true) {
        auto reply = reader.next();
        EXPECT_TRUE(reply.ok()) << (reply.ok() ? "" : reply.error().message);
        if (!reply.ok() || !*reply) {
            return replies;
        }
        replies.push_back(std::move(**reply));
    }
}

bool is_refused(std::string_view bytes) {
    auto reader = ReplyReader::create().value();
    reader.feed(bytes);
    while (true) {
        const auto reply = reader.next();
        if (!reply.ok()) {
            EXPECT_NE(reply.error().message, "");
            EXPECT_FALSE(reader.next().ok());  // and for good
            return true;
        }
        if (!*reply) {
            return false;
        }
    }
}

constexpr std::string_view kAllKinds =
    "+OK\r\n-ERR no\r\n:-42\r\n$-1\r\n*-1\r\n$4\r\na\r\nb\r\n*0\r\n"
    "*3\r\n:1\r\n*2\r\n$0\r\n\r\n$-1\r\n+x\r\n";

void expect_all_kinds(const std::vector<Reply> &replies) {
    ASSERT_EQ(replies.size(), 8U);
    EXPECT_TRUE(replies[0].is_status("OK"));
    EXPECT_TRUE(replies[1].is_error("ERR"));
    EXPECT_FALSE(replies[1].is_error("ER"));
    EXPECT_TRUE(replies[2].is(Kind::integer));
    EXPECT_EQ(replies[2].integer, -42);
    EXPECT_TRUE(replies[3].is(Kind::nothing));
    EXPECT_TRUE(replies[4].is(Kind::nothing));
    EXPECT_EQ(replies[5].text, "a\r\nb");
    EXPECT_TRUE(replies[6].is(Kind::list));
    EXPECT_TRUE(replies[6].items.empty());
    ASSERT_EQ(replies[7].items.size(), 3U);
    ASSERT_EQ(replies[7].items[1].items.size(), 2U);
    EXPECT_TRUE(replies[7].items[1].items[0].is(Kind::text));
    EXPECT_TRUE(replies[7].items[1].items[1].is(Kind::nothing));
    EXPECT_TRUE(replies[7].items[2].is_status("x"));
}

TEST(ReplyReader, ReadsEveryKind) {
    auto reader = ReplyReader::create().value();
    reader.feed(kAllKinds);
    expect_all_kinds(read_all(reader));
}

TEST(ReplyReader, ReadsWhatComesInPieces) {
    for (std::size_t piece = 1; piece < kAllKinds.size(); ++piece) {
        auto reader = ReplyReader::create().value();
        std::vector<Reply> replies;
        for (std::size_t at = 0; at < kAllKinds.size(); at += piece) {
            reader.feed(kAllKinds.substr(at, piece));
            for (Reply &reply : read_all(reader)) {
                replies.push_back(std::move(reply));
            }
        }
        expect_all_kinds(replies);
    }
}

TEST(ReplyReader, RefusesWhatIsNoReply) {
    for (const char *none : {"x\r\n", "HTTP/1.1 200 OK\r\n", "$-2\r\n", "$x\r\n", "*-2\r\n",
                             ":1x\r\n", "%1\r\n+a\r\n+b\r\n", "_\r\n", "*1\r\n!\r\n"}) {
        EXPECT_TRUE(is_refused(none)) << none;
    }
}

// L11, P5: whatever a server says of a length, it gets no memory for it.
TEST(ReplyReader, RefusesWhatIsLargerThanAnyOfOurs) {
    EXPECT_TRUE(is_refused("*2147483648\r\n"));
    EXPECT_TRUE(is_refused("*1000000\r\n"));
    const std::string text(ReplyReader::kMaxText, 'x');
    EXPECT_FALSE(is_refused('$' + std::to_string(text.size()) + "\r\n" + text + "\r\n"));
    EXPECT_TRUE(is_refused('$' + std::to_string(text.size() + 1) + "\r\n" + text + "x\r\n"));
    EXPECT_FALSE(is_refused("$536870912\r\n" + text));
    EXPECT_TRUE(is_refused("$536870912\r\n" + std::string(ReplyReader::kMaxPending + 1, 'x')));
    EXPECT_TRUE(is_refused(std::string(ReplyReader::kMaxPending + 2, '+')));

    std::string deep;
    for (int depth = 0; depth < 10'000; ++depth) {
        deep += "*1\r\n";
    }
    EXPECT_TRUE(is_refused(deep));

    std::string many = "*200\r\n";
    for (int item = 0; item < 200; ++item) {
        many += "*1000\r\n";
        for (int inner = 0; inner < 1000; ++inner) {
            many += ":1\r\n";
        }
    }
    EXPECT_TRUE(is_refused(many));
    std::string long_texts = "*20\r\n";
    for (int item = 0; item < 20; ++item) {
        long_texts += '$' + std::to_string(text.size()) + "\r\n" + text + "\r\n";
    }
    EXPECT_TRUE(is_refused(long_texts));
}

TEST(ReplyReader, WhatItRefusesOneOfDoesNotCountForOthers) {
    auto reader = ReplyReader::create().value();
    const std::string list = "*1000\r\n" + [] {
        std::string items;
        for (int item = 0; item < 1000; ++item) {
            items += ":1\r\n";
        }
        return items;
    }();
    for (int count = 0; count < 100; ++count) {
        reader.feed(list);
        EXPECT_EQ(read_all(reader).size(), 1U);
    }
}

}  // namespace
}  // namespace ipfence::reply_test
