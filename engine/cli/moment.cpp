#include "engine/cli/moment.hpp"

#include <array>
#include <ctime>

#include "engine/cli/counted.hpp"

namespace ipfence::cli {

namespace {

struct Unit {
    std::int64_t seconds;
    const char *name;
};
constexpr std::array<Unit, 5> kUnits{{
    {365 * 24 * 3600, "year"},
    {24 * 3600, "day"},
    {3600, "hour"},
    {60, "minute"},
    {1, "second"},
}};

std::string duration_text(std::int64_t seconds) {
    for (const Unit &unit : kUnits) {
        const std::int64_t count = seconds / unit.seconds;
        if (count != 0) {
            return counted(static_cast<std::uint64_t>(count), unit.name);
        }
    }
    return {};
}

std::string distance_text(std::int64_t time, std::int64_t now) {
    if (time == now) {
        return "now";
    }
    return time > now ? "in " + duration_text(time - now) : duration_text(now - time) + " ago";
}

}  // namespace

std::string moment_text(std::int64_t time, std::int64_t now) {
    // No clock shows these, and dates end somewhere.
    constexpr std::int64_t kLatest = std::int64_t{1} << 40;
    if (time < 0 || time > kLatest) {
        return std::to_string(time) + ", out of range";
    }
    const std::time_t seconds = time;
    std::tm date{};
    std::array<char, 64> text;
    const std::size_t size =
        std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&seconds, &date));
    return std::string(text.data(), size) + ", " + distance_text(time, now);
}

}  // namespace ipfence::cli
