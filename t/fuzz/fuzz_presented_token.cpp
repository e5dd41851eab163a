// The token of an API request: a line with the Authorization header, one with the query, the body.

#include <string>
#include <string_view>
#include <vector>

#include "engine/credential/presented_token.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

Result<PresentedToken, Refusal> find(std::string_view authorization, std::string_view query,
                                     std::string_view body, std::vector<char> &storage) {
    storage.resize(query.size() + body.size());
    return find_presented_token(authorization, query, body, storage);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    fuzz::Input input(data, size);
    const fuzz::ExactText authorization = input.line();
    const fuzz::ExactText query = input.line();
    const fuzz::ExactText body = input.rest();
    std::vector<char> storage;
    const auto token = find(authorization.view(), query.view(), body.view(), storage);
    if (!token || token->kind != PresentedToken::Kind::token) {
        return 0;
    }
    require(!token->token.empty(), "a token is not empty");
    std::vector<char> more;
    const std::string other_query = std::string(query.view()) + "&access_token=another";
    require(!find(authorization.view(), other_query, body.view(), more),
            "a token in two places is none");
    const std::string other_body = std::string(body.view()) + "&Access_Token=another";
    require(!find(authorization.view(), query.view(), other_body, more),
            "a token in two places is none");
    return 0;
}
