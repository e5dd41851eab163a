#pragma once

#include <type_traits>

namespace ipfence {

/// What a call returns, made where it is kept instead of being copied there:
/// `optional.emplace(MadeInPlace([&] { return call(); }))`.
template <class Call>
class MadeInPlace {
  public:
    explicit MadeInPlace(Call call) noexcept : call_(call) {}

    operator std::invoke_result_t<Call>() const { return call_(); }

  private:
    Call call_;
};

}  // namespace ipfence
