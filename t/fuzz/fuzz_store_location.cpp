// The URL of a store.

#include "engine/store/location.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::ExactText text = fuzz::Input(data, size).rest();
    const auto location = parse_store_location(text.view());
    if (!location.ok()) {
        require(!location.error().message.empty(), "an error says what is wrong");
        return 0;
    }
    require(!location->servers.empty(), "a store has a server");
    std::string hosts;
    for (const ServerName &server : location->servers) {
        require(!server.host.empty() && server.port != 0, "a server has a host and a port");
        hosts += (hosts.empty() ? "" : ",") + text_of(server);
    }
    const auto again = parse_store_location("redis://" + hosts);
    require(again.ok() && again->servers == location->servers,
            "servers are written as they are read");
    return 0;
}
