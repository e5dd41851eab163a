// Processes that learn, revoke, log out and die at any instant over a zone that is too small for
// them: whatever is found is whole, good, and no less than what was told.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <new>
#include <random>
#include <string>

#include "t/unit/memory/shared_memory.hpp"
#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::hammer_test {
namespace {

using namespace std::chrono_literals;
using State = SessionMemory::State;

constexpr unsigned kWriters = 2;
constexpr unsigned kTokens = 400;
constexpr unsigned kSessions = 24;
constexpr unsigned kLogins = 20;  // of a session, by two processes, so that room is made in it
constexpr unsigned kUsers = 10;   // each of whom signs in twice

// What the processes tell each other.
struct Told {
    std::atomic<Seconds> now = 1000;
    std::array<std::atomic<unsigned>, kTokens> revoked{};  // odd: is revoked
    // Which of the sessions that follow one another in a cookie, and how many logins of each
    // process are in it for certain.
    std::array<std::atomic<unsigned>, kSessions> session{};
    std::array<std::array<std::atomic<unsigned>, kWriters>, kSessions> logins{};
};

Digest token_key(unsigned token) {
    return digest_of(1'000'000 + token);
}
Digest grant_key(unsigned token) {
    return digest_of(2'000'000 + token);
}
Digest session_key(unsigned cookie, unsigned number) {
    return digest_of(3'000'000 + (std::uint64_t{number} * kSessions + cookie) * 1000);
}
Digest login_key(unsigned cookie, unsigned number, unsigned login) {
    return digest_of(4'000'000'000 + (std::uint64_t{number} * kSessions + cookie) * 1000 + login);
}
std::string user_of(unsigned login) {
    return "user" + std::to_string(login % kUsers);
}

// All of whose parts say which token it is of.
GrantRecord grant_of_token(unsigned token) {
    const std::string number = std::to_string(token);
    GrantRecord record =
        grant("app" + number, "user" + number, static_cast<std::uint8_t>(token % 8));
    record.header.owner = 100 + token % 40;
    record.issued = token;
    record.device_tag.fill(static_cast<unsigned char>(token));
    return record;
}

class Process {
  public:
    Process(std::span<std::byte> zone, Told &told, unsigned seed)
        : memory_(Memory::on(Zone::attach(zone).value()).value()), told_(told), random_(seed) {}

    [[noreturn]] void write_for_ever(unsigned writer) {
        while (true) {
            change_token(random_below(kTokens / kWriters) * kWriters + writer);
            change_session(random_below(kSessions), writer);
            fill_up();
            told_.now += random_below(1000) == 0 ? 1 : 0;
        }
    }

    // What is wrong with what is found of it; empty when nothing is.
    std::string wrong_with_token(unsigned token) {
        const unsigned revoked = told_.revoked[token];
        const Seconds now = told_.now;
        const auto found = memory_.recall(token_key(token), now);
        if (!found) {
            return {};
        }
        ++tokens_found;
        GrantRecord expected = grant_of_token(token);
        const GrantRecord &grant = found->grant;
        if (grant.app() != expected.app() || grant.user() != expected.user() ||
            grant.beginning != expected.beginning || grant.issued != token ||
            grant.text != expected.text || grant.device_tag != expected.device_tag ||
            grant.header.owner != expected.header.owner ||
            found->credential.grant != grant_key(token) ||
            found->credential.refreshed() != (token % 3 == 0)) {
            return "a token is not what it was";
        }
        if (grant.header.expires <= now || found->credential.header.expires <= now) {
            return "a token has expired";
        }
        return revoked % 2 != 0 && told_.revoked[token] == revoked ? "a token is revoked" : "";
    }

    std::string wrong_with_session(unsigned cookie) {
        const unsigned number = told_.session[cookie];
        std::array<unsigned, kWriters> logins{};
        std::ranges::copy(told_.logins[cookie], logins.begin());
        SessionMemory found;
        memory_.recall_session(session_key(cookie, number), told_.now, found);
        if (found.state != State::known || told_.session[cookie] != number) {
            return {};
        }
        ++sessions_known;
        for (unsigned login = 0; login < kLogins; ++login) {
            if (!is_told(logins[login % kWriters], number, login)) {
                continue;
            }
            const auto is_his = [&](const GrantRecord &grant) {
                return grant.user() == user_of(login);
            };
            if (std::ranges::none_of(found.grants(), is_his)) {
                return "a session is known without somebody";
            }
        }
        return {};
    }

    unsigned tokens_found = 0;
    unsigned sessions_known = 0;

  private:
    static constexpr unsigned kCount = 100;  // more than there are logins

    static bool is_told(unsigned told, unsigned number, unsigned login) {
        return told / kCount == number && told % kCount > login;
    }

    unsigned random_below(unsigned end) { return static_cast<unsigned>(random_() % end); }

    // Only one process changes a token.
    void change_token(unsigned token) {
        const Seconds now = told_.now;
        const Seconds lifetime = 1 + random_below(50);
        const bool is_revoked = told_.revoked[token] % 2 != 0;
        if (!is_revoked && random_below(4) == 0) {
            random_below(2) == 0 ? memory_.forget_grant(grant_key(token), now)
                                 : memory_.forget(token_key(token));
            ++told_.revoked[token];
            return;
        }
        told_.revoked[token] += is_revoked ? 1 : 0;
        memory_.remember_grant(grant_key(token), grant_of_token(token), lifetime, Standing::learned,
                               now);
        memory_.remember({.key = token_key(token),
                          .grant = grant_key(token),
                          .lifetime = lifetime,
                          .refreshed = token % 3 == 0},
                         100 + token % 40, now);
    }

    // Each process has every other login; the first one logs out what all have signed in to.
    void change_session(unsigned cookie, unsigned writer) {
        const unsigned number = told_.session[cookie];
        const unsigned told = told_.logins[cookie][writer];
        unsigned login = told / kCount == number ? told % kCount : 0;
        login += login % kWriters == writer ? 0 : 1;
        const Digest session = session_key(cookie, number);
        if (login < kLogins) {
            const Digest key = login_key(cookie, number, login);
            memory_.remember_grant(key, grant("web", user_of(login)), kLong, Standing::learned,
                                   told_.now);
            memory_.bind_session(session, key, 500 + cookie, kLong, told_.now);
            told_.logins[cookie][writer] = number * kCount + login + 1;
        } else if (writer == 0 && is_told(told_.logins[cookie][1], number, kLogins - 1)) {
            memory_.forget_session(session, told_.now);
            ++told_.session[cookie];
        }
    }

    // With what others learn, so that records have to go.
    void fill_up() {
        const std::uint64_t number = 9'000'000'000 + random_below(400);
        memory_.remember_grant(digest_of(number), grant("other", "somebody"), kLong,
                               Standing::learned, told_.now);
        memory_.remember(
            {.key = digest_of(number + 1000), .grant = digest_of(number), .lifetime = kLong}, 3000,
            told_.now);
    }

    static constexpr Seconds kLong = 100'000;

    Memory memory_;
    Told &told_;
    std::mt19937 random_;
};

TEST(Hammer, WhatIsFoundIsWholeGoodAndNoLessThanWhatWasTold) {
    const SharedMemory zone(2 * Zone::kMinSize);
    const SharedMemory shared;
    ASSERT_TRUE(Zone::create(zone.bytes(), {}));
    auto *const told = new (shared.bytes().data()) Told;
    static_assert(sizeof(Told) <= Zone::kMinSize);
    unsigned seed = 0;
    const auto fork_writer = [&](unsigned writer) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            Process(zone.bytes(), *told, seed).write_for_ever(writer);
        }
        ++seed;
        return pid;
    };
    const auto kill = [](pid_t pid) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    };

    std::array<pid_t, kWriters> writers{fork_writer(0), fork_writer(1)};
    Process reader(zone.bytes(), *told, 1000);
    std::mt19937 random(1);
    const auto end = std::chrono::steady_clock::now() + 1500ms;
    auto next_kill = std::chrono::steady_clock::now();
    std::string wrong;
    for (unsigned turn = 0; wrong.empty() && std::chrono::steady_clock::now() < end; ++turn) {
        wrong = reader.wrong_with_token(turn % kTokens);
        wrong = wrong.empty() ? reader.wrong_with_session(turn % kSessions) : wrong;
        if (std::chrono::steady_clock::now() > next_kill) {
            const auto writer = random() % kWriters;
            kill(writers[writer]);
            writers[writer] = fork_writer(static_cast<unsigned>(writer));
            next_kill += std::chrono::microseconds(random() % 20'000);
        }
    }
    std::ranges::for_each(writers, kill);
    EXPECT_EQ(wrong, "");
    EXPECT_GT(reader.tokens_found, 0U);
    EXPECT_GT(reader.sessions_known, 0U);
}

}  // namespace
}  // namespace ipfence::hammer_test
