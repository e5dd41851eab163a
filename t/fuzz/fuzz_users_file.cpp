// A users file.

#include <string_view>
#include <vector>

#include "engine/policy/load_policy.hpp"
#include "engine/policy/users_file.hpp"
#include "t/fuzz/input.hpp"
#include "t/fuzz/scratch_file.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

struct Outcome {
    std::size_t errors = 0;
    std::size_t users = 0;
};

Outcome read(const std::string &path) {
    PolicyBuilder builder;
    builder.add_profile({.name = "standard", .unrestricted = true, .login_ip_ranges = {}});
    std::vector<Diagnostic> errors;
    read_users_file(
        path, SourceKind::regular, builder, [](std::string_view) {}, errors);
    return {errors.size(), builder.users()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const fuzz::ScratchFile file("users.ndjson");
    const fuzz::ExactText text = fuzz::Input(data, size).rest();
    const Outcome outcome = read(file.with(text.view()));
    if (outcome.errors == 0) {
        const std::string_view before_end = text.view().substr(0, text.view().rfind('{'));
        require(read(file.with(before_end)).errors > 0, "a file without its end is refused");
    }
    return 0;
}
