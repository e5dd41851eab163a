// A policy file.

#include "engine/policy/load_policy.hpp"
#include "t/fuzz/input.hpp"
#include "t/fuzz/scratch_file.hpp"

using namespace ipfence;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const fuzz::ScratchFile file("policy.json");
    const fuzz::ExactText text = fuzz::Input(data, size).rest();
    const PolicyLoad load = load_policy(file.with(text.view()));
    require((load.policy == nullptr) == !load.errors.empty(), "a policy, or the reason why not");
    for (const Diagnostic &error : load.errors) {
        require(!error.message.empty(), "an error says what is wrong");
    }
    if (load.policy) {
        require(!load.policy->organization().user_claims.empty(), "some claim names the user");
        require(load.policy->find_user("nobody lists this name") == nullptr, "no user is invented");
        const PolicyLoad cut =
            load_policy(file.with(text.view().substr(0, text.view().rfind('}'))));
        require(cut.policy == nullptr, "half a policy is none");
    }
    return 0;
}
