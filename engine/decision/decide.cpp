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

void decide(const Policy &policy, const DecisionRequest &request, const LookedUp &looked_up,
            Decision &decision) noexcept {
    NoTrace trace;
    Steps(policy, request, looked_up, trace, decision).take();
}

// Begins what step 7 asks of a request, were it to come to that.
void begin_login_search(const DecisionRequest &request, LookedUp &looked_up) noexcept {
    if (looked_up.profile != nullptr && request.client_address) {
        looked_up.login_search = looked_up.profile->login_ip_ranges.begin(*request.client_address);
    }
}

// Whether it went one level down.
bool go_down(const DecisionRequest &request, LookedUp &looked_up) noexcept {
    if (!looked_up.login_search || looked_up.login_search->height == 0) {
        return false;
    }
    looked_up.profile->login_ip_ranges.go_down(*request.client_address, *looked_up.login_search);
    return true;
}

void decide_together(const Policy &policy, std::span<const DecisionRequest> requests,
                     std::span<Decision> decisions) noexcept {
    std::array<LookedUp, kTogether> looked_up;
    look_up(policy, requests, std::span(looked_up).first(requests.size()));
    for (std::size_t index = 0; index < requests.size(); ++index) {
        begin_login_search(requests[index], looked_up[index]);
    }
    for (bool is_deeper = true; is_deeper;) {
        is_deeper = false;
        for (std::size_t index = 0; index < requests.size(); ++index) {
            is_deeper |= go_down(requests[index], looked_up[index]);
        }
    }
    for (std::size_t index = 0; index < requests.size(); ++index) {
        decisions[index] = {};
        decide(policy, requests[index], looked_up[index], decisions[index]);
    }
}

}  // namespace

Decision decide(const Policy &policy, const DecisionRequest &request) noexcept {
    Decision decision;
    decide(policy, request, look_up(policy, request), decision);
    return decision;
}

void decide_all(const Policy &policy, std::span<const DecisionRequest> requests,
                std::span<Decision> decisions) noexcept {
    for (std::size_t done = 0; done < requests.size(); done += kTogether) {
        const std::size_t count = std::min(kTogether, requests.size() - done);
        decide_together(policy, requests.subspan(done, count), decisions.subspan(done, count));
    }
}

}  // namespace ipfence
