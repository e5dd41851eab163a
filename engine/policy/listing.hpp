#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/policy/name_table.hpp"

namespace ipfence {

/// What a policy lists under names: a profile, the profile of a user, the app of a client_id. A
/// view, as cheap to copy as two pointers; it and what it finds live as long as the policy.
template <class Record>
class Listing {
  public:
    Listing(const NameTable &names, const Record *records) noexcept
        : names_(&names), records_(records) {}

    /// What is listed under exactly this name, or null.
    const Record *find(std::string_view name) const noexcept {
        const std::optional<std::uint32_t> number = names_->find(name);
        return number ? records_ + *number : nullptr;
    }

    /// Calls `visit` with each name and what is listed under it, in no order that means anything.
    template <class Visit>
    void for_each(Visit visit) const {
        names_->for_each([this, &visit](const NameTable::Entry &entry) {
            visit(entry.name, records_[entry.number]);
        });
    }

    /// The same in stages, for those who look many names up: the cache misses of all lookups in one
    /// stage overlap.
    NameTable::Search begin(std::string_view name) const noexcept { return names_->begin(name); }
    void fetch_slot(NameTable::Search &search) const noexcept { names_->fetch_slot(search); }
    const Record *finish(const NameTable::Search &search, std::string_view name) const noexcept {
        const std::uint32_t number = names_->finish(search, name);
        return number == NameTable::kNoNumber ? nullptr : records_ + number;
    }

  private:
    const NameTable *names_;
    const Record *records_;
};

}  // namespace ipfence
