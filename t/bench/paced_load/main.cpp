// Sends requests on a schedule and prints how long each took from when it was due.
//
// The schedule does not wait for answers (an open loop): a request that finds every connection busy
// waits, and that waiting is part of its latency, which a client that sends only when it was
// answered leaves out.

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "t/bench/paced_load/connection.hpp"
#include "t/bench/paced_load/request.hpp"

using namespace ipfence::bench;
using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

namespace {

struct Plan {
    std::uint16_t port = 0;
    std::string request_file;
    double rate = 0;  // requests a second; 0: whenever a connection is free
    double seconds = 0;
    std::uint64_t requests = 0;  // 0: as many as the seconds allow
    std::size_t connections = 16;
    std::uint64_t first_number = 1;
    std::uint64_t last_number = 0;
};

class Load {
  public:
    Load(const Plan &plan, RequestTemplate requests)
        : plan_(plan), requests_(std::move(requests)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        for (std::size_t index = 0; index < plan.connections; ++index) {
            connections_.emplace_back(plan.port);
        }
    }
    ~Load() { ::close(epoll_); }
    Load(const Load &) = delete;
    Load &operator=(const Load &) = delete;

    bool run() {
        for (std::size_t index = 0; index < connections_.size(); ++index) {
            if (!open(index)) {
                return false;
            }
        }
        start_ = Clock::now();
        while (!is_over()) {
            send_what_is_due();
            take_answers();
        }
        return true;
    }

    void print() {
        std::sort(latencies_.begin(), latencies_.end());
        const double elapsed = duration<double>(Clock::now() - start_).count();
        std::printf(
            "answered %zu\nfailed %zu\nunanswered %zu\nseconds %.3f\np50 %u\np99 %u\np999 %u\n",
            latencies_.size(), failed_, unanswered(), elapsed, percentile(0.5), percentile(0.99),
            percentile(0.999));
    }

  private:
    bool open(std::size_t index) {
        Connection &connection = connections_[index];
        connection.close();
        if (!connection.open()) {
            return false;
        }
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = index;
        free_.push_back(index);
        return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.descriptor(), &event) == 0;
    }

    bool all_sent() const {
        return (plan_.requests > 0 && sent_ >= plan_.requests) ||
               (plan_.seconds > 0 && due_of_next() >= end());
    }
    bool is_over() const {
        return (all_sent() && free_.size() == connections_.size()) ||
               (plan_.seconds > 0 && Clock::now() >= end() + kPatience);
    }
    Clock::time_point end() const {
        return start_ + duration_cast<nanoseconds>(duration<double>(plan_.seconds));
    }
    Clock::time_point due_of_next() const {
        if (plan_.rate <= 0) {
            return Clock::now();
        }
        return start_ + duration_cast<nanoseconds>(
                            duration<double>(static_cast<double>(sent_) / plan_.rate));
    }

    void send_what_is_due() {
        while (!free_.empty() && !all_sent()) {
            const auto due = due_of_next();
            if (due > Clock::now()) {
                return;
            }
            const std::size_t index = free_.back();
            free_.pop_back();
            ++sent_;
            if (!connections_[index].send(requests_.next(), due)) {
                fail(index);
            }
        }
    }

    // Sleeps no longer than until the next request is due: the provider may share this core.
    void take_answers() {
        std::array<epoll_event, 64> events{};
        const bool has_to_wait_for_answers = free_.empty() || all_sent();
        const nanoseconds pause = has_to_wait_for_answers ? kLongestPause : until(due_of_next());
        const timespec timeout{.tv_sec = 0, .tv_nsec = pause.count()};
        const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()),
                                         &timeout, nullptr);
        for (int index = 0; index < count; ++index) {
            take_answer(events[static_cast<std::size_t>(index)].data.u64);
        }
    }

    static nanoseconds until(Clock::time_point due) {
        return std::clamp<nanoseconds>(due - Clock::now(), nanoseconds{0}, kLongestPause);
    }

    void take_answer(std::size_t index) {
        Connection &connection = connections_[index];
        switch (connection.receive()) {
            case Connection::Progress::waiting:
                return;
            case Connection::Progress::broken:
                fail(index);
                return;
            case Connection::Progress::answered:
                break;
        }
        const auto latency = duration_cast<microseconds>(Clock::now() - connection.due()).count();
        latencies_.push_back(static_cast<std::uint32_t>(latency));
        failed_ += connection.is_success() ? 0 : 1;
        free_.push_back(index);
    }

    void fail(std::size_t index) {
        ++failed_;
        if (!open(index)) {
            std::fputs("paced_load: the server takes no connection\n", stderr);
            std::exit(1);
        }
    }

    // Of those that were due, also the ones that never found a free connection.
    std::size_t unanswered() const {
        const auto due = plan_.rate > 0 && plan_.seconds > 0
                             ? static_cast<std::size_t>(plan_.rate * plan_.seconds)
                             : static_cast<std::size_t>(sent_);
        return due > latencies_.size() ? due - latencies_.size() : 0;
    }

    std::uint32_t percentile(double share) const {
        if (latencies_.empty()) {
            return 0;
        }
        const auto place = static_cast<std::size_t>(share * static_cast<double>(latencies_.size()));
        return latencies_[std::min(place, latencies_.size() - 1)];
    }

    // What is still unanswered this long after the end stays unanswered.
    static constexpr milliseconds kPatience{2000};
    static constexpr nanoseconds kLongestPause{10'000'000};

    const Plan &plan_;
    RequestTemplate requests_;
    int epoll_;
    Clock::time_point start_;
    std::vector<Connection> connections_;
    std::vector<std::size_t> free_;
    std::vector<std::uint32_t> latencies_;
    std::uint64_t sent_ = 0;
    std::size_t failed_ = 0;
};

std::string contents_of(const std::string &file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char **argv) {
    Plan plan;
    CLI::App app{"Sends the request in FILE to 127.0.0.1:PORT, on a schedule"};
    app.add_option("PORT", plan.port)->required();
    app.add_option("FILE", plan.request_file,
                   "The bytes of the request; ########## becomes its number")
        ->required()
        ->check(CLI::ExistingFile);
    app.add_option("--rate", plan.rate,
                   "Requests a second; without: whenever a connection is free");
    app.add_option("--seconds", plan.seconds);
    app.add_option("--requests", plan.requests);
    app.add_option("--connections", plan.connections)->check(CLI::PositiveNumber);
    app.add_option("--first-number", plan.first_number);
    app.add_option("--last-number", plan.last_number, "Draw numbers at random up to this one");
    CLI11_PARSE(app, argc, argv);

    if (plan.seconds <= 0 && plan.requests == 0) {
        std::fputs("paced_load: say --seconds or --requests\n", stderr);
        return 2;
    }
    // The kernel would round each pause up by 50 microseconds.
    ::prctl(PR_SET_TIMERSLACK, 1);
    const auto last = plan.last_number == 0 ? std::nullopt : std::optional(plan.last_number);
    Load load(plan, RequestTemplate(contents_of(plan.request_file), plan.first_number, last));
    if (!load.run()) {
        std::fputs("paced_load: cannot connect\n", stderr);
        return 1;
    }
    load.print();
    return 0;
}
