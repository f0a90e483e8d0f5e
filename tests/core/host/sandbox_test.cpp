// Every case costs one input and a clear report, and the next input is read as if nothing had been.
#include <boost/test/unit_test.hpp>
#include <chrono>

#include "host_fixture.hpp"

using namespace casebridge;
using namespace casebridge::host;
using namespace casebridge::host::test;

namespace {

Outcome run(const char* plugin, const char* format, const std::string& what, bool in_process = false) {
  static const Scratch scratch;
  static const auto path = scratch.write("in.evil", "EVIL and LIAR: synthetic\n");
  const auto input = open_file(path);
  Request r{.format = format, .settings = {{"do", what}}, .in_process = in_process};
  r.limits.memory = uint64_t(512) << 20;
  r.limits.hang = std::chrono::milliseconds(what == "hang" || what == "sleep" ? 700 : 20'000);
  return read_all(*registry().plugin(plugin), *input, r);
}

std::string code(const Outcome& o) { return o.findings.empty() ? "" : o.findings.back().code; }

bool sandbox_here() {
#ifdef CASEBRIDGE_SANITIZED
  BOOST_TEST_MESSAGE("skipped: sanitizer builds read in process");
  return false;
#else
  return true;
#endif
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_plugin_that_behaves_is_not_disturbed) {
  const Outcome o = run("evil", "evil", "nothing");
  BOOST_TEST(o.status == CB_END);
  BOOST_TEST(o.findings.size() == 0u);
  BOOST_TEST(o.cells == "21=nothing@0;");
}

BOOST_AUTO_TEST_CASE(a_crash_is_a_finding_that_names_the_signal) {
  if (!sandbox_here()) return;
  for (const auto& [what, signal] : {std::pair("crash", "11"), {"abort", "6"}, {"recurse", "11"}}) {
    const Outcome o = run("evil", "evil", what);
    BOOST_TEST(o.status == CB_E_INTERNAL);
    BOOST_TEST(code(o) == "E-WORKER-SIGNAL");
    BOOST_TEST(o.findings.back().args[0] == signal);
  }
  BOOST_TEST(run("evil", "evil", "nothing").status == CB_END);
}

BOOST_AUTO_TEST_CASE(leaving_early_is_not_an_end_of_the_input) {
  if (!sandbox_here()) return;
  const Outcome o = run("evil", "evil", "exit");
  BOOST_TEST(o.status == CB_E_INTERNAL);
  BOOST_TEST(code(o) == "E-WORKER-EXIT");
}

BOOST_AUTO_TEST_CASE(an_exception_is_a_status_and_not_a_crash) {
  for (const bool in_process : {true, false}) {
    const Outcome o = run("evil", "evil", "throw-int", in_process);
    BOOST_TEST(o.status == CB_E_INTERNAL);
    BOOST_TEST(code(o) == "E-PLUGIN-INTERNAL");
  }
}

BOOST_AUTO_TEST_CASE(a_hanging_plugin_is_ended) {
  if (!sandbox_here()) return;
  for (const char* what : {"hang", "sleep"}) {
    const auto before = std::chrono::steady_clock::now();
    const Outcome o = run("evil", "evil", what);
    BOOST_TEST(code(o) == "E-WORKER-HANG");
    BOOST_TEST((std::chrono::steady_clock::now() - before < std::chrono::seconds(10)));
  }
}

BOOST_AUTO_TEST_CASE(processor_time_is_limited) {
  if (!sandbox_here()) return;
  const Scratch scratch;
  const auto input = open_file(scratch.write("in", "EVIL\n"));
  Request r{.format = "evil", .settings = {{"do", "hang"}}};
  r.limits.cpu_seconds = 1;
  const Outcome o = read_all(*registry().plugin("evil"), *input, r);
  BOOST_TEST(code(o) == "E-WORKER-CPU");
}

BOOST_AUTO_TEST_CASE(a_flood_of_memory_ends_at_the_limit) {
  if (!sandbox_here()) return;
  const Outcome o = run("evil", "evil", "flood");
  BOOST_TEST(o.status == CB_E_LIMIT);
  BOOST_TEST(code(o) == "E-INPUT-LIMIT");
  BOOST_TEST(o.findings.back().args[0] == "memory");
}

BOOST_AUTO_TEST_CASE(what_a_reader_never_needs_is_forbidden_and_named) {
  if (!sandbox_here()) return;
  for (const auto& [what, call] : {std::pair("open", "openat"),
                                   {"create", "openat"},
                                   {"unlink", "unlink"},
                                   {"socket", "socket"},
                                   {"exec", "execve"},
                                   {"fork", "clone"},
                                   {"system", "with its signals blocked"},
                                   {"ptrace", "ptrace"},
                                   {"kill-host", "kill"},
                                   {"dlopen", "openat"},
                                   {"new-code", "mmap"}}) {
    const Outcome o = run("evil", "evil", what);
    BOOST_TEST_CONTEXT(what) {
      BOOST_TEST(o.status == CB_E_INTERNAL);
      BOOST_REQUIRE(code(o) == "E-WORKER-FORBIDDEN");
      BOOST_TEST(o.findings.back().args[0] == "evil");
      BOOST_TEST(o.findings.back().args[1].substr(0, 5) == std::string(call).substr(0, 5));
      BOOST_TEST(o.cells == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(silencing_the_messenger_does_not_open_the_door) {
  if (!sandbox_here()) return;
  const Outcome o = run("evil", "evil", "own-handler");
  BOOST_TEST(o.cells.find("opened") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(nonsense_on_the_socket_is_not_believed) {
  if (!sandbox_here()) return;
  const Outcome o = run("evil", "evil", "babble");
  BOOST_TEST(o.status < 0);
  BOOST_TEST(code(o) == "E-WORKER-SPOKE");
}

BOOST_AUTO_TEST_CASE(no_lie_in_a_batch_passes_the_one_check) {
  BOOST_TEST(run("liar", "liar", "nothing").status == CB_END);
  for (const char* lie : {"offset", "length", "overflow", "hint", "kind", "parent", "cells", "first", "units", "outside", "outcome",
                          "reason", "utf8", "inside", "place", "index", "original", "input"})
    for (const bool in_process : {true, false}) {
      const Outcome o = run("liar", "liar", lie, in_process);
      BOOST_TEST_CONTEXT(lie) {
        BOOST_TEST(o.status == CB_E_INTERNAL);
        BOOST_TEST(code(o) == "E-PLUGIN-BATCH");
        BOOST_TEST(o.cells == "");
      }
    }
  BOOST_TEST(code(run("liar", "liar", "null", true)) == "E-PLUGIN-BATCH");
  BOOST_TEST(run("liar", "liar", "status", false).status < 0);
  BOOST_TEST(run("liar", "liar", "status", true).status < 0);
}

BOOST_AUTO_TEST_CASE(probing_is_confined_as_well) {
  if (!sandbox_here()) return;
  const auto calm = recognise(registry(), "x.evil", "PROBE");
  BOOST_TEST(bool(calm.best));
  for (const char* head : {"PROBE CRASH", "PROBE OPEN"}) {
    const auto r = recognise(registry(), "x.evil", head);
    BOOST_TEST(!r.best);
    BOOST_TEST(r.problem->code == "E-FORMAT-NONE");
    BOOST_REQUIRE(r.notes.size() == 1);
    BOOST_TEST(r.notes[0].code.starts_with("E-WORKER-"));
  }
}

// From the second session of one kind on, workers are forked from a prepared process.
BOOST_AUTO_TEST_CASE(workers_from_a_nursery_are_as_confined_and_as_alone_as_those_that_start_by_themselves) {
  if (!sandbox_here()) return;
  for (const char* what :
       {"crash", "abort", "exit", "flood", "open", "create", "socket", "exec", "fork", "ptrace", "kill-host", "new-code", "babble"}) {
    const Outcome first = run("evil", "evil", what);
    for (int again = 0; again < 3; ++again) {
      const Outcome o = run("evil", "evil", what);
      BOOST_TEST(o.status == first.status, what);
      BOOST_TEST(code(o) == code(first), what);
      BOOST_TEST(o.cells == first.cells, what);
      if (!first.findings.empty()) BOOST_TEST(o.findings.back().args == first.findings.back().args, what);
    }
  }
  for (int again = 0; again < 5; ++again)
    BOOST_TEST(run("evil", "evil", "nothing").cells == "21=nothing@0;");  // and those behind them are undisturbed
}

BOOST_AUTO_TEST_CASE(many_sessions_of_one_kind_stand_side_by_side_and_end_alone) {
  if (!sandbox_here()) return;
  const Scratch scratch;
  const auto path = scratch.write("in.evil", "EVIL and LIAR: synthetic\n");
  const Request wanted{.format = "evil", .settings = {{"do", "nothing"}}};
  std::vector<std::unique_ptr<Input>> inputs;
  std::vector<std::unique_ptr<Session>> sessions;
  for (int i = 0; i < 12; ++i) {
    inputs.push_back(open_file(path));
    Request r = wanted;
    r.inputs = {inputs.back().get()};
    Finding problem;
    sessions.push_back(open_session(*registry().plugin("evil"), r, problem));
    BOOST_REQUIRE(sessions.back());
  }
  for (size_t i = 0; i < sessions.size(); i += 2) sessions[i].reset();  // given up before the first byte
  for (size_t i = 1; i < sessions.size(); i += 2) {
    cb_batch batch;
    size_t records = 0;
    cb_status status;
    while ((status = sessions[i]->next(batch)) == CB_OK) records += batch.n_records;
    BOOST_TEST(status == CB_END);
    BOOST_TEST(records == 1u);
    sessions[i]->close();
  }
}
