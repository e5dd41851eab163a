#include "t/unit/store/redis_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace ipfence {

namespace {

int connect_to(const std::string &path) {
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof(address)) == 0) {
        return descriptor;
    }
    ::close(descriptor);
    return -1;
}

}  // namespace

RedisProcess::RedisProcess(std::vector<std::string> options) {
    std::string name = testing::TempDir() + "redisXXXXXX";
    folder_ = ::mkdtemp(name.data());
    socket_ = folder_ + "/socket";
    std::vector<std::string> words{"redis-server", "--port", "0", "--unixsocket", socket_, "--dir",
                                   folder_,        "--save", ""};
    words.insert(words.end(), options.begin(), options.end());
    process_ = ::fork();
    if (process_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (std::freopen("/dev/null", "w", stdout) == nullptr) {
            ::_exit(1);
        }
        std::vector<char *> arguments;
        for (std::string &word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    using namespace std::chrono_literals;
    for (int tries = 0; tries < 500; ++tries) {
        const int descriptor = connect_to(socket_);
        if (descriptor >= 0) {
            ::close(descriptor);
            return;
        }
        std::this_thread::sleep_for(20ms);
    }
    ADD_FAILURE() << "redis-server does not listen; scripts/install-dependencies installs it";
}

RedisProcess::~RedisProcess() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    std::filesystem::remove_all(folder_);
}

RedisConnection::RedisConnection(const RedisProcess &process)
    : descriptor_(connect_to(process.socket())) {
    timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

RedisConnection::~RedisConnection() {
    ::close(descriptor_);
}

void RedisConnection::send(const std::string &bytes) {
    EXPECT_EQ(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
}

Reply RedisConnection::receive() {
    std::array<char, 4096> bytes;
    while (true) {
        auto reply = reader_.next();
        if (!reply.ok()) {
            ADD_FAILURE() << reply.error().message;
            return {};
        }
        if (*reply) {
            return std::move(**reply);
        }
        const ssize_t size = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
        if (size <= 0) {
            ADD_FAILURE() << "redis-server does not answer";
            return {};
        }
        reader_.feed({bytes.data(), static_cast<std::size_t>(size)});
    }
}

}  // namespace ipfence
