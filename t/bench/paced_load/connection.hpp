#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ipfence::bench {

using Clock = std::chrono::steady_clock;

/// One keep-alive connection to 127.0.0.1, which carries one request at a time.
class Connection {
  public:
    enum class Progress { waiting, answered, broken };

    explicit Connection(std::uint16_t port) : port_(port) {}
    ~Connection() { close(); }
    Connection(Connection &&other) noexcept;
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;
    Connection &operator=(Connection &&) = delete;

    bool open();
    void close() noexcept;
    int descriptor() const noexcept { return descriptor_; }

    /// Sends a request that was due at a time; a request fits into the socket's buffer.
    bool send(std::string_view request, Clock::time_point due);
    /// Takes what has arrived.
    Progress receive();

    Clock::time_point due() const noexcept { return due_; }
    /// Whether the answer that was received last is a success.
    bool is_success() const noexcept { return answer_.starts_with("HTTP/1.1 2"); }

  private:
    bool is_complete() const;

    std::uint16_t port_;
    int descriptor_ = -1;
    Clock::time_point due_;
    std::string answer_;
};

}  // namespace ipfence::bench
