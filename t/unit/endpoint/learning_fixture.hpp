#pragma once

#include <gtest/gtest.h>

#include "engine/endpoint/learning.hpp"
#include "t/unit/endpoint/session_world.hpp"
#include "t/unit/memory/zone_memory.hpp"

namespace ipfence {

constexpr Seconds kNow = 1000;

/// A memory on a real zone, and the words of the tests for what goes in and out.
class Learning : public testing::Test {
  protected:
    std::unique_ptr<const Policy> policy_ = make_world();
    ZoneMemory zone_;
    Memory memory_ = Memory::on(zone_.make_zone()).value();

    Digest token_key(std::string_view token) { return *memory_.digest(Role::token, {}, token); }
    Digest code_key(std::string_view code) { return *memory_.digest(Role::code, {}, code); }

    std::optional<Remembered> token(std::string_view text, Seconds now = kNow) {
        return memory_.recall(token_key(text), now);
    }

    static SessionOrigin origin(const std::optional<Remembered> &remembered) {
        return origin_of(remembered->grant, remembered->credential.refreshed());
    }

    static IssuedTokens tokens(std::string_view access, std::string_view refresh = {},
                               std::string_view id = {}) {
        IssuedTokens issued;
        issued.access_token = access;
        issued.refresh_token = refresh;
        issued.id_token = id;
        issued.expires_in = 60;
        return issued;
    }

    Judgement judgement(Flow flow, std::string_view app = "enforced",
                        std::string_view user = "alice") {
        return judge(*policy_, {.client_address = kInside, .user = user, .app = app, .flow = flow});
    }

    Redeemed redeemed_code(std::string_view code) {
        const Digest key = code_key(code);
        return {.key = key, .memory = memory_.recall(key, kNow), .is_code = true};
    }

    Redeemed redeemed_refresh(std::string_view refresh) {
        const Digest key = token_key(refresh);
        return {.key = key, .memory = memory_.recall(key, kNow), .is_refresh_token = true};
    }

    BrowserSession session(std::string_view cookie) {
        return {.key = *memory_.digest(Role::session, "sid", cookie), .replaces = {}};
    }

    BrowserSession session_after(std::string_view cookie, const BrowserSession &before) {
        return {.key = session(cookie).key, .replaces = before.key};
    }

    SessionMemory recall(const BrowserSession &session, Seconds now = kNow) {
        SessionMemory memory;
        memory_.recall_session(session.key, now, memory);
        return memory;
    }

    Learned authorize(std::string_view code, const BrowserSession &session,
                      const SessionOrigin &began, const IssuedTokens &issued = {}) {
        return learn_authorization(memory_, code, issued, began, {kInside}, {&session, 1}, kNow);
    }
};

}  // namespace ipfence
