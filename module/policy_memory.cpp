#include "module/policy_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace ipfence::module {

namespace {

Error failure_of(const char *call) {
    return Error{std::string(call) + " failed: " + std::strerror(errno)};
}

}  // namespace

Result<std::unique_ptr<PolicyMemory>> PolicyMemory::make() {
    Descriptor file(::memfd_create("ipfence policy", MFD_CLOEXEC));
    if (!file) {
        return failure_of("memfd_create");
    }
    return std::unique_ptr<PolicyMemory>(new PolicyMemory(std::move(file)));
}

std::optional<Error> PolicyMemory::write(std::size_t place, std::span<const std::byte> image) {
    while (!image.empty()) {
        const ssize_t written =
            ::pwrite(file_.number(), image.data(), image.size(), static_cast<off_t>(place));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return failure_of("writing the policy to shared memory");
        }
        place += static_cast<std::size_t>(written);
        image = image.subspan(static_cast<std::size_t>(written));
    }
    return std::nullopt;
}

std::span<const std::byte> PolicyMemory::map(std::size_t place, std::size_t size) const noexcept {
    void *start =
        ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file_.number(), static_cast<off_t>(place));
    if (start == MAP_FAILED) {
        return {};
    }
    ::madvise(start, size, MADV_DONTDUMP);
    return {static_cast<const std::byte *>(start), size};
}

void PolicyMemory::unmap(std::span<const std::byte> memory) noexcept {
    ::munmap(const_cast<std::byte *>(memory.data()), memory.size());
}

void PolicyMemory::give_back(std::size_t place, std::size_t size) noexcept {
    (void)::fallocate(file_.number(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                      static_cast<off_t>(place), static_cast<off_t>(size));
}

}  // namespace ipfence::module
