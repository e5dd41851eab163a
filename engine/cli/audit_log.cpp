#include "engine/cli/audit_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>

#include "engine/descriptor.hpp"

namespace ipfence::cli {

namespace {

bool report(const std::string &name, int error) {
    std::cerr << "ipfence: " << name << ": " << std::strerror(error) << '\n';
    return false;
}

}  // namespace

bool read_audit_log(const std::string &name, const VisitLine &visit) {
    const Descriptor log(name == "-" ? ::dup(STDIN_FILENO)
                                     : ::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!log) {
        return report(name, errno);
    }
    // On the heap: its buffer is larger than what a stack should hold.
    const auto lines = std::make_unique<RequestLines>(log.number());
    std::uint64_t number = 0;
    do {
        while (const std::optional<RequestLine> line = lines->next()) {
            visit(*line, ++number);
        }
    } while (lines->read_more());
    return lines->error() == 0 || report(name, lines->error());
}

}  // namespace ipfence::cli
