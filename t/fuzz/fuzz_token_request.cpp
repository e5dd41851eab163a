// A token request: the first line of the input is its Authorization header, the rest its body.

#include <string>
#include <string_view>
#include <vector>

#include "engine/credential/token_request.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

// The same parameters the other way round. An empty piece is none, and stays before them or behind.
std::string reversed(std::string_view body) {
    std::string other;
    if (body.starts_with('&')) {
        return std::string(body);
    }
    if (body.size() > 1 && body.ends_with('&') && body[body.size() - 2] != '&') {
        return reversed(body.substr(0, body.size() - 1)) + '&';
    }
    while (true) {
        const std::size_t ampersand = body.rfind('&');
        other += body.substr(ampersand == std::string_view::npos ? 0 : ampersand + 1);
        if (ampersand == std::string_view::npos) {
            return other;
        }
        other += '&';
        body = body.substr(0, ampersand);
    }
}

bool same(const TokenRequest &left, const TokenRequest &right) {
    return left.grant == right.grant && left.client_id == right.client_id &&
           left.raw_client_id == right.raw_client_id && left.typed_user == right.typed_user &&
           left.redeemed == right.redeemed && left.actor_token == right.actor_token &&
           left.client_secret == right.client_secret &&
           left.client_assertion == right.client_assertion;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    fuzz::Input input(data, size);
    const fuzz::ExactText authorization = input.line();
    const fuzz::ExactText body = input.rest();
    std::vector<char> storage(
        token_request_storage(body.view().size(), authorization.view().size()));
    const auto request = parse_token_request(body.view(), authorization.view(), storage);

    const std::string other_body = reversed(body.view());
    std::vector<char> other_storage(storage.size());
    const auto other = parse_token_request(other_body, authorization.view(), other_storage);
    require(request.ok() == other.ok(), "the order of parameters does not matter");
    if (!request) {
        return 0;
    }
    require(same(*request, *other), "the order of parameters does not matter");

    const std::string twice = std::string(body.view()) + "&grant_type=password";
    std::vector<char> more(token_request_storage(twice.size(), authorization.view().size()));
    require(!parse_token_request(twice, authorization.view(), more), "there is one grant_type");
    return 0;
}
