#include "engine/decision/decide_all.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <utility>

#include "engine/decision/look_up.hpp"
#include "engine/decision/steps.hpp"

namespace ipfence {

namespace {

// As in decide.cpp.
struct NoTrace {
    static constexpr void found(Finding) noexcept {}
};

// Many decisions under way, each a few requests behind the next one in its stage: while what one
// stage has fetched is on its way into the cache, the other stages have something to do.
class Pipeline {
  public:
    Pipeline(const Policy &policy, std::span<const DecisionRequest> requests,
             std::span<Decision> decisions) noexcept
        : policy_(policy), requests_(requests), decisions_(decisions) {}

    void run() noexcept {
        const std::size_t turns = requests_.size() + (kStages - 1) * kApart;
        for (std::size_t turn = 0; turn < turns; ++turn) {
            take_turn(turn, std::make_index_sequence<kStages>());
        }
    }

  private:
    // Of a tree of ranges, two levels lead to ten thousand segments; what is deeper is waited for.
    static constexpr std::size_t kLevels = 2;
    static constexpr std::size_t kFirstLevel = 4;
    static constexpr std::size_t kStages = kFirstLevel + kLevels + 1;
    // Far enough apart for a cache miss, and so near that all that is under way stays in the
    // nearest cache: measured, 2 and 4 take a tenth more, 8 a fifth, 16 two thirds.
    static constexpr std::size_t kApart = 3;
    static constexpr std::size_t kUnderWay = std::bit_ceil(kStages * kApart);

    struct UnderWay {
        NameSearches names;
        LookedUp looked_up;
    };

    // The stages of as many requests; the last stage first, for the next request takes its place.
    template <std::size_t... Stage>
    void take_turn(std::size_t turn, std::index_sequence<Stage...>) noexcept {
        (take_stage<kStages - 1 - Stage>(turn), ...);
    }

    template <std::size_t Stage>
    void take_stage(std::size_t turn) noexcept {
        // Of a request that is still to come, the index is larger than any.
        const std::size_t index = turn - Stage * kApart;
        if (index >= requests_.size()) {
            return;
        }
        const DecisionRequest &request = requests_[index];
        auto &[names, looked_up] = under_way_[index % kUnderWay];
        if constexpr (Stage == 0) {
            names.begin(policy_, request);
        } else if constexpr (Stage == 1) {
            names.fetch_slots(policy_);
        } else if constexpr (Stage == 2) {
            looked_up = {};
            names.finish(policy_, request, looked_up);
        } else if constexpr (Stage == 3) {
            begin_login_search(request, looked_up);
        } else if constexpr (Stage < kFirstLevel + kLevels) {
            go_down(request, looked_up);
        } else {
            NoTrace trace;
            decisions_[index] = {};
            Steps(policy_, request, looked_up, trace, decisions_[index]).take();
        }
    }

    // Begins what step 7 asks of a request, were it to come to that.
    static void begin_login_search(const DecisionRequest &request, LookedUp &looked_up) noexcept {
        if (looked_up.profile != nullptr && request.client_address) {
            looked_up.login_search =
                looked_up.profile->login_ip_ranges.begin(*request.client_address);
        }
    }

    static void go_down(const DecisionRequest &request, LookedUp &looked_up) noexcept {
        if (looked_up.login_search && looked_up.login_search->height != 0) {
            looked_up.profile->login_ip_ranges.go_down(*request.client_address,
                                                       *looked_up.login_search);
        }
    }

    const Policy &policy_;
    std::span<const DecisionRequest> requests_;
    std::span<Decision> decisions_;
    std::array<UnderWay, kUnderWay> under_way_;
};

}  // namespace

void decide_all(const Policy &policy, std::span<const DecisionRequest> requests,
                std::span<Decision> decisions) noexcept {
    Pipeline(policy, requests, decisions).run();
}

}  // namespace ipfence
