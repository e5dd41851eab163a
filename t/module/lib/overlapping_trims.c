/*
 * Preloaded into nginx by the test of policies that are read at once: an allocator that is not made
 * for two threads that trim it at the same time, as glibc's is not before anything was allocated
 * with it.
 */

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

int malloc_trim(size_t pad) {
    static int trimming;
    (void)pad;
    if (__atomic_fetch_add(&trimming, 1, __ATOMIC_SEQ_CST) != 0) {
        abort();
    }
    usleep(300000);
    __atomic_fetch_sub(&trimming, 1, __ATOMIC_SEQ_CST);
    return 0;
}
