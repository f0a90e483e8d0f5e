// The rules for anyone but self: whether a record may leave, and what of it. Used twice: by the survey, which asks what is
// left if no other record were withheld, and by pass(), which knows what is. Pure but for the ledger; any thread.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "handle/handling.hpp"
#include "handle/ledger.hpp"
#include "handle/policy.hpp"

namespace casebridge::handle {

class Release {
 public:
  // `purpose` and `authority` are bits of purpose_bits(): for what it asks, and by what the data are given.
  Release(RecipientPolicy policy, uint64_t purpose, uint64_t authority, std::string purpose_code, std::string run_date);

  // The rule by which the whole record stays, if any. `agency`: of its Source.
  std::optional<Rule> withheld(const Record&, const Handling&, std::string_view agency) const;

  // The record as it may leave: fields, pseudonyms, places. `alive` says whether a record may be referred to, `source`
  // gives the number of its Source line in what leaves. Nothing: a field that the model requires had to go.
  using Alive = std::function<bool(const Uuid&)>;
  std::optional<Record> trimmed(const Record&, const Handling&, const Alive& alive, uint32_t source, Arena&, Ledger*) const;

  Uuid pseudonym(const Uuid&) const;
  std::string pseudonym(std::string_view what, std::string_view text) const;  // 64 hexadecimal digits
  const RecipientPolicy& policy() const { return policy_; }

 private:
  bool mark_allows(const FieldMark&) const;
  bool perceptual(const Record&, const Block&) const;
  RecipientPolicy policy_;
  bool shows(const Record&, model::Tag field, bool banned, bool unwilling) const;
  uint64_t purpose_, authority_;
  std::string context_, run_date_;
  enum class Field : uint8_t { pass, trait, policy };
  std::vector<Field> fields_;  // by tag
  struct Tags {
    model::Tag conditions, protected_, canonical, hashes, hash_algorithm, releasable, marks, mark_field, mark_releasable, youth, kind;
  } tags_;
};

}  // namespace casebridge::handle
