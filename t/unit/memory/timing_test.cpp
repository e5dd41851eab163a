// threats.md O09, P18: how long a lookup takes does not say how much of a token is right.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "engine/memory/memory.hpp"
#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::timing_test {
namespace {

constexpr Seconds kNow = 5000;
constexpr std::size_t kTokenSize = 43;  // of 256 bits in base64url
constexpr std::size_t kRight = 33;      // of a near miss
constexpr double kTold = 4.5;           // Welch's t, from which on a difference is taken for one

using Lookup = std::function<bool(const std::string &)>;

class Durations {
  public:
    void add(double nanoseconds) { all_.push_back(nanoseconds); }

    // What the machine did beside it is in the slowest tenth.
    void crop() {
        std::ranges::sort(all_);
        all_.resize(all_.size() * 9 / 10);
    }
    double count() const { return static_cast<double>(all_.size()); }
    double mean() const {
        double sum = 0;
        for (const double one : all_) {
            sum += one;
        }
        return sum / count();
    }
    double variance() const {
        const double middle = mean();
        double sum = 0;
        for (const double one : all_) {
            sum += (one - middle) * (one - middle);
        }
        return sum / (count() - 1);
    }

  private:
    std::vector<double> all_;
};

double welch_t(Durations one, Durations other) {
    one.crop();
    other.crop();
    return std::abs(one.mean() - other.mean()) /
           std::sqrt(one.variance() / one.count() + other.variance() / other.count());
}

std::string random_token(std::mt19937_64 &random) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string token(kTokenSize, ' ');
    std::ranges::generate(token, [&] { return kAlphabet[random() % kAlphabet.size()]; });
    return token;
}

struct Guess {
    std::string token;
    bool is_near;
};

// Wrong tokens, of half of which all but the last ten bytes is right.
std::vector<Guess> guesses_at(const std::string &secret, std::mt19937_64 &random) {
    std::vector<Guess> guesses;
    for (int number = 0; number < 100'000; ++number) {
        Guess guess{random_token(random), random() % 2 != 0};
        if (guess.is_near) {
            guess.token.replace(0, kRight, secret, 0, kRight);
        }
        guess.token.back() = secret.back() == 'x' ? 'y' : 'x';
        guesses.push_back(std::move(guess));
    }
    return guesses;
}

// How clearly near misses differ from others.
double difference(const std::string &secret, const Lookup &look_up, std::mt19937_64 &random) {
    Durations near;
    Durations far;
    for (const auto &[token, is_near] : guesses_at(secret, random)) {
        const auto begin = std::chrono::steady_clock::now();
        const bool found = look_up(token);
        const std::chrono::duration<double, std::nano> taken =
            std::chrono::steady_clock::now() - begin;
        EXPECT_FALSE(found);
        (is_near ? near : far).add(taken.count());
    }
    return welch_t(std::move(near), std::move(far));
}

// Noise is over the line now and then, and drowns a difference now and then; what tells is over it
// more often than not.
bool tells(const std::string &secret, const Lookup &look_up) {
    constexpr int kAttempts = 9;
    std::mt19937_64 random(11);
    int told = 0;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        told += difference(secret, look_up, random) >= kTold ? 1 : 0;
    }
    return told > kAttempts / 2;
}

TEST(Timing, AComparisonThatStopsEarlyTells) {
    std::mt19937_64 random(12);
    const std::string secret = random_token(random);
    EXPECT_TRUE(tells(secret, [&](const std::string &token) {
        for (std::size_t index = 0; index < token.size(); ++index) {
            if (*const_cast<const volatile char *>(&token[index]) != secret[index]) {
                return false;
            }
        }
        return true;
    }));
}

TEST(Timing, ALookupDoesNotTellHowMuchOfATokenIsRight) {
    ZoneMemory zone_memory;
    Memory memory = Memory::on(zone_memory.make_zone()).value();
    std::mt19937_64 random(13);
    const std::string secret = random_token(random);
    const Digest grant_key = digest_of(1);
    memory.remember_grant(grant_key, grant("web", "alice", 0), 1000, Standing::learned, kNow);
    const auto key = memory.digest(Role::token, {}, secret);
    ASSERT_TRUE(key);
    memory.remember(
        {.kind = CredentialKind::access_token, .key = *key, .grant = grant_key, .lifetime = 1000},
        1, kNow);
    ASSERT_TRUE(memory.recall(*key, kNow));
    EXPECT_FALSE(tells(secret, [&](const std::string &token) {
        const auto digest = memory.digest(Role::token, {}, token);
        return digest && memory.recall(*digest, kNow);
    }));
}

}  // namespace
}  // namespace ipfence::timing_test
