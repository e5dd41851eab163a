#include "module/policy_slots.hpp"

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

bool write_all(int descriptor, std::span<const std::byte> bytes) noexcept {
    off_t at = 0;
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), at);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        at += written;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Result<std::unique_ptr<PolicySlots>> PolicySlots::make() {
    std::unique_ptr<PolicySlots> slots(new PolicySlots);
    for (int &descriptor : slots->descriptors_) {
        descriptor = ::memfd_create("ipfence policy", MFD_CLOEXEC);
        if (descriptor < 0) {
            return failure_of("memfd_create");
        }
    }
    return slots;
}

PolicySlots::~PolicySlots() {
    for (const int descriptor : descriptors_) {
        if (descriptor >= 0) {
            ::close(descriptor);
        }
    }
}

std::optional<Error> PolicySlots::write(unsigned slot, std::span<const std::byte> image) {
    const int descriptor = descriptors_[slot];
    if (::ftruncate(descriptor, 0) != 0 || !write_all(descriptor, image)) {
        return failure_of("writing the policy to shared memory");
    }
    return std::nullopt;
}

std::span<const std::byte> PolicySlots::map(unsigned slot, std::size_t size) const noexcept {
    void *start = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptors_[slot], 0);
    if (start == MAP_FAILED) {
        return {};
    }
    ::madvise(start, size, MADV_DONTDUMP);
    return {static_cast<const std::byte *>(start), size};
}

void PolicySlots::unmap(std::span<const std::byte> memory) noexcept {
    ::munmap(const_cast<std::byte *>(memory.data()), memory.size());
}

void PolicySlots::shrink(unsigned slot, std::size_t size) noexcept {
    (void)!::ftruncate(descriptors_[slot], static_cast<off_t>(size));
}

}  // namespace ipfence::module
