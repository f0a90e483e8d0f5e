// A tree (XML or JSON) as a source record for the engine.
#pragma once
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "read/mapping/place.hpp"
#include "read/tree.hpp"

namespace casebridge::read::mapping {

class TreeSource final : public Source, public OutsideSink {
 public:
  TreeSource(const Program& p, Names& names);
  // The unit at hand; borrowed until the next call. `bytes` of it are what `place` says for the whole.
  void tree(const Tree& tree);
  // Values outside the source records; each is counted once, however many source records look at it.
  void outside(const uint32_t* path, size_t size, const TreeNode& value) override;
  void forget_outside();                           // the document will be read again as one source record
  uint64_t dangling() const { return dangling_; }  // references of this unit that point nowhere in it

  Range place(uint64_t node) const override;
  void mark(uint64_t node) override;
  void mark_branch(uint64_t node) override;
  void leftovers(std::vector<Unmapped>& out) override;
  void skipped(std::string_view reason) override;
  void tell(Loss& loss) const override;
  bool filled(uint64_t node) const override;

 protected:
  void step(uint64_t from, const Step& s, bool first, bool joined, std::vector<uint64_t>& out) override;
  void top(std::vector<uint64_t>& out) override { out.push_back(kDocument); }
  Val value(uint64_t node) const override;
  std::string_view name_of(uint64_t node) const override;
  bool has(uint64_t node) const override;
  bool fixed_candidates(const Step& s) const override { return s.descend; }

 private:
  static constexpr uint64_t kDocument = UINT64_MAX - 2;  // above the document element
  struct PathName {                                      // a distinct path of names, over the whole input
    uint32_t parent = kNone, name = kNone;
    bool attribute = false;
    int32_t drop = -1;  // index into Program::drop: of this place or one above it
    uint64_t mapped = 0, ext = 0, unmapped = 0, pattern = 0;
    uint64_t outside = 0;  // values that stand outside the source records; those that rules took are in the counts above
    std::unordered_map<uint32_t, uint64_t> dropped;
    std::string text;
  };
  uint32_t node_of(uint64_t node) const { return node == kRoot ? unit_ : static_cast<uint32_t>(node); }
  uint64_t id_of(uint32_t node) const { return node == unit_ ? kRoot : node; }  // the source record has one name
  void link_references();
  void link_objects();
  bool matches(uint32_t node, const Step& s) const;
  bool in_family(uint32_t ns, const std::string& prefix) const;
  void hit(uint32_t node, std::vector<uint64_t>& out) const;  // the node, or what it stands for
  void children_of(uint32_t node, const Step& s, std::vector<uint64_t>& out) const;
  // A value around the source records that rules may look at, and what they did with it until it went out of sight.
  struct Around {
    uint64_t offset;
    uint32_t path, reason;
    Disposition done;
  };
  void look_around();  // the values around the new unit; those that are gone are counted
  void keep_marks();   // of the unit that ends
  static void count(PathName&, const Around&);
  uint32_t outside_path(const uint32_t* path, size_t size, bool attribute);
  uint32_t path_of(uint32_t parent_path, const TreeNode& node);
  uint32_t path_of_node(uint32_t node);  // the same for a node of the unit whose parents have theirs; with its label
  bool labels(const TreeNode& node) const;
  bool structural(const TreeNode& node) const;
  uint32_t number(std::string_view name) const { return names_.find(name); }
  uint32_t number(const Step& s) const { return s.id ? step_names_[s.id] : names_.find(s.name); }

  Names& names_;
  const Tree* tree_ = nullptr;
  uint32_t unit_ = 0, unit_end_ = 0;
  std::vector<uint32_t> alias_;  // of each node: what it stands for
  std::unordered_map<std::string_view, uint32_t> ids_;
  std::vector<std::vector<uint32_t>> by_name_;  // elements of the unit by name
  std::vector<uint32_t> used_names_;
  std::vector<uint8_t> marks_;
  std::vector<uint32_t> reasons_, paths_;
  std::deque<PathName> names_of_paths_;  // never moves: leftovers lend the names out while more are made
  std::unordered_map<uint64_t, uint32_t> path_ids_;
  static constexpr size_t kMaxLabels = 20'000;              // different ones; further elements go by their names alone
  std::vector<std::pair<uint32_t, uint32_t>> label_names_;  // element, and the attribute that says what it is
  std::unordered_map<std::string, uint32_t> labelled_;
  std::unordered_map<std::string, std::vector<std::pair<uint32_t, uint64_t>>> skipped_;
  mutable std::unordered_map<uint64_t, bool> families_;
  uint64_t dangling_ = 0;
  uint32_t outside_root_ = kNone;
  std::vector<Around> around_;        // by node below unit_
  std::vector<uint32_t> step_names_;  // of each step of the program, interned
};

}  // namespace casebridge::read::mapping
