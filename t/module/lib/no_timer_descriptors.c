/*
 * Preloaded into nginx by the test of worker timers: the system has no descriptor left for one.
 */

#include <errno.h>

int timerfd_create(int clock, int flags) {
    (void)clock;
    (void)flags;
    errno = EMFILE;
    return -1;
}
