#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/credential/token_request.hpp"

namespace ipfence {

/// What `parse_token_request` made of a request, copied out of its storage, which is gone.
struct ReadRequest {
    std::string refusal;  ///< empty when it was not refused
    Grant grant = Grant::extension;
    std::string client_id;
    std::string raw_client_id;
    std::string typed_user;
    std::string redeemed;
    std::string actor_token;
    bool asks_for_another_subject = false;
    std::string client_secret;
    std::string client_assertion;
};

/// Reads a request with storage that is as large as it must be and no larger.
inline ReadRequest read_request(std::string_view body, std::string_view authorization = {}) {
    std::vector<char> storage(token_request_storage(body.size(), authorization.size()));
    const auto request = parse_token_request(body, authorization, storage);
    ReadRequest read;
    if (!request) {
        read.refusal = request.error().description;
        return read;
    }
    read.grant = request->grant;
    read.client_id = request->client_id;
    read.raw_client_id = request->raw_client_id;
    read.typed_user = request->typed_user;
    read.redeemed = request->redeemed;
    read.actor_token = request->actor_token;
    read.asks_for_another_subject = request->asks_for_another_subject;
    read.client_secret = request->client_secret;
    read.client_assertion = request->client_assertion;
    return read;
}

}  // namespace ipfence
