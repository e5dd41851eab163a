// Preloaded into nginx: which thread opens a database of addresses or a key set. A line goes into
// the file that NOTED_OPENS names for each: its name, and "event loop" or "thread".

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char notes[256];

// nginx empties the environment of its workers.
__attribute__((constructor)) static void keep_name(void) {
    const char *given = getenv("NOTED_OPENS");
    if (given != NULL && strlen(given) < sizeof(notes)) {
        strcpy(notes, given);
    }
}

typedef int open_function(const char *path, int flags, ...);

int open(const char *path, int flags, ...) {
    static open_function *real;
    if (real == NULL) {
        real = (open_function *)dlsym(RTLD_NEXT, "open");
    }
    va_list arguments;
    va_start(arguments, flags);
    const int mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, int) : 0;
    va_end(arguments);
    const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    if (notes[0] != '\0' && (strstr(name, ".mmdb") != NULL || strstr(name, "keys.json") != NULL)) {
        // The process's first thread has its number.
        const char *where = syscall(SYS_gettid) == getpid() ? "event loop" : "thread";
        char line[300];
        const int size = snprintf(line, sizeof(line), "%s %s\n", name, where);
        const int file = real(notes, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (file >= 0) {
            (void)!write(file, line, (size_t)size);
            close(file);
        }
    }
    return real(path, flags, mode);
}

int __open_2(const char *path, int flags) {
    return open(path, flags);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
