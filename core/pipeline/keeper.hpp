// What a run is fed from and kept in, where that is a store and not files: the pipeline names what it needs and knows no
// store. A Keeper is called from the ordered stages only, one call at a time, but for finding(), which must bear calls
// from any thread. A failure is an exception and ends the run.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/finding.hpp"
#include "emit/quarantine.hpp"
#include "model/record.hpp"
#include "pipeline/books.hpp"

namespace casebridge::pipeline {

// Keeps what a run reads.
class Keeper {
 public:
  virtual ~Keeper() = default;
  // A feed begins: its Source lines, numbered as its records name them. False: it is not to be read (it is known from
  // before, or was withdrawn); the books then say why, as a reason of skipping.
  virtual bool begin_feed(const FeedBooks&, std::span<const Record> source_lines, std::string& why_not) = 0;
  // A record that passed validation, with its place, in the order of the input; repeats come too.
  virtual void record(const Record&) = 0;
  virtual bool knows(const Uuid&) const = 0;  // kept from an earlier run: references to it do not dangle
  // Source 0: an input of which nothing could be read.
  virtual void quarantined(const emit::QuarantineItem&) = 0;
  virtual void finding(const Finding&) = 0;  // already through the gate
  virtual void end_feed(const FeedBooks&) = 0;
};

// Gives records that were kept, in place of inputs. What it gives is in normal form and was validated when it came.
class Supply {
 public:
  virtual ~Supply() = default;
  virtual void lines(RecordBatch& into) = 0;    // the Source lines, numbered from 1
  virtual void rewind(bool all) = 0;            // from the first record again; all: without any filter, for the survey
  virtual bool next(RecordBatch& into) = 0;     // some records more; false: no more
  virtual std::string produced_at() const = 0;  // of the Dataset line: the time of the state, never the clock
  virtual void sent(std::span<const std::pair<Uuid, uint32_t>> records) = 0;  // they left: to every output of the run
};

}  // namespace casebridge::pipeline
