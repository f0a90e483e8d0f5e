// What each column of a sample probably means, with the evidence; what is not clear is left, with the reason.
#pragma once
#include <string>
#include <vector>

#include "draft/observe.hpp"

namespace casebridge::draft {

enum class Part : uint8_t { person, alias, identifier, occurrence, location, vehicle, selector, evidence, role, key, left };
enum : uint8_t { kSensitive = 1, kTrait = 2, kStaff = 4, kSecret = 8, kVague = 16, kOther = 32 };

struct Meaning {
  const char* id;
  Part part;
  const char* field;
  Shape shape;
  uint8_t flags;
  const char *english, *french;
};

struct Guess {
  const Meaning* meaning = nullptr;  // nullptr: nothing is known
  std::string role;                  // code of the person's role that the name states ("victim_phone"), or empty
  const DateForm* date = nullptr;
  bool multiple = false;  // several values in one source record
  std::string evidence;   // why it is believed, in words: names of columns, counts and shares, no value
  std::string left;       // why it is left in ext all the same, or empty: then it is mapped
  bool mapped() const { return meaning && left.empty() && meaning->part != Part::left; }
};

struct Guesses {
  std::vector<Guess> columns;  // beside Observed::columns
  int key = -1;                // the column that is the record's key, or -1
  std::string key_words;       // why this one, or why none
  bool events = false;         // the source records are events: Occurrence is the main record
};

Guesses guess(const Observed&);

}  // namespace casebridge::draft
