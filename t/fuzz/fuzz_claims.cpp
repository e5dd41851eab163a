// A JSON object, read by simdjson and by jansson: what one takes the other takes.

#include "engine/credential/claims.hpp"
#include "engine/json.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

// Above the depth that both are asked for, jansson goes on.
bool is_too_deep(std::string_view text) noexcept {
    int depth = 0;
    for (const char byte : text) {
        depth += byte == '{' || byte == '[';
    }
    return depth > Claims::kMaxDepth;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::ExactText text = fuzz::Input(data, size).rest();
    const auto claims = Claims::parse(text.view());
    const OwnedJson other(
        json_loadb(text.view().data(), text.view().size(), JSON_REJECT_DUPLICATES, nullptr));
    if (claims) {
        require(json_is_object(other.get()), "nothing is read that jansson does not read");
        const char *name = nullptr;
        json_t *value = nullptr;
        json_object_foreach(other.get(), name, value) {
            require(claims->has(name), "every member is found");
            const auto found = claims->text(name);
            require(!found || (json_is_string(value) && *found == json_string_value(value)),
                    "and is the same text");
        }
    } else if (!is_too_deep(text.view()) && text.view().find('\0') == std::string_view::npos) {
        require(!json_is_object(other.get()), "nothing is refused that has one reading");
    }
    return 0;
}
