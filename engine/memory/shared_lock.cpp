#include "engine/memory/shared_lock.hpp"

#include <cerrno>

namespace ipfence {

bool SharedLock::initialize() noexcept {
    pthread_mutexattr_t attributes;
    if (pthread_mutexattr_init(&attributes) != 0) {
        return false;
    }
    const bool initialized =
        pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0 &&
        pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0 &&
        pthread_mutex_init(&mutex_, &attributes) == 0;
    pthread_mutexattr_destroy(&attributes);
    return initialized;
}

bool SharedLock::lock() noexcept {
    return is_taken(pthread_mutex_lock(&mutex_));
}

bool SharedLock::try_lock() noexcept {
    return is_taken(pthread_mutex_trylock(&mutex_));
}

bool SharedLock::is_taken(int error) noexcept {
    if (error == EOWNERDEAD) {
        return pthread_mutex_consistent(&mutex_) == 0;
    }
    return error == 0;
}

void SharedLock::unlock() noexcept {
    pthread_mutex_unlock(&mutex_);
}

}  // namespace ipfence
