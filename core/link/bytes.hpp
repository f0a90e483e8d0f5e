// Arrays in and out of a state file: a length, then the elements as they lie in memory. A state belongs to one machine.
#pragma once
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace casebridge::link {

template <class T>
void put_vector(std::string& out, const std::vector<T>& v) {
  static_assert(std::is_trivially_copyable_v<T>);
  const uint64_t n = v.size();
  out.append(reinterpret_cast<const char*>(&n), 8);
  out.append(reinterpret_cast<const char*>(v.data()), n * sizeof(T));
}

template <class T>
void take_vector(std::string_view& in, std::vector<T>& v) {
  static_assert(std::is_trivially_copyable_v<T>);
  uint64_t n = 0;
  if (in.size() < 8) throw std::runtime_error("state: cut off");
  std::memcpy(&n, in.data(), 8);
  in.remove_prefix(8);
  if (n > in.size() / sizeof(T)) throw std::runtime_error("state: cut off");
  v.resize(n);
  std::memcpy(static_cast<void*>(v.data()), in.data(), n * sizeof(T));
  in.remove_prefix(n * sizeof(T));
}

}  // namespace casebridge::link
