#include "engine/cli/audit_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>

namespace ipfence::cli {

namespace {

// A file to read, or standard input.
class Log {
  public:
    explicit Log(const std::string &name)
        : descriptor_(name == "-" ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~Log() {
        if (descriptor_ > STDIN_FILENO) {
            ::close(descriptor_);
        }
    }
    Log(const Log &) = delete;
    Log &operator=(const Log &) = delete;

    int descriptor() const noexcept { return descriptor_; }

  private:
    int descriptor_;
};

bool report(const std::string &name, int error) {
    std::cerr << "ipfence: " << name << ": " << std::strerror(error) << '\n';
    return false;
}

}  // namespace

bool read_audit_log(const std::string &name, const VisitLine &visit) {
    const Log log(name);
    if (log.descriptor() < 0) {
        return report(name, errno);
    }
    // On the heap: its buffer is larger than what a stack should hold.
    const auto lines = std::make_unique<RequestLines>(log.descriptor());
    std::uint64_t number = 0;
    do {
        while (const std::optional<RequestLine> line = lines->next()) {
            visit(*line, ++number);
        }
    } while (lines->read_more());
    return lines->error() == 0 || report(name, lines->error());
}

}  // namespace ipfence::cli
