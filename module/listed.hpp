#pragma once

namespace ipfence::module {

/// A base of what is to be gone through, all that there are of it in this process, the newest
/// first.
template <class T>
class Listed {
  public:
    Listed(const Listed &) = delete;
    Listed &operator=(const Listed &) = delete;

    /// Null at the end.
    static T *first() noexcept { return static_cast<T *>(first_); }
    T *next() const noexcept { return static_cast<T *>(next_); }

  protected:
    Listed() noexcept : next_(first_) {
        if (next_ != nullptr) {
            next_->place_ = &next_;
        }
        first_ = this;
    }
    ~Listed() {
        *place_ = next_;
        if (next_ != nullptr) {
            next_->place_ = place_;
        }
    }

  private:
    inline static Listed *first_ = nullptr;

    Listed *next_;
    Listed **place_ = &first_;  // where it is pointed to from
};

}  // namespace ipfence::module
