#include "t/bench/paced_load/connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

namespace ipfence::bench {

Connection::Connection(Connection &&other) noexcept
    : port_(other.port_), descriptor_(std::exchange(other.descriptor_, -1)) {}

bool Connection::open() {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) {
        return false;
    }
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(descriptor_, reinterpret_cast<const sockaddr *>(&address), sizeof address) ==
           0;
}

void Connection::close() noexcept {
    if (descriptor_ >= 0) {
        ::close(std::exchange(descriptor_, -1));
    }
}

bool Connection::send(std::string_view request, Clock::time_point due) {
    due_ = due;
    answer_.clear();
    return ::send(descriptor_, request.data(), request.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(request.size());
}

Connection::Progress Connection::receive() {
    std::array<char, 16384> arrived{};
    const ssize_t size = ::recv(descriptor_, arrived.data(), arrived.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return Progress::waiting;
    }
    if (size <= 0) {
        return Progress::broken;
    }
    answer_.append(arrived.data(), static_cast<std::size_t>(size));
    return is_complete() ? Progress::answered : Progress::waiting;
}

// nginx writes its header names as here, and ends every answer by a length or by a last chunk.
bool Connection::is_complete() const {
    const std::string_view answer = answer_;
    const std::size_t end = answer.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return false;
    }
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t length = answer.substr(0, end).find(kLength);
    if (length == std::string_view::npos) {
        return answer.ends_with("\r\n0\r\n\r\n");
    }
    std::size_t size = 0;
    const char *digits = answer.data() + length + kLength.size();
    return std::from_chars(digits, answer.data() + answer.size(), size).ec == std::errc{} &&
           answer.size() >= end + 4 + size;
}

}  // namespace ipfence::bench
