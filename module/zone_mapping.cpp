#include "module/zone_mapping.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace ipfence::module {

namespace {

constexpr const char *kPrefix = "ipfence:";

// The mappings of this process; each lives as long as a configuration that uses it.
std::vector<std::weak_ptr<ZoneMapping>> &mappings() {
    static std::vector<std::weak_ptr<ZoneMapping>> list;
    return list;
}

std::span<std::byte> map(int descriptor, std::size_t size) noexcept {
    void *start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (start == MAP_FAILED) {
        return {};
    }
    ::madvise(start, size, MADV_DONTDUMP);
    ::madvise(start, size, MADV_HUGEPAGE);  // a wish, as the system is configured
    return {static_cast<std::byte *>(start), size};
}

Error failure_of(const char *call, std::size_t size) {
    return Error{std::string(call) + " of " + std::to_string(size) +
                 " bytes failed: " + std::strerror(errno)};
}

std::size_t size_of(int descriptor) noexcept {
    struct stat status;
    return ::fstat(descriptor, &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
}

}  // namespace

ZoneMapping::ZoneMapping(std::string name, Descriptor file, std::span<std::byte> memory) noexcept
    : name_(std::move(name)), file_(std::move(file)), memory_(memory) {}

ZoneMapping::~ZoneMapping() {
    ::munmap(memory_.data(), memory_.size());
}

template <class Matches>
std::shared_ptr<ZoneMapping> ZoneMapping::find_registered(Matches &&matches) {
    for (const auto &known : mappings()) {
        if (auto mapping = known.lock(); mapping && matches(*mapping)) {
            return mapping;
        }
    }
    return nullptr;
}

std::shared_ptr<ZoneMapping> ZoneMapping::registered(ZoneMapping *mapping) {
    std::shared_ptr<ZoneMapping> shared(mapping);
    std::erase_if(mappings(), [](const auto &known) { return known.expired(); });
    mappings().push_back(shared);
    return shared;
}

std::shared_ptr<ZoneMapping> ZoneMapping::adopt(const std::string &name, int descriptor) {
    const std::span<std::byte> memory = map(descriptor, size_of(descriptor));
    return memory.empty() ? nullptr
                          : registered(new ZoneMapping(name, Descriptor(descriptor), memory));
}

template <class IsWanted>
std::shared_ptr<ZoneMapping> ZoneMapping::find_sized(const std::string &name, bool after_upgrade,
                                                     IsWanted is_wanted) {
    auto found = find_registered([&](const ZoneMapping &mapping) {
        return mapping.name_ == name && is_wanted(mapping.memory_.size());
    });
    return found || !after_upgrade ? found : find_inherited(name, is_wanted);
}

std::shared_ptr<ZoneMapping> ZoneMapping::find(const std::string &name, std::size_t size,
                                               bool after_upgrade) {
    return find_sized(name, after_upgrade, [size](std::size_t other) { return other == size; });
}

std::shared_ptr<ZoneMapping> ZoneMapping::find_of_other_size(const std::string &name,
                                                             std::size_t size, bool after_upgrade) {
    return find_sized(name, after_upgrade, [size](std::size_t other) { return other != size; });
}

// One that is not wanted stays as it is: it may be what a new one begins with.
template <class IsWanted>
std::shared_ptr<ZoneMapping> ZoneMapping::find_inherited(const std::string &name,
                                                         IsWanted is_wanted) {
    for (const int descriptor : inherited(name)) {
        if (is_wanted(size_of(descriptor))) {
            if (auto mapping = adopt(name, descriptor)) {
                return mapping;
            }
        }
    }
    return nullptr;
}

std::vector<int> ZoneMapping::inherited(const std::string &name) {
    const std::string target = std::string("/memfd:") + kPrefix + name + " (deleted)";
    std::error_code error;
    std::vector<int> descriptors;
    for (const auto &entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
        const auto link = std::filesystem::read_symlink(entry.path(), error);
        const std::string number = entry.path().filename();
        int descriptor = -1;
        std::from_chars(number.data(), number.data() + number.size(), descriptor);
        if (!error && link == target && descriptor >= 0 && !is_registered(descriptor)) {
            descriptors.push_back(descriptor);
        }
    }
    return descriptors;
}

bool ZoneMapping::is_registered(int descriptor) {
    return find_registered([descriptor](const ZoneMapping &mapping) {
               return mapping.file_.number() == descriptor;
           }) != nullptr;
}

Result<std::shared_ptr<ZoneMapping>> ZoneMapping::create(const std::string &name, std::size_t size,
                                                         bool is_used) {
    // Without MFD_CLOEXEC: nginx's new binary is to inherit it.
    Descriptor file(::memfd_create((kPrefix + name).c_str(), 0));
    if (!file) {
        return failure_of("memfd_create", size);
    }
    if (::ftruncate(file.number(), static_cast<off_t>(size)) != 0) {
        return failure_of("ftruncate", size);
    }
    const std::span<std::byte> memory = map(file.number(), size);
    if (memory.empty()) {
        return failure_of("mmap", size);
    }
    auto mapping = registered(new ZoneMapping(name, std::move(file), memory));
    if (!is_used) {
        return mapping;
    }
    // Through the mapping, since only what is first touched so can get huge pages; Linux
    // before 5.14 allocates the file, and says as well where not all of it is there.
    if (::madvise(memory.data(), size, MADV_POPULATE_WRITE) != 0) {
        errno = ::posix_fallocate(mapping->file_.number(), 0, static_cast<off_t>(size));
        if (errno != 0) {
            return failure_of("allocation", size);
        }
    }
    return mapping;
}

}  // namespace ipfence::module
