#include "read/byte_source.hpp"

#include <algorithm>

namespace casebridge::read {

size_t ByteSource::read(char* into, size_t size) {
  size_t have = 0;
  while (have < size && !end_) {
    const int64_t got = input_->read(input_->self, into + have, size - have);
    if (got < 0 || static_cast<uint64_t>(got) > size - have) {  // a lie about the size is a failure, not an overflow
      status_ = got < 0 ? static_cast<cb_status>(std::max<int64_t>(got, INT32_MIN)) : CB_E_IO;
      end_ = true;
    } else if (got == 0) {
      end_ = true;
    } else {
      have += static_cast<size_t>(got);
    }
  }
  offset_ += have;
  return have;
}

bool ByteSource::seek(uint64_t to) {
  if (!input_->seek || input_->seek(input_->self, static_cast<int64_t>(to)) < 0) return false;
  offset_ = to;
  end_ = false;
  return true;
}

}  // namespace casebridge::read
