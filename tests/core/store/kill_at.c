// Loaded before the C library: kills the process (SIGKILL) at its Nth change of a file, N = CASEBRIDGE_KILL_AT. The change is
// not made. So a test can stop a command at every instant at which it would leave different bytes.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long seen;

// How many there were, of a command that came to its end: into the file CASEBRIDGE_KILL_COUNT.
__attribute__((destructor)) static void tell(void) {
  const char* path = getenv("CASEBRIDGE_KILL_COUNT");
  FILE* out = path ? fopen(path, "w") : NULL;
  if (!out) return;
  fprintf(out, "%ld\n", (long)seen);
  fclose(out);
}

static void maybe(void) {
  static long at = -1;
  if (at < 0) at = getenv("CASEBRIDGE_KILL_AT") ? atol(getenv("CASEBRIDGE_KILL_AT")) : 0;
  if (atomic_fetch_add(&seen, 1) + 1 == at) kill(getpid(), SIGKILL);
}

#define AS(name, type, given, passed)                             \
  type name given {                                               \
    static type(*real) given;                                     \
    if (!real) *(void**)&real = dlsym(RTLD_NEXT, #name);          \
    maybe();                                                      \
    return real passed;                                           \
  }

AS(pwrite, ssize_t, (int fd, const void* data, size_t n, off_t at), (fd, data, n, at))
AS(pwrite64, ssize_t, (int fd, const void* data, size_t n, off64_t at), (fd, data, n, at))
AS(write, ssize_t, (int fd, const void* data, size_t n), (fd, data, n))
AS(ftruncate, int, (int fd, off_t n), (fd, n))
AS(ftruncate64, int, (int fd, off64_t n), (fd, n))
AS(unlink, int, (const char* path), (path))
AS(rename, int, (const char* from, const char* to), (from, to))
