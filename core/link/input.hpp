// The input face of link: whatever holds person records (a people CSV, the pipeline's case data) gives them in chunks.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "link/person.hpp"

namespace casebridge::link {

// One record as text, borrowed for the call of add(). Empty = not given. Dates: YYYY, YYYY-MM, YYYY-MM-DD or YYYYMMDD.
struct RawPerson {
  std::string_view local_id;
  uint16_t source = 0;  // from ChunkBuilder::source()
  std::string_view given, middle, family, birth_date, birth_city, occupation;
  struct RawAddress {
    std::string_view street, city, postcode;
  };
  struct RawIdentifier {
    std::string_view kind, issuer, value;
    bool strong = false;  // unique within its issuer: schema.md 4.4 (passport, licence, offender number ...), not a social number
  };
  struct RawName {
    std::string_view given, family;
  };
  std::span<const std::string_view> aliases, phones, emails;  // an alias is a full name, family name last
  std::span<const RawName> names;                             // aliases whose parts are known
  std::span<const RawIdentifier> identifiers;
  std::span<const RawAddress> addresses;
  bool doubtful = false;  // merged only where a strong number agrees; else its pairs are for review
};

class ChunkBuilder {
 public:
  ChunkBuilder();
  ~ChunkBuilder();
  ChunkBuilder(ChunkBuilder&&) noexcept;
  uint16_t source(std::string_view agency, std::string_view system);  // the same pair gives the same number
  void add(const RawPerson& record);                                  // at most 255 values a list; further ones are counted in dropped()
  void reserve(size_t records);
  uint64_t dropped() const;

 private:
  friend class TableBuilder;
  struct State;
  std::unique_ptr<State> state_;
};

class LinkInput {
 public:
  virtual ~LinkInput() = default;
  virtual size_t chunks() const = 0;                              // depends on the input only, never on threads
  virtual void fill(size_t chunk, ChunkBuilder& into) const = 0;  // each chunk once, from any thread
};

// Reads all chunks. Throws std::runtime_error when the input cannot be read.
PersonTable build_table(const LinkInput& input, unsigned threads);

// Puts the records of one table behind those of another. Sources with the same agency and system become one.
void append_table(PersonTable& into, const PersonTable& more);

}  // namespace casebridge::link
