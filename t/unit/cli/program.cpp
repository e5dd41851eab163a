#include "t/unit/cli/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace ipfence::test {

namespace {

int check(int result) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category());
    }
    return result;
}

pid_t start(const std::vector<std::string> &arguments, int input, int output, int errors) {
    std::vector<char *> argv{const_cast<char *>("ipfence")};
    for (const std::string &argument : arguments) {
        argv.push_back(const_cast<char *>(argument.c_str()));
    }
    argv.push_back(nullptr);
    const pid_t process = check(fork());
    if (process == 0) {
        signal(SIGPIPE, SIG_DFL);  // ignored signals are inherited, and this process ignores it
        dup2(input, STDIN_FILENO);
        dup2(output, STDOUT_FILENO);
        dup2(errors, STDERR_FILENO);
        execv(IPFENCE_PROGRAM, argv.data());
        _exit(127);
    }
    return process;
}

int wait_for(pid_t process) {
    int status = 0;
    check(waitpid(process, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A file without a name: input and output of any size, and no deadlock between them.
using Scratch = std::unique_ptr<std::FILE, int (*)(std::FILE *)>;

Scratch scratch(std::string_view content = {}) {
    Scratch file(std::tmpfile(), std::fclose);
    if (!file || std::fwrite(content.data(), 1, content.size(), file.get()) != content.size() ||
        std::fflush(file.get()) != 0) {
        throw std::runtime_error("no temporary file");
    }
    check(static_cast<int>(lseek(fileno(file.get()), 0, SEEK_SET)));
    return file;
}

std::string content_of(const Scratch &file) {
    std::rewind(file.get());
    std::string content;
    std::array<char, 4096> chunk;
    while (const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
        content.append(chunk.data(), size);
    }
    return content;
}

}  // namespace

Completed call(const std::vector<std::string> &arguments, std::string_view input) {
    const Scratch in = scratch(input);
    const Scratch out = scratch();
    const Scratch err = scratch();
    const pid_t process = start(arguments, fileno(in.get()), fileno(out.get()), fileno(err.get()));
    const int exit_code = wait_for(process);
    return {exit_code, content_of(out), content_of(err)};
}

Completed call_with_files(const std::vector<std::string> &arguments, const std::string &input_file,
                          const std::string &output_file) {
    const int in = check(open(input_file.c_str(), O_RDONLY | O_CLOEXEC));
    const int out = check(open(output_file.c_str(), O_WRONLY | O_CLOEXEC));
    const Scratch err = scratch();
    const int exit_code = wait_for(start(arguments, in, out, fileno(err.get())));
    close(in);
    close(out);
    return {exit_code, {}, content_of(err)};
}

Conversation::Conversation(const std::vector<std::string> &arguments) {
    signal(SIGPIPE, SIG_IGN);
    int to[2];
    int from[2];
    check(pipe2(to, O_CLOEXEC));
    check(pipe2(from, O_CLOEXEC));
    process_ = start(arguments, to[0], from[1], STDERR_FILENO);
    close(to[0]);
    close(from[1]);
    input_ = to[1];
    output_ = from[0];
}

Conversation::~Conversation() {
    stop_talking();
    stop_listening();
    if (process_ >= 0) {
        wait_for(process_);
    }
}

bool Conversation::say(std::string_view text) const {
    while (!text.empty()) {
        const ssize_t count = write(input_, text.data(), text.size());
        if (count < 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

bool Conversation::fill() {
    constexpr int kPatience = 10'000;
    pollfd waiting{output_, POLLIN, 0};
    std::array<char, 65536> chunk;
    if (poll(&waiting, 1, kPatience) <= 0) {
        return false;
    }
    const ssize_t count = read(output_, chunk.data(), chunk.size());
    if (count <= 0) {
        return false;
    }
    heard_.append(chunk.data(), static_cast<std::size_t>(count));
    return true;
}

std::string Conversation::hear() {
    std::size_t newline = std::string::npos;
    while ((newline = heard_.find('\n')) == std::string::npos) {
        if (!fill()) {
            return {};
        }
    }
    std::string line = heard_.substr(0, newline);
    heard_.erase(0, newline + 1);
    return line;
}

bool Conversation::hear_lines(std::size_t count) {
    for (;;) {
        for (const char byte : heard_) {
            count -= byte == '\n' ? 1 : 0;
        }
        heard_.clear();
        if (count == 0) {
            return true;
        }
        if (!fill()) {
            return false;
        }
    }
}

long Conversation::peak_memory() const {
    std::ifstream status("/proc/" + std::to_string(process_) + "/status");
    std::string word;
    while (status >> word) {
        if (word == "VmHWM:") {
            long kibibytes = 0;
            status >> kibibytes;
            return kibibytes;
        }
    }
    throw std::runtime_error("no VmHWM");
}

void Conversation::stop_talking() {
    if (input_ >= 0) {
        close(input_);
        input_ = -1;
    }
}

void Conversation::stop_listening() {
    if (output_ >= 0) {
        close(output_);
        output_ = -1;
    }
}

int Conversation::exit_code() {
    const int code = wait_for(process_);
    process_ = -1;
    return code;
}

Files::Files() {
    std::string name = (std::filesystem::temp_directory_path() / "ipfence-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category());
    }
    directory_ = name;
}

Files::~Files() {
    std::filesystem::remove_all(directory_);
}

std::string Files::path(std::string_view name) const {
    return directory_ + '/' + std::string(name);
}

std::string Files::write(std::string_view name, std::string_view text) const {
    std::ofstream(path(name)) << text;
    return path(name);
}

std::string_view example_policy() {
    return R"({
  "ipfence": 1,
  "organization": {"default_profile": "standard"},
  "profiles": {
    "standard": {"login_ip_ranges": ["203.0.113.0/24", "2001:db8::/32"]},
    "integration": {"unrestricted": true}
  },
  "users": {"alice": "standard", "batch": "integration"},
  "apps": {
    "mobile": {"ip_relaxation": "relax_for_activated_devices"},
    "relaxed": {"ip_relaxation": "relax"},
    "job": {"run_as": "batch"}
  }
}
)";
}

}  // namespace ipfence::test
