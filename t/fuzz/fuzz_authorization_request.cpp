// The query or form of an authorization request.

#include <string>
#include <vector>

#include "engine/credential/authorization_request.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::ExactText parameters = fuzz::Input(data, size).rest();
    std::vector<char> storage(2 * parameters.view().size());
    const auto request = parse_authorization_request(parameters.view(), storage);
    if (!request || request->client_id.empty()) {
        return 0;
    }
    for (const char *again : {"&client_id=other", "&Client_Id=other", "&client_id[]=other"}) {
        const std::string twice = std::string(parameters.view()) + again;
        std::vector<char> more(2 * twice.size());
        require(!parse_authorization_request(twice, more), "there is one client_id");
    }
    return 0;
}
