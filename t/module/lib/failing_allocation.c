// Preloaded into nginx: lets an allocation fail. The file that FAILING_ALLOCATION names holds two
// numbers, which the test writes: how many allocations succeed before one fails (negative: none
// fails), and whether all that follow fail, too. It is mapped, so that looking at it takes no
// allocation. Those of the dynamic linker, which ends the process where they fail, do not.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

struct plan {
    _Atomic int64_t left;
    _Atomic int64_t persistent;
};

static struct plan *plan;

__attribute__((constructor)) static void map_plan(void) {
    const char *name = getenv("FAILING_ALLOCATION");
    int file = name == NULL ? -1 : open(name, O_RDWR | O_CLOEXEC);
    if (file >= 0) {
        void *mapped = mmap(NULL, sizeof(struct plan), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        plan = mapped == MAP_FAILED ? NULL : mapped;
        close(file);
    }
}

static uintptr_t linker_begin;
static uintptr_t linker_end;

static int find_linker(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size;
    (void)unused;
    if (strstr(object->dlpi_name, "/ld-linux") == NULL) {
        return 0;
    }
    linker_begin = object->dlpi_addr;
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        uintptr_t end =
            object->dlpi_addr + object->dlpi_phdr[i].p_vaddr + object->dlpi_phdr[i].p_memsz;
        linker_end = object->dlpi_phdr[i].p_type == PT_LOAD && end > linker_end ? end : linker_end;
    }
    return 1;
}

__attribute__((constructor)) static void remember_linker(void) {
    dl_iterate_phdr(find_linker, NULL);
}

static int fails(const void *caller) {
    uintptr_t place = (uintptr_t)caller;
    if (plan == NULL || atomic_load(&plan->left) < 0 ||
        (place >= linker_begin && place < linker_end)) {
        return 0;
    }
    if (atomic_load(&plan->left) == 0 && atomic_load(&plan->persistent)) {
        return 1;
    }
    return atomic_fetch_sub(&plan->left, 1) == 0;
}

static void *none(void) {
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t size) {
    return fails(__builtin_return_address(0)) ? none() : __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    return fails(__builtin_return_address(0)) ? none() : __libc_calloc(count, size);
}
void *realloc(void *old, size_t size) {
    return fails(__builtin_return_address(0)) ? none() : __libc_realloc(old, size);
}
void *memalign(size_t alignment, size_t size) {
    return fails(__builtin_return_address(0)) ? none() : __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    return fails(__builtin_return_address(0)) ? none() : __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    void *memory = fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
    if (memory == NULL) {
        return ENOMEM;
    }
    *result = memory;
    return 0;
}
