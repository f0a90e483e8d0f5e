// Large arrays that may live in a file: where memory is short they are pages of an unlinked temporary file, which the
// kernel can write out and read back, so that a run grows slow and does not die.
#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace casebridge::link {

void spill_to(std::string directory);  // from now on; empty: stay in memory. Not while other threads allocate
bool spilling();
void* map_large(size_t bytes);  // throws std::bad_alloc
void unmap_large(void* at, size_t bytes);
void page_out(void* at, size_t bytes);  // a hint: these pages are not needed soon

template <class T>
struct SpillAllocator {
  using value_type = T;
  static constexpr size_t large = size_t{1} << 20;  // bytes; smaller arrays stay on the heap
  SpillAllocator() = default;
  template <class U>
  SpillAllocator(const SpillAllocator<U>&) {}
  T* allocate(size_t n) { return static_cast<T*>(n * sizeof(T) < large ? ::operator new(n * sizeof(T)) : map_large(n * sizeof(T))); }
  void deallocate(T* p, size_t n) {
    if (n * sizeof(T) < large) ::operator delete(p);
    else unmap_large(p, n * sizeof(T));
  }
  // resize() leaves new elements as they are: pages of zeros, or about to be written.
  template <class U>
  void construct(U* p) {
    ::new (static_cast<void*>(p)) U;
  }
  template <class U, class... Args>
  void construct(U* p, Args&&... args) {
    ::new (static_cast<void*>(p)) U(std::forward<Args>(args)...);
  }
  bool operator==(const SpillAllocator&) const { return true; }
};
template <class T>
using SpillVector = std::vector<T, SpillAllocator<T>>;

}  // namespace casebridge::link
