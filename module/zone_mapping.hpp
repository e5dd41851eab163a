#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/descriptor.hpp"
#include "engine/result.hpp"

namespace ipfence::module {

/// Memory that nginx's processes share, and that outlives a reload and a binary upgrade: a file
/// without a name (memfd), which the next configuration finds by its zone's name, and which a new
/// binary inherits as an open file. nginx's own zones are mapped anonymously, so a new binary
/// begins with empty ones.
class ZoneMapping {
  public:
    ZoneMapping(const ZoneMapping &) = delete;
    ZoneMapping &operator=(const ZoneMapping &) = delete;
    ~ZoneMapping();

    /// The mapping of this name and size that this process has, from an earlier configuration; or,
    /// where `after_upgrade`, the one that the process it was executed by had. Null: there is none.
    static std::shared_ptr<ZoneMapping> find(const std::string &name, std::size_t size,
                                             bool after_upgrade);

    /// A mapping of this name that has another size. Null: there is none.
    static std::shared_ptr<ZoneMapping> find_of_other_size(const std::string &name,
                                                           std::size_t size, bool after_upgrade);

    /// New memory, all zero, kept out of core dumps. Where it `is_used`, and not only tried, it is
    /// reserved to the last byte, so that no access ever fails for want of it.
    static Result<std::shared_ptr<ZoneMapping>> create(const std::string &name, std::size_t size,
                                                       bool is_used = true);

    std::span<std::byte> memory() const noexcept { return memory_; }

  private:
    ZoneMapping(std::string name, Descriptor file, std::span<std::byte> memory) noexcept;
    static std::shared_ptr<ZoneMapping> registered(ZoneMapping *mapping);
    static std::shared_ptr<ZoneMapping> adopt(const std::string &name, int descriptor);
    template <class Matches>
    static std::shared_ptr<ZoneMapping> find_registered(Matches &&matches);
    template <class IsWanted>
    static std::shared_ptr<ZoneMapping> find_sized(const std::string &name, bool after_upgrade,
                                                   IsWanted is_wanted);
    template <class IsWanted>
    static std::shared_ptr<ZoneMapping> find_inherited(const std::string &name, IsWanted is_wanted);
    static std::vector<int> inherited(const std::string &name);
    static bool is_registered(int descriptor);

    std::string name_;
    Descriptor file_;
    std::span<std::byte> memory_;
};

}  // namespace ipfence::module
