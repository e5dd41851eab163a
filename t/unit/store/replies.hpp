#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/store/reply.hpp"

namespace ipfence {

inline Reply reply_of(Reply::Kind kind, std::string text) {
    Reply reply;
    reply.kind = kind;
    reply.text = std::move(text);
    return reply;
}
inline Reply text(std::string value) {
    return reply_of(Reply::Kind::text, std::move(value));
}
inline Reply error(std::string value) {
    return reply_of(Reply::Kind::error, std::move(value));
}
inline Reply integer(std::int64_t value) {
    Reply reply;
    reply.kind = Reply::Kind::integer;
    reply.integer = value;
    return reply;
}
inline Reply list(std::vector<Reply> items) {
    Reply reply;
    reply.kind = Reply::Kind::list;
    reply.items = std::move(items);
    return reply;
}

}  // namespace ipfence
