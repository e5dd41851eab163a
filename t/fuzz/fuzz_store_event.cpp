// A message of the channel of events: with the code of who has the key, whatever it says, or, after
// an odd first byte, as it comes. And the order in which a few of them arrive.

#include <string>

#include "engine/store/event.hpp"
#include "engine/store/generation.hpp"
#include "engine/store/store_names.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

constexpr KeyedDigest::Key kKey{1, 2, 3};
constexpr std::string_view kChannel = "ipfence:events";

const EventFormat &format() {
    static const EventFormat events = EventFormat(kKey, std::string(kChannel));
    return events;
}

std::string with_code(std::string_view message) {
    static const KeyedDigest digest(kKey);
    const auto colon = message.find(':');
    const std::string_view event =
        colon == std::string_view::npos ? message : message.substr(colon + 1);
    return std::string(message) + hex_of(digest.digest(Role::event, kChannel, event).value());
}

// Whoever is told of no gap has had every event.
void follow(std::string_view steps) {
    GenerationTracker tracker;
    std::uint64_t arrived = 0;
    bool is_sure = false;
    for (const char step : steps) {
        const auto number = static_cast<unsigned char>(step) / 4U;
        switch (static_cast<unsigned char>(step) % 4U) {
            case 0:
                tracker.subscribed();
                is_sure = false;
                break;
            case 1:
                tracker.counter_asked();
                if (tracker.counter_read(number) == GenerationTracker::Gap::no && !is_sure) {
                    is_sure = tracker.is_following();
                    arrived = 0;
                }
                break;
            default:
                if (tracker.event_arrived(number) == GenerationTracker::Gap::no && is_sure) {
                    require(arrived == 0 || number == arrived + 1, "no event is left out");
                    arrived = number;
                }
        }
        is_sure = is_sure && tracker.is_following();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    fuzz::Input input(data, size);
    const bool as_it_comes = input.byte() % 2 == 1;
    const fuzz::ExactText text = input.rest();
    const auto read =
        format().read(as_it_comes ? std::string(text.view()) : with_code(text.view()));
    if (read) {
        require(!as_it_comes, "nobody makes up an event");
        require(std::to_string(read->generation) + ':' + format().write(read->event) ==
                    with_code(text.view()),
                "an event is read in one way only");
    }
    follow(text.view());
    return 0;
}
