// A plugin that does everything it must not, one thing per value of its option "do". For the tests of the sandbox.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "casebridge/sdk.hpp"

namespace {

using namespace casebridge;

// Each writes what it got into the record, so that a test can see that it got nothing.
std::string misbehave(std::string_view what) {
  if (what == "crash") {
    volatile int* nothing = nullptr;
    *nothing = 1;
  }
  if (what == "abort") std::abort();
  if (what == "exit") ::_exit(0);
  if (what == "throw-int") throw 42;
  if (what == "hang")
    for (;;) asm volatile("");
  if (what == "sleep")
    for (;;) ::sleep(1000);
  if (what == "flood") {
    std::vector<char*> hoard;
    for (;;) hoard.push_back(static_cast<char*>(std::memset(new char[16 << 20], 1, 16 << 20)));
  }
  if (what == "recurse") {
    struct Deep {
      static int down(int n) {  // the depth is hidden from the compiler, which would warn
        volatile char room[4096];
        room[n % 4096] = 1;
        int limit = 1 << 30;
        asm volatile("" : "+r"(limit));
        return n < limit ? down(n + 1) + room[n % 4096] : 0;
      }
    };
    return std::to_string(Deep::down(0));
  }
  if (what == "open") return ::open("/etc/passwd", O_RDONLY) >= 0 ? "opened" : "refused";
  if (what == "create") return ::open("/tmp/casebridge-evil", O_CREAT | O_WRONLY, 0644) >= 0 ? "created" : "refused";
  if (what == "unlink") return ::unlink("/tmp/casebridge-evil-canary") == 0 ? "removed" : "refused";
  if (what == "socket") return ::socket(AF_INET, SOCK_STREAM, 0) >= 0 ? "socket" : "refused";
  if (what == "exec") return ::execl("/bin/true", "true", nullptr) == 0 ? "ran" : "refused";
  if (what == "fork") return ::fork() >= 0 ? "forked" : "refused";
  if (what == "system") return std::system("true") == 0 ? "ran" : "refused";
  if (what == "ptrace") return ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr) == 0 ? "attached" : "refused";
  if (what == "kill-host") return ::kill(::getppid(), SIGTERM) == 0 ? "killed" : "refused";
  if (what == "dlopen") return ::dlopen("libBrokenLocale.so.1", RTLD_NOW) ? "loaded" : "refused";
  if (what == "new-code")
    return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ? "mapped"
                                                                                                                       : "refused";
  if (what == "own-handler") {  // even if the messenger is silenced, the call does not happen
    ::signal(SIGSYS, SIG_IGN);
    return ::open("/etc/passwd", O_RDONLY) >= 0 ? "opened" : "refused";
  }
  if (what == "babble") {  // writes over the host's protocol
    const char words[] = "this is no frame, and it is a good deal longer than the head of one would be";
    for (int i = 0; i < 100; ++i)
      if (::write(3, words, sizeof words) < 0) break;
  }
  return "nothing";
}

class Evil final : public Reader {
 public:
  static uint32_t probe(std::string_view format, std::string_view, std::string_view head) {
    if (format == "evil-probe" && head.find("CRASH") != head.npos) misbehave("crash");
    if (format == "evil-probe" && head.find("OPEN") != head.npos) misbehave("open");
    return format == "evil-probe" ? 99 : 10;
  }
  explicit Evil(Open open) : in_(open.input), what_(open.options.text("do")) {}
  bool read(BatchBuilder& out) override {
    char some[256];
    const size_t n = in_.read(some);
    if (!n) return false;
    out.begin_unit({0, n});
    out.record(20, {0, n});
    out.text(21, misbehave(what_));
    out.end_unit();
    return true;
  }

 private:
  Input in_;
  std::string what_;
};

constexpr cb_format kEvil[] = {{"evil", "Evil", "Mal", nullptr, "evil", "magic=EVIL", CB_READS},
                               {"evil-probe", "Evil probe", "Mal", nullptr, "evil", "magic=PROBE", CB_READS}};
constexpr cb_option kOptions[] = {{"do", CB_OPT_TEXT, 0, "nothing", nullptr, "What to do.", "Quoi faire."}};

}  // namespace

extern "C" const cb_plugin casebridge_plugin_v1 = reader_plugin<Evil>({.id = "evil", .version = "1", .title_en = "Evil"}, kEvil, kOptions);
