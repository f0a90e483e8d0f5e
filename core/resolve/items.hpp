// What linking keeps of the records of a run: id, place, handling, and those values that may be compared. What is not
// named in kCompared below does not come in, so no comparer can read it: gender, Indigenous identity, community,
// citizenship, consent, physical description, notes (H22).
//
//   Items items(run_date);
//   items.source(line) ... items.take(record) ...   in the order of the run, one thread
//   items.settle();                                 the last version of each record is left; references are resolved
// Afterwards it is read-only, from any thread.
#pragma once
#include <array>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "handle/handling.hpp"
#include "link/flat_map.hpp"
#include "model/record.hpp"

namespace casebridge::resolve {

enum class Kind : uint8_t { person, organization, location, vehicle, selector, occurrence, advertisement, custody, link };
inline constexpr size_t kKinds = 9;
std::string_view name_of(Kind);  // the record type

// Why a record is linked with nothing.
enum class Apart : uint8_t { none, marked, ended, withdrawn, unreadable };
inline constexpr std::array<std::string_view, 5> kApartNames = {"", "NO_LINKING", "ACCESS_ENDED", "WITHDRAWN", "NO_HANDLING"};

struct Item {
  Uuid id;
  uint64_t offset = 0, line = 0, text = 0;
  uint32_t length = 0, column = 0, size = 0;
  uint32_t source = 0, origin = 0, handling = 0, version = 1;
  Kind kind = Kind::person;
  Apart apart = Apart::none;
  bool doubtful = false;  // suspected to be false, or of a source that is not reliable (H21), or known from a street check alone (H28)
  bool dead = false;      // an older version
};

struct Origin {
  std::string agency, system;
};

// A record (person, organization, advertisement) that is shown to use a number, an account, a vehicle or a place.
struct Contact {
  uint32_t holder, hub, basis;  // items; basis: the record that shows it
  bool own = false;             // the holder's own (uses, owns, lives there), not one that was only called or seen
};

class Items {
 public:
  explicit Items(std::string run_date) : run_date_(std::move(run_date)) {}
  void source(const Record& line);
  void take(const Record& record);
  void settle();

  std::span<const Item> all() const { return items_; }
  const Item& at(uint32_t i) const { return items_[i]; }
  static constexpr uint32_t nothing = ~0u;
  uint32_t find(const Uuid& id) const;
  uint32_t find(std::string_view uuid) const;
  const std::vector<uint32_t>& of(Kind k) const { return of_[static_cast<size_t>(k)]; }  // living ones
  const std::vector<Contact>& contacts() const { return contacts_; }                     // by holder
  std::span<const Contact> contacts_of(uint32_t holder) const;
  const Origin& origin(const Item& i) const { return origins_[i.origin]; }
  const std::string& source_name(const Item& i) const;
  // One Source line so far, of this agency and system, that keeps none of its records apart and makes none doubtful.
  bool one_open_source(std::string_view agency, std::string_view system) const;
  std::string_view local_id(const Item& i) const;  // the source's own; of a record without one its UUID
  const handle::Handling& handling(const Item& i) const { return handlings_[i.handling].is; }
  uint64_t bytes() const {
    return items_.capacity() * sizeof(Item) + text_.capacity() + contacts_.capacity() * sizeof(Contact) + items_.size() * 32;
  }

  // each(tag, item of a repeated block from 0, text)
  template <class Each>
  void values(const Item& i, Each&& each) const {
    const char *p = text_.data() + i.text, *end = p + i.size;
    while (p < end) {
      Head h;
      std::memcpy(&h, p, sizeof h);
      if (h.tag) each(model::Tag(h.tag), unsigned(h.block), std::string_view(p + sizeof h, h.size));
      p += sizeof h + h.size;
    }
  }
  std::string_view value(const Item& i, model::Tag tag) const;  // the first, or empty

 private:
  struct Head {
    uint16_t tag, block;
    uint32_t size;
  };
  struct Held {  // a handling that owns its text
    handle::Handling is;
    std::vector<std::unique_ptr<std::string>> text;
  };
  struct Floor {
    handle::Handling is;
    uint32_t handling = 0, origin = 0;
    std::string name;
    bool doubtful = false;
    Apart apart = Apart::none;
  };
  uint32_t hold(const handle::Handling&);
  uint32_t origin_of(std::string_view agency, std::string_view system);
  Apart apart_of(const handle::Handling&) const;
  void put(uint16_t tag, size_t block, std::string_view text);
  void find_contacts();
  void find_street_checks();

  std::string run_date_;
  std::vector<Item> items_;
  std::string text_;
  std::vector<Origin> origins_;
  std::map<std::pair<std::string, std::string>, uint32_t> origin_at_;
  std::vector<Held> handlings_;
  std::map<std::string, uint32_t> handling_at_;
  std::map<uint32_t, Floor> floors_;
  std::array<std::vector<uint32_t>, kKinds> of_;
  std::vector<Contact> contacts_;
  std::vector<uint32_t> first_contact_;
  link::FlatMap by_id_;
};

}  // namespace casebridge::resolve
