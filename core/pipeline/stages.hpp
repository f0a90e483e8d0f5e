// The stages of a run, in the order in which a parcel passes them. run.cpp is the order; this is what each does.
#pragma once
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <memory>
#include <vector>

#include "base/finding.hpp"
#include "emit/writer.hpp"
#include "handle/gate.hpp"
#include "model/record.hpp"
#include "pipeline/feed.hpp"
#include "pipeline/run.hpp"
#include "validate/structure.hpp"

namespace casebridge::pipeline {

// A batch on its way.
struct Parcel {
  OwnedBatch batch;
  RecordBatch records;
  std::vector<uint32_t> files;    // of each unit of `records`: in which file of the feed it stands
  std::vector<Finding> findings;  // what the reader said stands first:
  size_t said_by_reader = 0;
  validate::GoodShapes shapes;
  std::vector<uint8_t> refused;                          // by record: 1 = an error, it goes to quarantine
  std::vector<emit::Chunk> chunks;                       // by output
  std::vector<std::unique_ptr<emit::Encoder>> encoders;  // by output; kept, for they remember shapes
  std::vector<Finding> masked;                           // what the gate changed
  std::vector<handle::Refused> turned_away;              // what the gate could not read (H27)
  std::vector<std::pair<Uuid, uint32_t>> sent;           // to a supply: what left
  uint64_t bytes_done = 0, units_done = 0;               // of the feed, up to and with this parcel; 0: it has no unit
  uint64_t number = 0;
};

class Stages {
 public:
  Stages(const Plan&, Watch&, Tap*, Keeper*, Supply*);
  ~Stages();

  void probe();
  bool needs_survey() const;
  void survey();
  void begin_outputs();
  bool next_feed();
  unsigned threads() const;

  bool read(Parcel&);
  void normalise(Parcel&);
  void validate(Parcel&);
  void account(Parcel&);
  void handle(Parcel&);
  void handle_kept(Parcel&);
  void emit(Parcel&);

  void close_feed();
  void link();
  RunResult finish();

 private:
  struct State;
  std::unique_ptr<State> s_;
};

// Passes parcels from read() to emit(). Stages between may run on several threads; account() and emit() see parcels in
// order, one at a time, so what comes out never depends on the number of threads.
template <class Read, class Normalise, class Validate, class Account, class Handle, class Emit>
void flow(unsigned threads, Read read, Normalise normalise, Validate validate, Account account, Handle handle, Emit emit) {
  using Mode = tbb::filter_mode;
  std::vector<std::unique_ptr<Parcel>> pool(threads + 2);
  for (auto& parcel : pool) parcel = std::make_unique<Parcel>();
  uint64_t number = 0;
  const auto body = [&] {
    tbb::parallel_pipeline(pool.size(),
                           tbb::make_filter<void, Parcel*>(Mode::serial_in_order, [&](tbb::flow_control& control) -> Parcel* {
                             Parcel* parcel = pool[number % pool.size()].get();  // free again: no more parcels are under way than there are
                             parcel->number = number;
                             if (!read(*parcel)) {
                               control.stop();
                               return nullptr;
                             }
                             ++number;
                             return parcel;
                           }) & tbb::make_filter<Parcel*, Parcel*>(Mode::parallel, [&](Parcel* parcel) {
                             normalise(*parcel);
                             validate(*parcel);
                             return parcel;
                           }) & tbb::make_filter<Parcel*, Parcel*>(Mode::serial_in_order, [&](Parcel* parcel) {
                             account(*parcel);
                             return parcel;
                           }) & tbb::make_filter<Parcel*, Parcel*>(Mode::parallel, [&](Parcel* parcel) {
                             handle(*parcel);
                             return parcel;
                           }) & tbb::make_filter<Parcel*, void>(Mode::serial_in_order, [&](Parcel* parcel) { emit(*parcel); }));
  };
  tbb::task_arena arena(static_cast<int>(threads));
  arena.execute(body);
}

}  // namespace casebridge::pipeline
