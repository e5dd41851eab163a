/*
 * Preloaded into nginx by the test of clock steps: the wall clock is off by as many seconds as the
 * file SHIFTED_CLOCK says; the clock that never steps is left alone, or is as much ahead as a
 * second number in it says.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* nginx's workers have no environment. */
static char name[4096];

__attribute__((constructor)) static void keep_name(void) {
    const char *given = getenv("SHIFTED_CLOCK");
    strncpy(name, given ? given : "", sizeof(name) - 1);
}

static void read_shifts(long shifts[2]) {
    char text[64] = "";
    char *rest = text;
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (read(file, text, sizeof(text) - 1) < 0) {
            text[0] = '\0';
        }
        close(file);
    }
    shifts[0] = strtol(text, &rest, 10);
    shifts[1] = strtol(rest, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    long shifts[2];
    long result = syscall(SYS_clock_gettime, clock, time);
    if (result == 0) {
        read_shifts(shifts);
        if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
            time->tv_sec += shifts[0];
        } else if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE) {
            time->tv_sec += shifts[1];
        }
    }
    return (int)result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) {
        *result = now.tv_sec;
    }
    return now.tv_sec;
}
