// Fixtures: valid and invalid records in both spellings, made from the model alone, to hold XSD, JSON Schema and the
// compiled check to one verdict. All values are synthetic.
#pragma once
#include <string>
#include <vector>

#include "model/modelgen/model_def.hpp"

namespace modelgen {

// A value, block or list of a record under construction.
struct Part {
  const Field* field = nullptr;
  std::vector<std::string> texts;        // leaf: its values
  std::vector<std::vector<Part>> items;  // block: one item; blocks: several
  std::string json_raw;                  // written instead, where a mistake is wanted
  std::string stray;                     // a part of this name that the model does not know, in the last item
  bool empty_item = false;               // a further item without parts
};

struct Draft {
  const Record* record = nullptr;
  std::string type_name;                                // recordType as written
  std::vector<Part> parts;                              // in wire order
  std::string stray;                                    // a field of this name that the model does not know
  std::map<std::string, std::string> original, places;  // by JSON Pointer
  bool swapped = false;                                 // XML: the first two elements change places
  std::string stray_attribute;                          // XML
};

std::string to_json(const Draft&);
std::string to_xml(const Draft&);  // without the namespace: <Person id="…">…</Person>

std::string sample_of(const Model&, const Field&, size_t ordinal);
std::vector<std::string> good_of(const Form&);  // further values that the form allows
std::vector<std::string> bad_of(const Form&);   // values that it does not

// One JSON object per line: name, record, constraint, structure, complete, json, xml ("" where a spelling cannot say it).
void write_fixtures(const Model&, Files&);

}  // namespace modelgen
