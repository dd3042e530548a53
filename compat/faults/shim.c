/* Counts the file-system calls of a process tree below one folder, and makes one of them fail.

   Preload this into a program (LD_PRELOAD). The environment variable FAULTS_STATE names a file with
   a `struct state`, which all processes of the tree map and share; without it nothing is counted
   until faults_arm() is called. The calls are counted by one counter. What happens at the call
   number `at` is described in shim.py, which writes the file.

   Only calls that concern the folder `root` are counted: by path, or by a handle that was opened
   with such a path. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { OPENS = 1, CHANGES = 2, SPACE = 4, NAMES = 8, ANY = 16, WRITTEN = 32 };
enum { COUNT = 0, FAIL = 1, SIGNAL = 2 };
enum { MAIN = 0, WORKER = 1, TREE = 2 };

#define CALLS 16384
#define PIDS 256
#define HANDLES 4096
#define PATH 176

struct call {
    int32_t pid;
    int32_t kinds;
    uint64_t place;
    char name[16];
    char path[PATH];
};

struct state {
    _Atomic int64_t counter;
    int64_t at;
    int32_t action;
    int32_t error;    /* errno of FAIL */
    int32_t kinds;    /* calls that FAIL concerns */
    int32_t lasting;  /* FAIL: 1 if later calls in the same area fail too */
    int32_t number;   /* SIGNAL: the signal */
    int32_t target;   /* SIGNAL: MAIN, WORKER or TREE */
    int64_t again;    /* SIGNAL: the call at which it is sent a second time, 0 if it is not */
    int32_t traced;   /* 1 if calls are written to `calls` */
    _Atomic int32_t main;
    _Atomic int32_t fired;
    _Atomic int32_t pids;
    _Atomic int64_t time; /* when it was fired, CLOCK_MONOTONIC in ns */
    char area[64];
    char root[256];
    int32_t processes[PIDS];
    struct call calls[CALLS];
};

static struct state *state;
static char root[256];
static size_t root_length;
static unsigned char watched[HANDLES];
static char areas[HANDLES][32];
static int known_pid;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

#define REAL(result, name, ...)                       \
    static result (*next)(__VA_ARGS__);               \
    if (!next) next = (result(*)(__VA_ARGS__))real(name)

__attribute__((visibility("default"))) int faults_arm(const char *path) {
    int handle = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    if (handle < 0) return -1;
    void *map = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
    syscall(SYS_close, handle);
    if (map == MAP_FAILED) return -1;
    memcpy(root, ((struct state *)map)->root, sizeof root);
    root[sizeof root - 1] = 0;
    root_length = strlen(root);
    state = map;
    return 0;
}

__attribute__((visibility("default"))) void faults_disarm(void) {
    if (state) munmap(state, sizeof(struct state));
    state = NULL;
}

/* Forget the open handles, as a new program does. */
__attribute__((visibility("default"))) void faults_forget(void) {
    memset(watched, 0, sizeof watched);
}

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("FAULTS_STATE");
    if (path && *path) faults_arm(path);
}

/* Areas: the first part of a path below `root`. A lasting fault concerns one area. */

static const char *below(const char *path) {
    if (!path || strncmp(path, root, root_length)) return NULL;
    if (path[root_length] == '/') return path + root_length + 1;
    return path[root_length] ? NULL : path + root_length;
}

static void area_of(const char *rest, char *area) {
    size_t length = strcspn(rest, "/");
    if (length > 31) length = 31;
    memcpy(area, rest, length);
    area[length] = 0;
}

/* Write the path of a call, complete as far as possible, and its area; return whether it counts. */
static int concerns(int folder, const char *path, char *area, char *full) {
    if (!state) return 0;
    const char *rest = NULL;
    full[0] = 0;
    if (path && path[0] == '/') {
        rest = below(path);
        strncpy(full, path, PATH - 1);
    } else if (folder == AT_FDCWD) {
        char here[512];
        if (syscall(SYS_getcwd, here, sizeof here) <= 0 || !(rest = below(here))) return 0;
        snprintf(full, PATH, "%s", path ? path : "");
    } else if (folder >= 0 && folder < HANDLES && watched[folder]) {
        strcpy(area, areas[folder]);
        snprintf(full, PATH, "%s#%d/%s", areas[folder], folder, path ? path : "");
        return 1;
    }
    full[PATH - 1] = 0;
    if (!rest) return 0;
    area_of(rest, area);
    return 1;
}

static void introduce(int pid) {
    if (known_pid == pid) return;
    known_pid = pid;
    int at = atomic_fetch_add(&state->pids, 1);
    if (at < PIDS) state->processes[at] = pid;
}

/* The place of a call in a Python program: a digest of the functions and lines of its stack, down to
   the import system if that is in it.

   It is only looked for in traced runs, by the functions of the interpreter in this process; 0 if
   there is none. */

static uint64_t mixed(uint64_t digest, const char *text) {
    while (text && *text) digest = (digest ^ (unsigned char)*text++) * 1099511628211ULL;
    return digest;
}

#define PYTHON(result, name, ...)                                                  \
    static result (*name)(__VA_ARGS__);                                            \
    if (!name && !(name = (result(*)(__VA_ARGS__))dlsym(RTLD_DEFAULT, #name))) return 0

static uint64_t place_of(void) {
    static __thread int is_looking;
    PYTHON(int, Py_IsInitialized, void);
    PYTHON(int, PyGILState_Ensure, void);
    PYTHON(void, PyGILState_Release, int);
    PYTHON(void *, PyEval_GetFrame, void);
    PYTHON(void *, PyFrame_GetBack, void *);
    PYTHON(void *, PyFrame_GetCode, void *);
    PYTHON(int, PyFrame_GetLineNumber, void *);
    PYTHON(void *, PyObject_GetAttrString, void *, const char *);
    PYTHON(const char *, PyUnicode_AsUTF8, void *);
    PYTHON(void, Py_DecRef, void *);
    PYTHON(void, Py_IncRef, void *);
    if (is_looking || !Py_IsInitialized()) return 0;
    is_looking = 1;
    uint64_t digest = 14695981039346656037ULL;
    int gil = PyGILState_Ensure();
    void *frame = PyEval_GetFrame();
    Py_IncRef(frame);
    while (frame) {
        void *code = PyFrame_GetCode(frame);
        void *name = PyObject_GetAttrString(code, "co_name");
        const char *text = name ? PyUnicode_AsUTF8(name) : NULL;
        int imports = text && !strcmp(text, "_find_and_load");
        digest = mixed(digest, text);
        digest = (digest ^ (uint64_t)PyFrame_GetLineNumber(frame)) * 1099511628211ULL;
        Py_DecRef(name);
        Py_DecRef(code);
        void *back = imports ? NULL : PyFrame_GetBack(frame);
        Py_DecRef(frame);
        frame = back;
    }
    PyGILState_Release(gil);
    is_looking = 0;
    return digest;
}

static void note_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    atomic_store(&state->time, now.tv_sec * 1000000000LL + now.tv_nsec);
}

static void send_signal(int pid) {
    int main_pid = atomic_load(&state->main);
    if (state->target == WORKER) {
        if (pid == main_pid) return;
        main_pid = pid;
    }
    atomic_fetch_add(&state->fired, 1);
    note_time();
    if (state->target == TREE) {
        int count = atomic_load(&state->pids);
        for (int at = 0; at < count && at < PIDS; at++)
            if (state->processes[at] != pid) kill(state->processes[at], state->number);
        main_pid = pid;
    }
    kill(main_pid, state->number);
}

/* Count a call; return the errno that it has to fail with, 0 if it is to be made. */
static int counted(const char *name, int kinds, const char *area, const char *full) {
    int pid = (int)syscall(SYS_getpid);
    introduce(pid);
    int64_t number = atomic_fetch_add(&state->counter, 1) + 1;
    if (state->traced && number <= CALLS) {
        struct call *call = &state->calls[number - 1];
        call->pid = pid;
        call->kinds = kinds;
        call->place = place_of();
        strncpy(call->name, name, sizeof call->name - 1);
        strncpy(call->path, full, PATH - 1);
    }
    if (state->action == SIGNAL && (number == state->at || number == state->again)) {
        send_signal(pid);
    } else if (state->action == FAIL && (state->kinds & kinds)) {
        int is_first = number == state->at;
        if (is_first) {
            strcpy(state->area, area);
            atomic_fetch_add(&state->fired, 1);
            note_time();
        }
        int is_later = state->lasting && number > state->at && atomic_load(&state->fired);
        if (is_first || (is_later && !strcmp(area, state->area))) return state->error;
    }
    return 0;
}

/* Follow a handle; `kinds` are those of the call that opened it. */
static void watch(int handle, const char *area, int kinds) {
    if (handle < 0 || handle >= HANDLES) return;
    watched[handle] = kinds & CHANGES ? 2 : 1;
    strcpy(areas[handle], area);
}

#define CHECK(folder, path, name, kinds, failure)                      \
    char area[64], full[PATH];                                         \
    int counts = concerns(folder, path, area, full);                   \
    if (counts) {                                                      \
        int error = counted(name, kinds, area, full);                  \
        if (error) {                                                   \
            errno = error;                                             \
            return failure;                                            \
        }                                                              \
    }

static int kinds_of(int flags) {
    int kinds = ANY | OPENS | NAMES;
    if (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) kinds |= CHANGES;
    if (flags & O_CREAT) kinds |= SPACE;
    return kinds;
}

/* Opening */

#define OPEN(symbol)                                                           \
    int symbol(const char *path, int flags, ...) {                             \
        mode_t mode = 0;                                                       \
        if (flags & (O_CREAT | O_TMPFILE)) {                                   \
            va_list rest;                                                      \
            va_start(rest, flags);                                             \
            mode = va_arg(rest, mode_t);                                       \
            va_end(rest);                                                      \
        }                                                                      \
        CHECK(AT_FDCWD, path, "open", kinds_of(flags), -1)                     \
        REAL(int, #symbol, const char *, int, ...);                            \
        int handle = next(path, flags, mode);                                  \
        if (counts) watch(handle, area, kinds_of(flags));                                       \
        return handle;                                                         \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(symbol)                                                         \
    int symbol(int folder, const char *path, int flags, ...) {                 \
        mode_t mode = 0;                                                       \
        if (flags & (O_CREAT | O_TMPFILE)) {                                   \
            va_list rest;                                                      \
            va_start(rest, flags);                                             \
            mode = va_arg(rest, mode_t);                                       \
            va_end(rest);                                                      \
        }                                                                      \
        CHECK(folder, path, "openat", kinds_of(flags), -1)                     \
        REAL(int, #symbol, int, const char *, int, ...);                       \
        int handle = next(folder, path, flags, mode);                          \
        if (counts) watch(handle, area, kinds_of(flags));                                       \
        return handle;                                                         \
    }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(symbol)                                                          \
    FILE *symbol(const char *path, const char *mode) {                         \
        CHECK(AT_FDCWD, path, "fopen", ANY | OPENS | NAMES, NULL)              \
        REAL(FILE *, #symbol, const char *, const char *);                     \
        return next(path, mode);                                               \
    }
FOPEN(fopen)
FOPEN(fopen64)

DIR *opendir(const char *path) {
    CHECK(AT_FDCWD, path, "opendir", ANY | OPENS | NAMES, NULL)
    REAL(DIR *, "opendir", const char *);
    DIR *found = next(path);
    if (counts && found) watch(dirfd(found), area, 0);
    return found;
}

DIR *fdopendir(int handle) {
    CHECK(handle, NULL, "fdopendir", ANY, NULL)
    REAL(DIR *, "fdopendir", int);
    return next(handle);
}

int closedir(DIR *folder) {
    int handle = dirfd(folder);
    if (handle >= 0 && handle < HANDLES) watched[handle] = 0;
    REAL(int, "closedir", DIR *);
    return next(folder);
}

#define READDIR(symbol, type)                                                  \
    struct type *symbol(DIR *folder) {                                         \
        CHECK(dirfd(folder), NULL, "readdir", ANY, NULL)                       \
        REAL(struct type *, #symbol, DIR *);                                   \
        return next(folder);                                                   \
    }
READDIR(readdir, dirent)
READDIR(readdir64, dirent64)

int close(int handle) {
    char area[64], full[PATH];
    int error = 0;
    int kinds = ANY;
    if (handle >= 0 && handle < HANDLES && watched[handle] == 2) kinds |= WRITTEN;
    if (concerns(handle, NULL, area, full)) error = counted("close", kinds, area, full);
    if (handle >= 0 && handle < HANDLES) watched[handle] = 0;
    REAL(int, "close", int);
    int result = next(handle);
    if (error) {
        errno = error;
        return -1;
    }
    return result;
}

int fclose(FILE *file) {
    int handle = fileno(file);
    if (handle >= 0 && handle < HANDLES) watched[handle] = 0;
    REAL(int, "fclose", FILE *);
    return next(file);
}

/* Calls with a path */

#define PATH_CALL(symbol, kinds)                                               \
    int symbol(const char *path) {                                             \
        CHECK(AT_FDCWD, path, #symbol, kinds, -1)                              \
        REAL(int, #symbol, const char *);                                      \
        return next(path);                                                     \
    }
PATH_CALL(unlink, ANY | CHANGES | NAMES)
PATH_CALL(rmdir, ANY | CHANGES | NAMES)

int unlinkat(int folder, const char *path, int flags) {
    CHECK(folder, path, "unlinkat", ANY | CHANGES | NAMES, -1)
    REAL(int, "unlinkat", int, const char *, int);
    return next(folder, path, flags);
}

int remove(const char *path) {
    CHECK(AT_FDCWD, path, "remove", ANY | CHANGES | NAMES, -1)
    REAL(int, "remove", const char *);
    return next(path);
}

int mkdir(const char *path, mode_t mode) {
    CHECK(AT_FDCWD, path, "mkdir", ANY | CHANGES | NAMES | SPACE, -1)
    REAL(int, "mkdir", const char *, mode_t);
    return next(path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode) {
    CHECK(folder, path, "mkdirat", ANY | CHANGES | NAMES | SPACE, -1)
    REAL(int, "mkdirat", int, const char *, mode_t);
    return next(folder, path, mode);
}

int rename(const char *source, const char *target) {
    CHECK(AT_FDCWD, target, "rename", ANY | CHANGES | NAMES, -1)
    REAL(int, "rename", const char *, const char *);
    return next(source, target);
}

int renameat(int one, const char *source, int other, const char *target) {
    CHECK(other, target, "renameat", ANY | CHANGES | NAMES, -1)
    REAL(int, "renameat", int, const char *, int, const char *);
    return next(one, source, other, target);
}

int renameat2(int one, const char *source, int other, const char *target, unsigned flags) {
    CHECK(other, target, "renameat2", ANY | CHANGES | NAMES, -1)
    REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
    return next(one, source, other, target, flags);
}

int link(const char *source, const char *target) {
    CHECK(AT_FDCWD, target, "link", ANY | CHANGES | NAMES | SPACE, -1)
    REAL(int, "link", const char *, const char *);
    return next(source, target);
}

int linkat(int one, const char *source, int other, const char *target, int flags) {
    CHECK(other, target, "linkat", ANY | CHANGES | NAMES | SPACE, -1)
    REAL(int, "linkat", int, const char *, int, const char *, int);
    return next(one, source, other, target, flags);
}

int symlink(const char *source, const char *target) {
    CHECK(AT_FDCWD, target, "symlink", ANY | CHANGES | NAMES | SPACE, -1)
    REAL(int, "symlink", const char *, const char *);
    return next(source, target);
}

int symlinkat(const char *source, int folder, const char *target) {
    CHECK(folder, target, "symlinkat", ANY | CHANGES | NAMES | SPACE, -1)
    REAL(int, "symlinkat", const char *, int, const char *);
    return next(source, folder, target);
}

int chmod(const char *path, mode_t mode) {
    CHECK(AT_FDCWD, path, "chmod", ANY | CHANGES | NAMES, -1)
    REAL(int, "chmod", const char *, mode_t);
    return next(path, mode);
}

int fchmod(int handle, mode_t mode) {
    CHECK(handle, NULL, "fchmod", ANY | CHANGES, -1)
    REAL(int, "fchmod", int, mode_t);
    return next(handle, mode);
}

int fchmodat(int folder, const char *path, mode_t mode, int flags) {
    CHECK(folder, path, "fchmodat", ANY | CHANGES | NAMES, -1)
    REAL(int, "fchmodat", int, const char *, mode_t, int);
    return next(folder, path, mode, flags);
}

int chown(const char *path, uid_t user, gid_t group) {
    CHECK(AT_FDCWD, path, "chown", ANY | CHANGES | NAMES, -1)
    REAL(int, "chown", const char *, uid_t, gid_t);
    return next(path, user, group);
}

int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
    CHECK(folder, path, "utimensat", ANY | CHANGES | NAMES, -1)
    REAL(int, "utimensat", int, const char *, const struct timespec *, int);
    return next(folder, path, times, flags);
}

int futimens(int handle, const struct timespec times[2]) {
    CHECK(handle, NULL, "futimens", ANY | CHANGES, -1)
    REAL(int, "futimens", int, const struct timespec *);
    return next(handle, times);
}

int truncate(const char *path, off_t size) {
    CHECK(AT_FDCWD, path, "truncate", ANY | CHANGES | NAMES, -1)
    REAL(int, "truncate", const char *, off_t);
    return next(path, size);
}

ssize_t readlink(const char *path, char *buffer, size_t size) {
    CHECK(AT_FDCWD, path, "readlink", ANY | NAMES, -1)
    REAL(ssize_t, "readlink", const char *, char *, size_t);
    return next(path, buffer, size);
}

int access(const char *path, int mode) {
    CHECK(AT_FDCWD, path, "access", ANY | NAMES, -1)
    REAL(int, "access", const char *, int);
    return next(path, mode);
}

#define STAT(symbol, type)                                                     \
    int symbol(const char *path, struct type *facts) {                         \
        CHECK(AT_FDCWD, path, #symbol, ANY | NAMES, -1)                        \
        REAL(int, #symbol, const char *, struct type *);                       \
        return next(path, facts);                                              \
    }
STAT(stat, stat)
STAT(lstat, stat)
STAT(stat64, stat64)
STAT(lstat64, stat64)

#define FSTAT(symbol, type)                                                    \
    int symbol(int handle, struct type *facts) {                               \
        CHECK(handle, NULL, #symbol, ANY, -1)                                  \
        REAL(int, #symbol, int, struct type *);                                \
        return next(handle, facts);                                            \
    }
FSTAT(fstat, stat)
FSTAT(fstat64, stat64)

#define FSTATAT(symbol, type)                                                  \
    int symbol(int folder, const char *path, struct type *facts, int flags) {  \
        CHECK(folder, path, #symbol, ANY | NAMES, -1)                          \
        REAL(int, #symbol, int, const char *, struct type *, int);             \
        return next(folder, path, facts, flags);                               \
    }
FSTATAT(fstatat, stat)
FSTATAT(fstatat64, stat64)

int statx(int folder, const char *restrict path, int flags, unsigned mask,
          struct statx *restrict facts) {
    CHECK(folder, path, "statx", ANY | NAMES, -1)
    REAL(int, "statx", int, const char *, int, unsigned, struct statx *);
    return next(folder, path, flags, mask, facts);
}

/* Calls with a handle */

ssize_t read(int handle, void *data, size_t size) {
    CHECK(handle, NULL, "read", ANY, -1)
    REAL(ssize_t, "read", int, void *, size_t);
    return next(handle, data, size);
}

ssize_t write(int handle, const void *data, size_t size) {
    CHECK(handle, NULL, "write", ANY | CHANGES | SPACE, -1)
    REAL(ssize_t, "write", int, const void *, size_t);
    return next(handle, data, size);
}

ssize_t writev(int handle, const struct iovec *parts, int count) {
    CHECK(handle, NULL, "writev", ANY | CHANGES | SPACE, -1)
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    return next(handle, parts, count);
}

#define PREAD(symbol)                                                          \
    ssize_t symbol(int handle, void *data, size_t size, off_t at) {            \
        CHECK(handle, NULL, "pread", ANY, -1)                                  \
        REAL(ssize_t, #symbol, int, void *, size_t, off_t);                    \
        return next(handle, data, size, at);                                   \
    }
PREAD(pread)
PREAD(pread64)

#define PWRITE(symbol)                                                         \
    ssize_t symbol(int handle, const void *data, size_t size, off_t at) {      \
        CHECK(handle, NULL, "pwrite", ANY | CHANGES | SPACE, -1)               \
        REAL(ssize_t, #symbol, int, const void *, size_t, off_t);              \
        return next(handle, data, size, at);                                   \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

#define HANDLE_CALL(symbol, kinds)                                             \
    int symbol(int handle) {                                                   \
        CHECK(handle, NULL, #symbol, kinds, -1)                                \
        REAL(int, #symbol, int);                                               \
        return next(handle);                                                   \
    }
HANDLE_CALL(fsync, ANY | SPACE)
HANDLE_CALL(fdatasync, ANY | SPACE)

#define FTRUNCATE(symbol)                                                      \
    int symbol(int handle, off_t size) {                                       \
        CHECK(handle, NULL, "ftruncate", ANY | CHANGES, -1)                    \
        REAL(int, #symbol, int, off_t);                                        \
        return next(handle, size);                                             \
    }
FTRUNCATE(ftruncate)
FTRUNCATE(ftruncate64)

ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags) {
    CHECK(out, NULL, "copy_file_range", ANY | CHANGES | SPACE, -1)
    REAL(ssize_t, "copy_file_range", int, off64_t *, int, off64_t *, size_t, unsigned);
    return next(in, from, out, to, size, flags);
}

#define SENDFILE(symbol)                                                       \
    ssize_t symbol(int out, int in, off_t *at, size_t size) {                  \
        CHECK(out, NULL, "sendfile", ANY | CHANGES | SPACE, -1)                \
        REAL(ssize_t, #symbol, int, int, off_t *, size_t);                     \
        return next(out, in, at, size);                                        \
    }
SENDFILE(sendfile)
SENDFILE(sendfile64)

int ioctl(int handle, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (request == FICLONE) {
        CHECK(handle, NULL, "ioctl", ANY | CHANGES | SPACE, -1)
    }
    REAL(int, "ioctl", int, unsigned long, ...);
    return next(handle, request, argument);
}

int flock(int handle, int operation) {
    CHECK(handle, NULL, "flock", ANY | WRITTEN, -1)
    REAL(int, "flock", int, int);
    return next(handle, operation);
}
