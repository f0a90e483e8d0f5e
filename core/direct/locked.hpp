// The process that links a table read directly: it reads the rows, waits for those that went the usual way, links all, and
// gives back which record is whom. It is locked like every reader of untrusted bytes (host/sandbox.hpp), but may have threads.
// What it needs of the system (model, decisions, tables of names) is in its memory when it is made.
#pragma once
#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "direct/rows.hpp"
#include "resolve/linking.hpp"

namespace casebridge::direct {

struct LeftPerson {  // of a row that went the usual way: packed by pack_person()
  uint64_t line = 0;
  std::string packed;
};
std::string pack_person(const link::RawPerson&);

struct Totals {
  uint64_t records = 0, people = 0, several = 0;  // several: people with more than one record
  uint64_t compared = 0, edges = 0, review = 0, one = 0, never = 0, waiting = 0;
};

// The other process, seen from this one. One thread.
class Locked {
 public:
  // Must be made before this process has threads. `fd`: the file, open for reading.
  Locked(int fd, uint64_t size, const Columns&, const resolve::Settings&, bool allow_unlocked);
  ~Locked();  // ends it where it still runs

  // What it did not take; false: the file is to be read the usual way, or the process is gone.
  bool rows(std::vector<LeftRow>& left, uint64_t& taken);
  // Gives it the rest; afterwards record_id,entity_id of every record, in the order of the file. False: as above.
  bool link(const std::vector<LeftPerson>& rest, const std::function<void(std::string_view)>& clusters, Totals& totals);

 private:
  bool receive(std::string& body);
  std::function<void(const link::LinkPlan&)> on_plan_;
  int socket_ = -1;
  pid_t pid_ = -1;
};

}  // namespace casebridge::direct
