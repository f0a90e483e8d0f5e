// Keyed tokens for sensitive identifiers (H26). The clear text goes in and comes out nowhere.
//
// Token: "tok:" key id ":" 32 letters of base32 (160 bits of HMAC-SHA-256 over kind U+001F canonical value). The same key
// gives the same token; another key id is another, unrelated family. A key file holds two lines, "id: NAME" and
// "key: 64 hex digits", is a regular file of ours with mode 0600, and is read before anything is sandboxed.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace casebridge::normalise {

// The key cannot be used; what() says why, in the language of the process.
struct TokenKeyError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class TokenKey {
 public:
  static TokenKey load(const std::string& path);                            // throws TokenKeyError: missing, readable by others, malformed
  static void create(const std::string& path, std::string_view id);         // new random key, 0600; never overwrites
  static TokenKey from_bytes(std::string_view id, std::string_view key32);  // for tests and key stores
  TokenKey(TokenKey&&) noexcept;
  TokenKey& operator=(TokenKey&&) noexcept;
  ~TokenKey();  // wipes the key

  const std::string& id() const { return id_; }
  std::string token(std::string_view kind, std::string_view canonical) const;  // [any-thread]

 private:
  struct Pads;
  TokenKey(std::string id, std::unique_ptr<Pads>);
  std::string id_;
  std::unique_ptr<Pads> pads_;
};

bool is_token(std::string_view);

}  // namespace casebridge::normalise
