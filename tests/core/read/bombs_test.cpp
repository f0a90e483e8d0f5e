// Every hostile input ends in a finding within 5 s and 256 MiB. Each is read in a child process with these limits.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/read/drive.hpp"
#include "core/read/memory_input.hpp"

using namespace casebridge;
using namespace casebridge::read;
using casebridge::test::Driven;
using casebridge::test::Host;
using casebridge::test::MemoryInput;
namespace fs = std::filesystem;

namespace {

// Reads from the file as it goes: the input itself is not in memory.
struct FileInput {
  explicit FileInput(const fs::path& path) : file(path, std::ios::binary), size(fs::file_size(path)) {
    input = {sizeof(cb_input),
             0,
             this,
             {"file", 4},
             static_cast<int64_t>(size),
             [](void* self, void* into, uint64_t n) -> int64_t {
               auto& in = *static_cast<FileInput*>(self);
               in.file.read(static_cast<char*>(into), static_cast<std::streamsize>(n));
               return in.file.gcount();
             },
             nullptr};
  }
  std::ifstream file;
  uint64_t size;
  cb_input input;
};

FixedOptions fixed_columns() {
  FixedOptions options;
  options.columns = {{"level", 1, 1}, {"ori", 2, 5}};
  options.kinds = {{"victim", {{"level", "4"}}, {{"number", 7, 8}, {"sex", 9, 10}}}};
  return options;
}

Driven read_as(const std::string& kind, const std::string& extension, const cb_input& input, uint64_t size, Reporter& reporter) {
  if (kind == "delimited") {
    Delimited table(input, {}, reporter);
    return test::drive(table, size);
  }
  if (kind == "fixed") {
    FixedWidth fixed(input, fixed_columns(), reporter);
    return test::drive(fixed, size);
  }
  JsonOptions options;
  options.lines = extension == ".jsonl";
  Names names;
  JsonCursor cursor(input, options, names, reporter);
  return test::drive_trees(cursor, size);
}

enum Outcome { kFinding = 0, kSilent = 1, kBroken = 2 };

int run_bomb(const fs::path& path) {
#ifndef CASEBRIDGE_SANITIZED
  const rlimit memory{256u << 20, 256u << 20}, seconds{5, 6};
  setrlimit(RLIMIT_AS, &memory);
  setrlimit(RLIMIT_CPU, &seconds);
#endif
  try {
    Host host;
    Reporter reporter(host.get());
    FileInput file(path);
    read_as(path.parent_path().filename(), path.extension(), file.input, file.size, reporter);
    reporter.finish();
    return host.found.empty() ? kSilent : kFinding;
  } catch (const std::exception& broken) {
    std::cerr << path << ": " << broken.what() << "\n";
    return kBroken;
  }
}

void defuse(const fs::path& folder) {
  std::vector<fs::path> bombs;
  for (const char* kind : {"delimited", "json", "fixed"})
    for (const auto& entry : fs::directory_iterator(folder / kind)) bombs.push_back(entry.path());
  std::sort(bombs.begin(), bombs.end());
  BOOST_TEST(bombs.size() > 10u);
  for (const fs::path& bomb : bombs) {
    const pid_t child = fork();
    if (child == 0) _exit(run_bomb(bomb));
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == kFinding),
               bomb.lexically_relative(folder) << (WIFSIGNALED(status) ? " was killed by signal " + std::to_string(WTERMSIG(status))
                                                                       : " ended with " + std::to_string(WEXITSTATUS(status))));
    if (std::getenv("CASEBRIDGE_SHOW"))
      std::cout << bomb.lexically_relative(folder) << "\t" << static_cast<double>(usage.ru_utime.tv_sec) + usage.ru_utime.tv_usec / 1e6
                << " s\t" << usage.ru_maxrss / 1024 << " MiB\n";
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(small_bombs_end_in_a_finding) { defuse(CASEBRIDGE_SOURCE_DIR "/samples/bombs"); }

BOOST_AUTO_TEST_CASE(large_bombs_end_in_a_finding) {
  const fs::path folder = fs::path(CASEBRIDGE_BINARY_DIR) / "bombs";
  fs::remove_all(folder);
  BOOST_REQUIRE(
      std::system(("python3 '" CASEBRIDGE_SOURCE_DIR "/samples/bombs/make_bombs.py' --large '" + folder.string() + "'").c_str()) == 0);
  defuse(folder);
  fs::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(the_committed_bombs_are_those_of_the_script) {
  const std::string here = CASEBRIDGE_SOURCE_DIR "/samples/bombs";
  const fs::path copy = fs::path(CASEBRIDGE_BINARY_DIR) / "bombs_small";
  fs::remove_all(copy);
  fs::create_directories(copy);
  fs::copy_file(here + "/make_bombs.py", copy / "make_bombs.py");
  BOOST_REQUIRE(std::system(("python3 '" + (copy / "make_bombs.py").string() + "'").c_str()) == 0);
  const auto bytes = [](const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  for (const char* kind : {"delimited", "json", "fixed"})
    for (const auto& made : fs::directory_iterator(copy / kind))
      BOOST_TEST(bytes(made.path()) == bytes(fs::path(here) / kind / made.path().filename()), made.path());
}

BOOST_AUTO_TEST_CASE(an_input_cut_at_every_twentieth_of_its_length_is_read_as_far_as_it_goes) {
  std::string csv = "id,family,note\n", json = "{\"version\":\"1\",\"reports\":[", lines, fixed;
  for (int i = 0; i < 50; ++i) {
    const std::string n = std::to_string(i);
    csv += n + ",\"TESTARD, \xC3\x89XEMPLE\",\"two\nlines\"\r\n";
    const std::string record = "{\"id\":" + n + ",\"name\":{\"family\":\"TESTARD\",\"given\":[\"\\u00c9XEMPLE\",\"ANNE\"]}}";
    json += (i ? "," : "") + record;
    lines += record + "\n";
    fixed += "4ON01 12F\r\n";
  }
  json += "]}";
  std::string wide = "\xFE\xFF";
  for (const char c : csv.substr(0, 15)) wide += std::string{'\0', c};
  const std::pair<const char*, const std::string*> inputs[] = {
      {"delimited", &csv}, {"delimited", &wide}, {"json", &json}, {"jsonl", &lines}, {"fixed", &fixed}};
  for (const auto& [kind, whole] : inputs)
    for (size_t twentieth = 0; twentieth <= 20; ++twentieth) {
      Host host;
      Reporter reporter(host.get());
      const MemoryInput input(whole->substr(0, whole->size() * twentieth / 20));
      const std::string name = kind;
      const Driven driven = read_as(name == "jsonl" ? "json" : name, "." + name, *input, input.bytes().size(), reporter);
      BOOST_TEST(driven.refused <= 1u);
      if (name == "json") BOOST_TEST((driven.status == CB_E_INPUT) == (twentieth < 20));
      if (twentieth == 20) BOOST_TEST(host.said() == "");
    }
}
