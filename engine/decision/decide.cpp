#include <algorithm>
#include <array>

#include "engine/decision/decision.hpp"
#include "engine/decision/look_up.hpp"
#include "engine/decision/steps.hpp"

namespace ipfence {

namespace {

struct NoTrace {
    static constexpr void found(Finding) noexcept {}
};

Decision decide(const Policy &policy, const DecisionRequest &request,
                const LookedUp &looked_up) noexcept {
    NoTrace trace;
    return Steps(policy, request, looked_up, trace).take();
}

// What step 7 reads of a request, were it to come to that.
template <class Fetch>
void fetch_ranges(const DecisionRequest &request, const LookedUp &looked_up, Fetch fetch) noexcept {
    if (looked_up.profile != nullptr && request.client_address) {
        fetch(looked_up.profile->login_ip_ranges, *request.client_address);
    }
}

void decide_together(const Policy &policy, std::span<const DecisionRequest> requests,
                     std::span<Decision> decisions) noexcept {
    std::array<LookedUp, kTogether> looked_up;
    look_up(policy, requests, std::span(looked_up).first(requests.size()));
    for (std::size_t index = 0; index < requests.size(); ++index) {
        fetch_ranges(requests[index], looked_up[index],
                     [](const RangeSet &ranges, Address address) { ranges.fetch_root(address); });
    }
    for (std::size_t index = 0; index < requests.size(); ++index) {
        fetch_ranges(requests[index], looked_up[index],
                     [](const RangeSet &ranges, Address address) { ranges.fetch_leaf(address); });
    }
    for (std::size_t index = 0; index < requests.size(); ++index) {
        decisions[index] = decide(policy, requests[index], looked_up[index]);
    }
}

}  // namespace

Decision decide(const Policy &policy, const DecisionRequest &request) noexcept {
    return decide(policy, request, look_up(policy, request));
}

void decide_all(const Policy &policy, std::span<const DecisionRequest> requests,
                std::span<Decision> decisions) noexcept {
    for (std::size_t done = 0; done < requests.size(); done += kTogether) {
        const std::size_t count = std::min(kTogether, requests.size() - done);
        decide_together(policy, requests.subspan(done, count), decisions.subspan(done, count));
    }
}

}  // namespace ipfence
