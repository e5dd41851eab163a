#pragma once

#include <cstddef>
#include <string_view>

namespace ipfence {

/// A value of an enumeration and the word for it.
template <class Value>
struct Named {
    Value value;
    std::string_view text;
};
template <class Value>
Named(Value, std::string_view) -> Named<Value>;

/// Whether a table lists values in the order declared, from the first one: it may be indexed by
/// them then.
template <class Table>
consteval bool lists_in_order(const Table &table) {
    for (std::size_t index = 0; index < table.size(); ++index) {
        if (static_cast<std::size_t>(table[index].value) != index) {
            return false;
        }
    }
    return true;
}

}  // namespace ipfence
