// Preloaded into nginx: one process cannot map what the gate's workers share of a policy, for now.
// Which one stands in the file that FAILING_MAP names, as a decimal number.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char name[256];

// nginx empties the environment of its workers.
__attribute__((constructor)) static void keep_name(void) {
    const char *given = getenv("FAILING_MAP");
    if (given != NULL && strlen(given) < sizeof(name)) {
        strcpy(name, given);
    }
}

static int is_policy(int descriptor) {
    char link[64];
    char target[64] = "";
    snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
    return readlink(link, target, sizeof(target) - 1) > 0 &&
           strstr(target, "memfd:ipfence policy") != NULL;
}

static int fails_here(void) {
    int process = 0;
    FILE *file = name[0] == '\0' ? NULL : fopen(name, "r");
    if (file != NULL) {
        if (fscanf(file, "%d", &process) != 1) {
            process = 0;
        }
        fclose(file);
    }
    return process == getpid();
}

void *mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset) {
    static void *(*real)(void *, size_t, int, int, int, off_t);
    if (real == NULL) {
        real = (void *(*)(void *, size_t, int, int, int, off_t))dlsym(RTLD_NEXT, "mmap");
    }
    if (descriptor >= 0 && is_policy(descriptor) && fails_here()) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return real(address, size, protection, flags, descriptor, offset);
}

void *mmap64(void *address, size_t size, int protection, int flags, int descriptor, off_t offset)
    __attribute__((alias("mmap")));
