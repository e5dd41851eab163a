#pragma once

#include <exception>
#include <new>
#include <utility>

#include "module/nginx.hpp"

namespace ipfence::module {

/// Runs `body`, and turns an exception (memory that is not there; the engine throws nothing else)
/// into `failure`, with a line in `log`. Every callback that nginx calls and that can reach code
/// which allocates goes through here.
template <class Value, class Body>
Value boundary(ngx_log_t *log, Value failure, Body &&body) noexcept {
    try {
        return std::forward<Body>(body)();
    } catch (const std::bad_alloc &) {
        ngx_log_error(
            NGX_LOG_ALERT, log, 0,
            "ipfence: there is no memory to go on, which denies; raise nginx's memory limit");
    } catch (const std::exception &exception) {
        ngx_log_error(NGX_LOG_ALERT, log, 0, "ipfence: %s, which denies", exception.what());
    } catch (...) {
        ngx_log_error(NGX_LOG_ALERT, log, 0, "ipfence: unknown exception, which denies");
    }
    return failure;
}

}  // namespace ipfence::module
