// HTTP Basic, which names the client of a token request.

#include <string>
#include <vector>

#include "engine/credential/basic.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::ExactText header = fuzz::Input(data, size).rest();
    std::vector<char> storage(2 * header.view().size());
    const auto client = parse_basic(header.view(), storage);
    if (!client) {
        return 0;
    }
    require(!client->client_id.empty(), "a client has a name");
    require(client->raw_client_id.find(':') == std::string_view::npos, "the first colon ends it");
    require(client->client_id.find('\0') == std::string_view::npos, "no name has a NUL");

    const std::string longer = std::string(header.view()) + "=";
    std::vector<char> more(2 * longer.size());
    require(!parse_basic(longer, more), "there is one spelling of a base64 text");
    return 0;
}
