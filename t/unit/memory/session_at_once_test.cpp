// A session that is full, and that several processes use at once: as long as it is known, nobody
// who signed in is missing from it.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <new>
#include <random>
#include <string>
#include <thread>

#include "t/unit/memory/shared_memory.hpp"
#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::session_at_once_test {
namespace {

using namespace std::chrono_literals;

constexpr Seconds kNow = 1000;
constexpr Seconds kLifetime = 1000;
constexpr unsigned kFull = SessionMemory::kMaxGrants;

class SessionAtOnce : public testing::Test {
  protected:
    // A session for each round, and one more that nobody else uses.
    static std::uint64_t other_than(std::uint64_t round) { return round + 1'000'000; }

    // Users are letters.
    void log_in(std::uint64_t session, unsigned login, unsigned user) {
        const Digest key = digest_of((session + 1) * 1'000 + login);
        const char name = static_cast<char>('a' + user);
        memory_.remember_grant(key, grant("web", {&name, 1}), kLifetime, Standing::learned, kNow);
        memory_.bind_session(digest_of(session), key, 1, kLifetime, kNow);
    }

    // With so many users, the first of whom signed in as often as there is room for.
    void fill(std::uint64_t session, unsigned users) {
        for (unsigned login = 0; login < kFull; ++login) {
            log_in(session, login, login < kFull - users ? 0 : login - (kFull - users));
        }
    }

    void forget(std::uint64_t session) {
        memory_.forget_session(digest_of(session), kNow);
        for (unsigned login = 0; login < 2 * kFull; ++login) {
            memory_.zone().grants().remove(digest_of((session + 1) * 1'000 + login));
        }
    }

    // Those of so many users of whom the session is not, though it is known.
    std::string missing(std::uint64_t session, unsigned users) const {
        SessionMemory found;
        memory_.recall_session(digest_of(session), kNow, found);
        std::string names;
        for (unsigned user = 0; user < users; ++user) {
            names += static_cast<char>('a' + user);
        }
        for (const GrantRecord &grant : found.grants()) {
            std::erase(names, grant.user().front());
        }
        return found.state == SessionMemory::State::known ? names : "";
    }

    // One more login in another process. It is waited for until it has all of its memory at hand,
    // by what it does to another session.
    pid_t begin_login(std::uint64_t session, unsigned users) {
        auto *const has_begun = new (begin_.bytes().data()) std::atomic<bool>(false);
        const pid_t pid = ::fork();
        if (pid == 0) {
            fill(other_than(session), users);
            log_in(other_than(session), kFull, 0);
            *has_begun = true;
            log_in(session, kFull, 0);
            ::_exit(0);
        }
        while (!*has_begun) {
            std::this_thread::yield();
        }
        return pid;
    }

    // Stops it at some instant of its first microseconds. False when it has ended.
    bool stop(pid_t pid) {
        const auto pause = std::chrono::nanoseconds(random_() % 10'000);
        const auto start = std::chrono::steady_clock::now();
        while (std::chrono::steady_clock::now() - start < pause) {
        }
        ::kill(pid, SIGSTOP);
        int status = 0;
        ::waitpid(pid, &status, WUNTRACED);
        return WIFSTOPPED(status);
    }

    SharedMemory zone_memory_{16 * Zone::kMinSize};
    SharedMemory begin_;
    Memory memory_ = Memory::on(Zone::create(zone_memory_.bytes(), {}).value()).value();
    std::mt19937 random_{1};
};

TEST_F(SessionAtOnce, WhoeverSignsInWhileAnotherOneMakesRoomStays) {
    constexpr unsigned kBefore = kFull / 2;
    constexpr unsigned kAfter = kFull - 1;
    constexpr unsigned kStops = 10;
    constexpr auto kPatience = 1s;  // on a busy machine few are stopped in time
    const auto end = std::chrono::steady_clock::now() + kPatience;
    unsigned stops = 0;
    for (std::uint64_t session = 0; stops < kStops && std::chrono::steady_clock::now() < end;
         ++session) {
        fill(session, kBefore);
        const pid_t other = begin_login(session, kBefore);
        if (stop(other)) {
            ++stops;
            // It goes on soon, since it may have a lock that is waited for here.
            std::thread soon([other] {
                std::this_thread::sleep_for(5ms);
                ::kill(other, SIGCONT);
                ::waitpid(other, nullptr, 0);
            });
            for (unsigned user = kBefore; user < kAfter; ++user) {
                log_in(session, kFull + user, user);
            }
            log_in(session, kFull + kAfter, 0);
            soon.join();
            EXPECT_EQ(missing(session, kAfter), "");
        }
        forget(session);
        forget(other_than(session));
    }
}

TEST_F(SessionAtOnce, NobodyIsMissingWhileAnotherOneMakesRoom) {
    constexpr unsigned kUsers = kFull - 1;
    std::atomic<std::uint64_t> session = 0;
    std::atomic<bool> is_over = false;
    std::thread writer([&] {
        const auto end = std::chrono::steady_clock::now() + 700ms;
        for (std::uint64_t next = 1; std::chrono::steady_clock::now() < end; ++next) {
            fill(next, kUsers);
            session = next;
            log_in(next, kFull, 0);
            session = 0;
            forget(next);
        }
        is_over = true;
    });
    std::string anybody;
    while (!is_over && anybody.empty()) {
        const std::uint64_t read = session;
        const std::string names = read == 0 ? "" : missing(read, kUsers);
        anybody = session == read ? names : "";
    }
    writer.join();
    EXPECT_EQ(anybody, "");
}

}  // namespace
}  // namespace ipfence::session_at_once_test
