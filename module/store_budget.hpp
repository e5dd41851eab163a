#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// The time that one request may wait for the store, in all its waits together (L14).
class StoreBudget {
  public:
    /// What is left of `all`; a request that has spent all gets the shortest time there is.
    ngx_msec_t left(ngx_msec_t all) const noexcept { return spent_ < all ? all - spent_ : 1; }

    /// A wait begins, unless the request waits already.
    void begin() noexcept {
        began_ = is_waiting_ ? began_ : ngx_current_msec;
        is_waiting_ = true;
    }
    /// It ends, if there is one.
    void end() noexcept {
        spent_ += is_waiting_ ? ngx_current_msec - began_ : 0;
        is_waiting_ = false;
    }

  private:
    ngx_msec_t began_ = 0;
    ngx_msec_t spent_ = 0;
    bool is_waiting_ = false;
};

}  // namespace ipfence::module
