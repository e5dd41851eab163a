#pragma once

#include <string>
#include <utility>
#include <variant>

namespace ipfence {

/// Why something could not be done: one sentence for the person who must mend it.
struct Error {
    std::string message;
};

/// A value, or the error that stands in its place. The engine reports every failure this way; it
/// throws nothing of its own. `value()` may be called only when `ok()`, `error()` only when not.
template <class T, class E = Error>
class [[nodiscard]] Result {
  public:
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    Result(E error) : held_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const noexcept { return held_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    T &value() &noexcept { return *std::get_if<0>(&held_); }
    const T &value() const &noexcept { return *std::get_if<0>(&held_); }
    T &&value() &&noexcept { return std::move(*std::get_if<0>(&held_)); }

    const E &error() const noexcept { return *std::get_if<1>(&held_); }

    T *operator->() noexcept { return &value(); }
    const T *operator->() const noexcept { return &value(); }
    T &operator*() noexcept { return value(); }
    const T &operator*() const noexcept { return value(); }

  private:
    std::variant<T, E> held_;
};

}  // namespace ipfence
