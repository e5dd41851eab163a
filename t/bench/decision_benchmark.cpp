// What a decision costs in a small and in a large organization: random users, apps and addresses.
// "together" is decide_all, of a group at a time. Of decisions one at a time, "independent" ones do
// not wait for one another, and "dependent" ones do, which is what one decision takes. On a machine
// that does other work at the same time, the least of many short runs says most.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/decision/decide_all.hpp"
#include "engine/policy/policy_builder.hpp"
#include "t/bench/organization.hpp"

using namespace ipfence;
using bench::OrganizationGenerator;
using bench::Size;

namespace {

constexpr std::size_t kRequests = 1 << 18;

constexpr Size kSizes[] = {{10, 10, 10, 10},
                           {1'000, 1'000, 100, 10'000},
                           {100'000, 10'000, 1'000, 1'000'000},
                           bench::kLarge};

std::unique_ptr<const Policy> build(Size size) {
    const OrganizationGenerator generator(size);
    PolicyBuilder builder;
    for (std::size_t profile = 0; profile < size.profiles; ++profile) {
        builder.add_profile(
            {generator.profile(profile), false, builder.add_ranges(generator.ranges_of(profile))});
    }
    for (std::size_t user = 0; user < size.users; ++user) {
        builder.add_user(generator.user(user),
                         *builder.find_profile(generator.profile(generator.profile_of_user(user))));
    }
    for (std::size_t app = 0; app < size.apps; ++app) {
        AppSettings settings;
        settings.client_id = generator.app(app);
        settings.ip_relaxation = Relaxation::relax_for_activated_devices;
        builder.add_app(std::move(settings));
    }
    OrganizationSettings organization;
    organization.continuous_ip_enforcement = true;
    builder.set_organization(std::move(organization));
    return std::move(builder.build()).value();
}

// Requests whose names lie together, so that finding the question costs no cache miss of its own.
class Requests {
  public:
    explicit Requests(Size size) : random_(42) {
        const OrganizationGenerator generator(size);
        requests_.reserve(kRequests);
        names_.reserve(kRequests * kNames);
        for (std::size_t index = 0; index < kRequests; ++index) {
            DecisionRequest request;
            const std::size_t user = random_() % size.users;
            request.user = keep(OrganizationGenerator::user(user));
            request.app = keep(OrganizationGenerator::app(random_() % size.apps));
            request.client_address = generator.address_of(user, random_);
            request.operation = Operation::access;
            request.flow = Flow::web_server;
            requests_.push_back(request);
        }
    }

    const DecisionRequest &operator[](std::size_t index) const {
        return requests_[index % kRequests];
    }

    // `count` requests from the group of this number; it divides kRequests.
    std::span<const DecisionRequest> group(std::size_t number, std::size_t count) const {
        return std::span(requests_).subspan(number * count % kRequests, count);
    }

  private:
    static constexpr std::size_t kNames = 64;  // bytes of both names of a request, at most

    std::string_view keep(const std::string &name) {
        const std::size_t at = names_.size();
        names_ += name;
        return {names_.data() + at, name.size()};
    }

    std::mt19937_64 random_;
    std::vector<DecisionRequest> requests_;
    std::string names_;
};

struct World {
    explicit World(Size size) : policy(build(size)), requests(size) {}
    std::unique_ptr<const Policy> policy;
    Requests requests;
};

// One at a time: the largest takes memory and seconds.
const World &world_of(std::size_t index) {
    static std::pair<std::size_t, std::unique_ptr<World>> kept;
    if (!kept.second || kept.first != index) {
        kept.second.reset();
        kept = {index, std::make_unique<World>(kSizes[index])};
    }
    return *kept.second;
}

void describe(benchmark::State &state, const World &world, std::size_t index) {
    const Size size = kSizes[index];
    state.SetLabel(std::to_string(size.users) + " users, " + std::to_string(size.apps) + " apps, " +
                   std::to_string(size.profiles) + " profiles, " + std::to_string(size.ranges) +
                   " ranges, " + std::to_string(world.policy->image().bytes().size()) + " bytes");
}

void independent(benchmark::State &state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const World &world = world_of(size);
    std::size_t next = 0;
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(decide(*world.policy, world.requests[next++]).outcome);
    }
    describe(state, world, size);
}

void together(benchmark::State &state) {
    constexpr std::size_t kGroup = 4096;
    const auto size = static_cast<std::size_t>(state.range(0));
    const World &world = world_of(size);
    std::vector<Decision> decisions(kGroup);
    std::size_t next = 0;
    while (state.KeepRunningBatch(kGroup)) {
        decide_all(*world.policy, world.requests.group(next++, kGroup), decisions);
        benchmark::DoNotOptimize(decisions.data());
        benchmark::ClobberMemory();
    }
    describe(state, world, size);
}

void dependent(benchmark::State &state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const World &world = world_of(size);
    std::size_t next = 0;
    for ([[maybe_unused]] auto _ : state) {
        const Decision decision = decide(*world.policy, world.requests[next]);
        next += decision.allowed() ? 1 : 2;
    }
    describe(state, world, size);
}

// The same few requests again and again, all in the cache.
void repeated(benchmark::State &state) {
    constexpr std::size_t kFew = 64;
    const auto size = static_cast<std::size_t>(state.range(0));
    const World &world = world_of(size);
    std::size_t next = 0;
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(decide(*world.policy, world.requests[next++ % kFew]).outcome);
    }
    describe(state, world, size);
}

void add(const char *name, void (*run)(benchmark::State &), std::int64_t size) {
    constexpr int kRepetitions = 20;
    constexpr double kSecondsEach = 0.05;
    const auto least = [](const std::vector<double> &times) {
        return *std::ranges::min_element(times);
    };
    benchmark::RegisterBenchmark(name, run)
        ->Arg(size)
        ->MinTime(kSecondsEach)
        ->Repetitions(kRepetitions)
        ->ComputeStatistics("min", least)
        ->ReportAggregatesOnly();
}

}  // namespace

int main(int argc, char **argv) {
    for (std::int64_t size = 0; size < std::ssize(kSizes); ++size) {
        add("together", together, size);
        add("independent", independent, size);
        add("dependent", dependent, size);
        add("repeated", repeated, size);
    }
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
