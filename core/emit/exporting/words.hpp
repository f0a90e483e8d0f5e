// Words for people, in English or French, from the one model: labels of fields and codes, and what a record is called.
// Pure functions over static tables; any thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "emit/exporting/data_set.hpp"

namespace casebridge::emit {

std::string_view label(const model::Node& node, Lang lang);
std::string code_label(const model::Node& field, std::string_view code, Lang lang);  // the code itself where there is no label
std::string code_label(std::string_view list, std::string_view code, Lang lang);
std::string tlp_words(std::string_view code);  // "TLP:AMBER+STRICT"; nothing for nothing
// Of a field: its label, with those of the blocks it stands in ("Occurred: start"), so that no two of a record are equal.
std::string full_label(const model::Node& node, Lang lang);

// Without touching the ledger.
std::string_view raw_text(const Record&, std::string_view path);
std::vector<std::string_view> raw_all(const Record&, std::string_view path);
std::string_view raw_item(const Record&, const Block&, std::string_view name);

// What people would call it: a name, a number, an address; else its type and the beginning of its id.
std::string title(const Record&, Lang);
// One line: "12 Example St, Ottawa ON K1A 0A1".
std::string address_line(const Record& location);
std::string person_name(const Record& person);       // the first legal name, else the first; empty if none
std::string name_line(const Record&, const Block&);  // of one item of names
std::string id_text(const Record&);
std::string uuid_text(const Uuid&);

std::string join(const std::vector<std::string>& parts, std::string_view between);
// Deterministic UUID of text below a record's id, for what a format needs an id for and the model does not: version 5.
std::string derived_uuid(std::string_view kind, std::string_view text);

}  // namespace casebridge::emit
