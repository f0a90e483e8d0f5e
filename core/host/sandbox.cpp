#include "host/sandbox.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <stdexcept>

#include "host/wire.hpp"

namespace casebridge::host {
namespace {

std::atomic<int64_t>* g_forbidden = nullptr;

void on_forbidden(int, siginfo_t* info, void*) {
  if (g_forbidden) g_forbidden->store(1 + info->si_syscall);
  ::_exit(kExitForbidden);
}

void limit(int what, uint64_t value, const char* name) {
  rlimit had{};
  if (::getrlimit(static_cast<__rlimit_resource>(what), &had) == 0) value = std::min<uint64_t>(value, had.rlim_max);  // never raised
  const rlimit l{value, value};
  if (::setrlimit(static_cast<__rlimit_resource>(what), &l) != 0)
    throw std::runtime_error(std::string("setrlimit ") + name + ": " + std::strerror(errno));
}

// Everything Landlock can handle, and no rule: no path can be opened, made or removed any more, and no TCP port bound or
// connected. Numbers instead of names, because the kernel is newer than its headers here.
std::string close_landlock() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return "Landlock is not available (kernel 5.13 or newer, \"landlock\" in /sys/kernel/security/lsm)";
  struct {
    uint64_t fs = 0, net = 0, scoped = 0;
  } attributes;
  attributes.fs = (uint64_t(1) << 13) - 1;
  if (abi >= 2) attributes.fs |= uint64_t(1) << 13;  // refer
  if (abi >= 3) attributes.fs |= uint64_t(1) << 14;  // truncate
  if (abi >= 5) attributes.fs |= uint64_t(1) << 15;  // ioctl on devices
  size_t size = 8;
  if (abi >= 4) attributes.net = 3, size = 16;     // bind, connect
  if (abi >= 6) attributes.scoped = 3, size = 24;  // abstract sockets, signals
  const long rules = ::syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
  if (rules < 0) return std::string("Landlock: ") + std::strerror(errno);
  const long done = ::syscall(SYS_landlock_restrict_self, rules, 0);
  const int error = errno;
  ::close(static_cast<int>(rules));
  return done == 0 ? std::string() : std::string("Landlock: ") + std::strerror(error);
}

std::string close_seccomp(Threads threads) {
  struct Filter {
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_TRAP);
    ~Filter() { seccomp_release(context); }
  } filter;
  if (!filter.context) return "seccomp is not available";
  int failed = 0;
  const auto allow = [&](int call) { failed |= seccomp_rule_add(filter.context, SCMP_ACT_ALLOW, call, 0) != 0; };
  const auto allow_if = [&](int call, scmp_arg_cmp when) {
    failed |= seccomp_rule_add(filter.context, SCMP_ACT_ALLOW, call, 1, when) != 0;
  };
  const auto answer = [&](int call, int error) {
    failed |= seccomp_rule_add(filter.context, SCMP_ACT_ERRNO(static_cast<uint32_t>(error)), call, 0) != 0;
  };
  for (const int call : {SCMP_SYS(read),
                         SCMP_SYS(readv),
                         SCMP_SYS(pread64),
                         SCMP_SYS(write),
                         SCMP_SYS(writev),
                         SCMP_SYS(lseek),
                         SCMP_SYS(close),
                         SCMP_SYS(fstat),
                         SCMP_SYS(poll),
                         SCMP_SYS(ppoll),
                         SCMP_SYS(recvmsg),
                         SCMP_SYS(sendmsg),
                         SCMP_SYS(munmap),
                         SCMP_SYS(mremap),
                         SCMP_SYS(madvise),
                         SCMP_SYS(brk),
                         SCMP_SYS(futex),
                         SCMP_SYS(sched_yield),
                         SCMP_SYS(sched_getaffinity),
                         SCMP_SYS(getpid),
                         SCMP_SYS(getppid),
                         SCMP_SYS(gettid),
                         SCMP_SYS(getrandom),
                         SCMP_SYS(clock_gettime),
                         SCMP_SYS(clock_getres),
                         SCMP_SYS(gettimeofday),
                         SCMP_SYS(time),
                         SCMP_SYS(nanosleep),
                         SCMP_SYS(clock_nanosleep),
                         SCMP_SYS(getrusage),
                         SCMP_SYS(times),
                         SCMP_SYS(sysinfo),
                         SCMP_SYS(rt_sigreturn),
                         SCMP_SYS(rt_sigprocmask),
                         SCMP_SYS(rt_sigaction),
                         SCMP_SYS(sigaltstack),
                         SCMP_SYS(restart_syscall),
                         SCMP_SYS(exit),
                         SCMP_SYS(exit_group),
                         SCMP_SYS(membarrier)})
    allow(call);
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) allow_if(call, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));  // no new code
  allow_if(SCMP_SYS(newfstatat), SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH));                      // how glibc spells fstat
  allow_if(SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid())));  // abort() of its own
  allow_if(SCMP_SYS(prlimit64), SCMP_A0(SCMP_CMP_EQ, 0));
  if (threads == Threads::allowed) {
    constexpr scmp_datum_t kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
    allow_if(SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, kThread, kThread));
    answer(SCMP_SYS(clone3), ENOSYS);  // its flags lie in memory, where no filter can look: the C library then calls clone
    for (const int call : {SCMP_SYS(set_robust_list), SCMP_SYS(rseq)}) allow(call);
  }
  answer(SCMP_SYS(ioctl), ENOTTY);
  answer(SCMP_SYS(readlink), ENOENT);
  answer(SCMP_SYS(readlinkat), ENOENT);
  answer(SCMP_SYS(access), ENOENT);
  answer(SCMP_SYS(faccessat), ENOENT);
  if (failed) return "a seccomp rule cannot be made";
  const int loaded = seccomp_load(filter.context);
  return loaded == 0 ? std::string() : std::string("seccomp: ") + std::strerror(-loaded);
}

}  // namespace

void limit_process(const SandboxLimits& limits) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw std::runtime_error("no_new_privs cannot be set");
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // its memory holds personal data: no core, no ptrace by others of the same user
  limit(RLIMIT_CORE, 0, "CORE");
  limit(RLIMIT_FSIZE, limits.file_bytes, "FSIZE");
  if (limits.memory) limit(RLIMIT_AS, limits.memory, "AS");
  if (limits.files) limit(RLIMIT_NOFILE, limits.files, "NOFILE");
  if (limits.cpu_seconds) {
    const rlimit cpu{limits.cpu_seconds, limits.cpu_seconds + 2};  // SIGXCPU first: it names the limit
    if (::setrlimit(RLIMIT_CPU, &cpu) != 0) throw std::runtime_error("setrlimit CPU");
  }
}

std::string close_sandbox(std::atomic<int64_t>* forbidden, Threads threads) {
  g_forbidden = forbidden;
  ::tzset();  // reads a file at its first call, whoever makes it
  struct sigaction action {};
  action.sa_sigaction = on_forbidden;
  action.sa_flags = SA_SIGINFO;
  if (::sigaction(SIGSYS, &action, nullptr) != 0) return "SIGSYS cannot be handled";
  const std::string landlock = close_landlock();
  const std::string seccomp = close_seccomp(threads);
  return landlock.empty() ? seccomp : seccomp.empty() ? landlock : landlock + "; " + seccomp;
}

std::string syscall_name(int64_t number) {
  char* name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, static_cast<int>(number));
  std::string out = name ? name : "call " + std::to_string(number);
  ::free(name);
  return out;
}

}  // namespace casebridge::host
