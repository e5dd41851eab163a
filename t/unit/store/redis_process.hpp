#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "engine/store/command.hpp"
#include "engine/store/reply.hpp"

namespace ipfence {

/// A redis-server of Debian's with nothing in it, which listens on a socket in a folder of its own,
/// and ends with this object.
class RedisProcess {
  public:
    explicit RedisProcess(std::vector<std::string> options = {});
    RedisProcess(const RedisProcess &) = delete;
    RedisProcess &operator=(const RedisProcess &) = delete;
    ~RedisProcess();

    const std::string &socket() const { return socket_; }

  private:
    std::string folder_;
    std::string socket_;
    pid_t process_ = -1;
};

/// A blocking connection to it.
class RedisConnection {
  public:
    explicit RedisConnection(const RedisProcess &process);
    RedisConnection(const RedisConnection &) = delete;
    RedisConnection &operator=(const RedisConnection &) = delete;
    ~RedisConnection();

    void send(const std::string &bytes);
    Reply receive();

    Reply ask(const std::string &bytes) {
        send(bytes);
        return receive();
    }
    Reply ask(std::initializer_list<std::string_view> words) { return ask(format_command(words)); }

  private:
    int descriptor_ = -1;
    ReplyReader reader_ = ReplyReader::create().value();
};

}  // namespace ipfence
