// Processes that share a zone, and die at any instant.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <random>
#include <string>
#include <thread>

#include "t/unit/memory/shared_memory.hpp"
#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::process_test {
namespace {

using namespace std::chrono_literals;

constexpr Seconds kNow = 1000;
constexpr std::uint64_t kKeys = 300;

// A grant whose parts all say the same number: one that was half written does not.
GrantRecord consistent_grant(std::uint64_t key, std::uint32_t number) {
    GrantRecord record;
    record.header.key = digest_of(key);
    record.header.expires = 2 * kNow;
    record.header.epoch = number;
    record.issued = number;
    record.address_low = number;
    record.text.fill(static_cast<char>('a' + number % 26));
    record.device_tag.fill(static_cast<unsigned char>(number));
    return record;
}

bool is_consistent(const GrantRecord &record, std::uint64_t key) {
    GrantRecord expected = consistent_grant(key, record.header.epoch);
    expected.header.version = record.header.version;
    return std::memcmp(&expected, &record, sizeof(record)) == 0;
}

// Writes, changes and removes for ever.
[[noreturn]] void write_for_ever(std::span<std::byte> bytes, unsigned seed) {
    Table table = Zone::attach(bytes).value().grants();
    std::mt19937 random(seed);
    while (true) {
        const std::uint64_t key = random() % kKeys;
        switch (random() % 8) {
            case 0:
                table.remove(digest_of(key));
                break;
            case 1:
                table.update<GrantRecord>(digest_of(key), kNow, [&](GrantRecord &record) {
                    const std::uint64_t version = record.header.version;
                    record = consistent_grant(key, static_cast<std::uint32_t>(random()));
                    record.header.version = version;
                    return true;
                });
                break;
            default:
                table.store(consistent_grant(key, static_cast<std::uint32_t>(random())), kNow);
        }
    }
}

// Ends with 0 when every record that it saw was whole, else with 1.
[[noreturn]] void read_for(std::span<std::byte> bytes, std::chrono::milliseconds duration) {
    const Table table = Zone::attach(bytes).value().grants();
    const auto end = std::chrono::steady_clock::now() + duration;
    std::uint64_t seen = 0;
    while (std::chrono::steady_clock::now() < end) {
        for (std::uint64_t key = 0; key < kKeys; ++key) {
            const auto record = table.find<GrantRecord>(digest_of(key), kNow);
            seen += record ? 1 : 0;
            if (record && !is_consistent(*record, key)) {
                ::_exit(1);
            }
        }
    }
    ::_exit(seen == 0 ? 2 : 0);
}

pid_t fork_writer(std::span<std::byte> bytes, unsigned seed) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        write_for_ever(bytes, seed);
    }
    return pid;
}

void end(pid_t pid) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

TEST(SharedZone, OutlivesWritersThatAreKilledAtAnyInstant) {
    const SharedMemory memory;
    ASSERT_TRUE(Zone::create(memory.bytes(), {}));

    constexpr auto kDuration = 3000ms;
    constexpr unsigned kLeastKills = 100;  // which a busy machine takes longer for
    const pid_t reader = ::fork();
    if (reader == 0) {
        read_for(memory.bytes(), kDuration);
    }
    pid_t writers[] = {fork_writer(memory.bytes(), 1), fork_writer(memory.bytes(), 2)};
    std::mt19937 random(3);
    unsigned kills = 0;
    const auto end_time = std::chrono::steady_clock::now() + kDuration;
    while (kills < kLeastKills || std::chrono::steady_clock::now() < end_time) {
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000));
        pid_t &writer = writers[random() % 2];
        end(writer);
        writer = fork_writer(memory.bytes(), ++kills + 10);
    }
    for (const pid_t writer : writers) {
        end(writer);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(reader, &status, 0), reader);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0) << "1: saw a record that was half written; 2: saw none";

    // No lock is held for ever, what is found can be removed, and every place can be written.
    ::alarm(20);
    Table table = Zone::attach(memory.bytes()).value().grants();
    for (std::uint64_t key = 0; key < kKeys; ++key) {
        table.remove(digest_of(key));
        EXPECT_FALSE(table.find<GrantRecord>(digest_of(key), kNow)) << key;
    }
    for (std::uint64_t key = 0; key < kKeys; ++key) {
        ASSERT_EQ(table.store(consistent_grant(key, 5), kNow), Stored::stored);
        const auto record = table.find<GrantRecord>(digest_of(key), kNow);
        ASSERT_TRUE(record && is_consistent(*record, key));
    }
    ::alarm(0);
}

TEST(SharedZone, ReadersDoNotWaitForAWriterThatStands) {
    const SharedMemory memory;
    ASSERT_TRUE(Zone::create(memory.bytes(), {}));
    const pid_t writer = fork_writer(memory.bytes(), 1);
    const Table table = Zone::attach(memory.bytes()).value().grants();
    ::alarm(20);
    for (int stop = 0; stop < 50; ++stop) {
        std::this_thread::sleep_for(1ms);
        ::kill(writer, SIGSTOP);
        for (std::uint64_t key = 0; key < kKeys; ++key) {
            const auto record = table.find<GrantRecord>(digest_of(key), kNow);
            EXPECT_TRUE(!record || is_consistent(*record, key));
        }
        ::kill(writer, SIGCONT);
    }
    ::alarm(0);
    end(writer);
}

TEST(SharedZone, TwoThatBindOneSessionAtOnceLoseNothing) {
    const SharedMemory memory;
    ASSERT_TRUE(Zone::create(memory.bytes(), {}));
    Memory parent = Memory::on(Zone::attach(memory.bytes()).value()).value();
    for (std::uint64_t session = 1000; session < 1100; ++session) {
        const auto bind = [&](Memory &binder, std::uint64_t number) {
            binder.remember_grant(digest_of(session * 100 + number),
                                  grant("app" + std::to_string(number), "alice"), 100,
                                  Standing::learned, kNow);
            binder.bind_session(digest_of(session), digest_of(session * 100 + number), 1, 100,
                                kNow);
        };
        const pid_t child = ::fork();
        if (child == 0) {
            Memory binder = Memory::on(Zone::attach(memory.bytes()).value()).value();
            bind(binder, 1);
            ::_exit(0);
        }
        bind(parent, 2);
        ::waitpid(child, nullptr, 0);
        SessionMemory found;
        parent.recall_session(digest_of(session), kNow, found);
        EXPECT_EQ(found.state, SessionMemory::State::known);
        EXPECT_EQ(found.count, 2U);
        parent.forget_session(digest_of(session), kNow);
        parent.zone().grants().remove(digest_of(session * 100 + 1));
        parent.zone().grants().remove(digest_of(session * 100 + 2));
    }
}

}  // namespace
}  // namespace ipfence::process_test
