// The Cookie lines of a request, and each line as a Set-Cookie.

#include <string_view>
#include <vector>

#include "engine/credential/cookies.hpp"
#include "engine/credential/set_cookie.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    constexpr std::int64_t kNow = 1'800'000'000;
    const std::vector<fuzz::ExactText> texts = fuzz::Input(data, size).lines();
    std::vector<std::string_view> lines = fuzz::views_of(texts);
    for (const std::string_view name : {"session", "__Host-device"}) {
        const CookieValue cookie = find_cookie(lines, name);
        require((cookie.kind == CookieValue::Kind::one) == !cookie.value.empty(),
                "a cookie that is there has a value");
        if (cookie.kind == CookieValue::Kind::one) {
            std::vector<std::string_view> more = lines;
            const bool is_session = name == "session";
            more.push_back(is_session ? "session=(another)" : "__Host-device=(another)");
            require(cookie.value == "(another)" ||
                        find_cookie(more, name).kind == CookieValue::Kind::ambiguous,
                    "two values are none");
        }
    }
    for (const std::string_view line : lines) {
        const auto cookie = parse_set_cookie(line, kNow);
        require(!cookie || !cookie->name.empty(), "a cookie that is set has a name");
    }
    return 0;
}
