// Who may receive what. A policy file is YAML; its keys stand in one table (policy_keys()), from which the loader, the
// published JSON Schema and the help are made. Deny by default: what a policy does not grant is withheld.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "handle/handling.hpp"

namespace casebridge::handle {

struct PolicyError : std::runtime_error {  // "policy.yaml:12: ...": exit 2 for a bad file, 7 for a refusal
  PolicyError(const std::string& what, bool refusal) : std::runtime_error(what), refusal(refusal) {}
  bool refusal;
};

struct RecipientPolicy {
  std::string name, agency;
  uint64_t purposes = 0, authorities = 0, caveats = 0;
  Tlp ceiling = Tlp::clear, unstated_tlp = Tlp::red;
  bool conditional = false;  // accepts handling code C
  bool unlisted = false;     // may receive records that name no releasableTo
  bool withdrawn = false, ext = false, originals = false;
  std::vector<std::string> types;        // record types; empty: none
  std::vector<model::Tag> withhold;      // fields and blocks
  std::vector<model::Tag> traits;        // sensitive traits that it may have
  std::string youth_basis;               // YCJA_119 or YCJA_125
  bool publisher = false;                // press, public: publication bans hold (H8)
  bool offenders = false;                // its view is of offenders: own-service entries of victims stay (H9)
  std::vector<std::string> bans_lifted;  // court files of which the court said that no ban holds
  std::string private_basis;             // on what private records may go (H7): agreement, intent to adduce, or order, by reference
  bool private_notice = false;           // it is told that private records are held, and nothing of what they say (H7)
  std::vector<std::string> grants;       // of governing bodies
  std::vector<std::string> consents;     // originators who have agreed
  std::string key_id, key;               // of the pseudonyms
};

struct Policy {
  std::string name;
  std::map<std::string, RecipientPolicy> recipients;
};

// `text` is the file's content, `path` stands in messages and is where relative key files are looked for.
Policy parse_policy(std::string_view text, const std::string& path);
Policy load_policy(const std::string& path);

struct PolicyKey {
  std::string_view name, type;  // type: text, agencyKey, flag, tlp, purposes, caveats, types, fields, traits, audience, list, file
  bool required;
  std::string_view doc_en, doc_fr;
};
std::span<const PolicyKey> policy_keys();  // of one recipient
std::string policy_schema();               // JSON Schema 2020-12

}  // namespace casebridge::handle
