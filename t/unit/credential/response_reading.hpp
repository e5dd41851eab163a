#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/credential/token_response.hpp"

namespace ipfence {

/// Reads an answer in which `email` names the user, else `sub`, and `group` the profile.
inline TokenResponse read_response(unsigned status, std::string_view body,
                                   std::string_view location = {}, bool content_coded = false) {
    static const std::vector<std::string> kUserClaims{"email", "sub"};
    return read_token_response(status, content_coded, location, body, {kUserClaims, "group"});
}

}  // namespace ipfence
