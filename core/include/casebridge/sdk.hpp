// casebridge/sdk.hpp -- what a plugin author writes against: classes and exceptions on this side, C on the other.
//
//   class BookingReader final : public casebridge::Reader {
//    public:
//     static uint32_t probe(std::string_view format, std::string_view name, std::string_view head);
//     explicit BookingReader(casebridge::Open open);
//     bool read(casebridge::BatchBuilder& out) override;   // false once the input is exhausted
//   };
//   extern "C" const cb_plugin casebridge_plugin_v1 =
//       casebridge::plugin<BookingReader>({.id = "booking-csv", .version = "1.0.0", ...}, kFormats, kOptions);
//
// No exception leaves a plugin: the trampolines below turn Failure into its status, std::bad_alloc into CB_E_LIMIT and
// anything else into CB_E_INTERNAL, each with an issue that says why. Whole source records read before a failure are
// still delivered; the failure comes with the next call. A plugin author writes no try and no C.
// Header-only; needs nothing but the C++20 standard library.
#pragma once
#include <charconv>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "casebridge/batch.hpp"
#include "casebridge/plugin.h"

namespace casebridge {

inline std::string_view view(cb_text text) { return {text.data ? text.data : "", text.data ? static_cast<size_t>(text.size) : 0}; }
inline cb_text text(std::string_view s) { return {s.data(), s.size()}; }

// The stream the host opened: a file, standard input, a member of an archive. Borrowed until the session closes.
class Input {
 public:
  explicit Input(const cb_input* raw) : raw_(raw) {}
  // Bytes read, 0 at the end. Never short for another reason than the end only if read_full() is used.
  size_t read(std::span<char> into) {
    const int64_t got = raw_->read(raw_->self, into.data(), into.size());
    if (got < 0) throw Failure(static_cast<cb_status>(got), std::string(name()));
    if (static_cast<uint64_t>(got) > into.size()) throw Failure(CB_E_INTERNAL, "the host gave more bytes than there was room for");
    return static_cast<size_t>(got);
  }
  size_t read_full(std::span<char> into) {
    size_t have = 0;
    while (have < into.size()) {
      const size_t got = read(into.subspan(have));
      if (!got) break;
      have += got;
    }
    return have;
  }
  bool can_seek() const { return raw_->seek != nullptr; }
  void seek(uint64_t to) {
    if (!raw_->seek) throw Failure(CB_E_UNSUPPORTED, "the input cannot seek");
    const int64_t at = raw_->seek(raw_->self, static_cast<int64_t>(to));
    if (at < 0) throw Failure(static_cast<cb_status>(at), std::string(name()));
  }
  std::string_view name() const { return view(raw_->name); }  // for messages only
  std::optional<uint64_t> size() const {
    return raw_->size < 0 ? std::nullopt : std::optional<uint64_t>(static_cast<uint64_t>(raw_->size));
  }
  const cb_input* raw() const { return raw_; }

 private:
  const cb_input* raw_;
};

// Lines of a byte stream and where each began. The text is without its line end (LF or CR LF), borrowed until next().
class Lines {
 public:
  struct Line {
    std::string_view text;
    uint64_t at = 0;
    uint64_t length = 0;  // with the line end
  };
  explicit Lines(Input in, size_t max_line = size_t(16) << 20) : in_(in), max_line_(max_line) {}
  std::optional<Line> next() {
    for (;;) {
      const char* begin = buffer_.data() + from_;
      const size_t left = to_ - from_;
      const auto* end = left > scanned_ ? static_cast<const char*>(std::memchr(begin + scanned_, '\n', left - scanned_)) : nullptr;
      if (end || (done_ && left)) {
        const size_t size = end ? static_cast<size_t>(end - begin) : left;
        const size_t whole = size + (end ? 1 : 0);
        const size_t shown = end && size && begin[size - 1] == '\r' ? size - 1 : size;
        const Line line{{begin, shown}, at_, whole};
        at_ += whole;
        from_ += whole;
        scanned_ = 0;
        return line;
      }
      if (done_) return std::nullopt;
      scanned_ = left;
      if (left > max_line_) throw Failure(CB_E_LIMIT, "a line is longer than " + std::to_string(max_line_) + " bytes");
      if (from_) std::memmove(buffer_.data(), buffer_.data() + from_, left);
      from_ = 0;
      to_ = left;
      if (buffer_.size() < left + kChunk) buffer_.resize(left + kChunk);
      const size_t got = in_.read(std::span(buffer_).subspan(left));
      to_ += got;
      done_ = got == 0;
    }
  }

 private:
  static constexpr size_t kChunk = size_t(256) << 10;
  Input in_;
  size_t max_line_;
  std::vector<char> buffer_;
  size_t from_ = 0, to_ = 0, scanned_ = 0;
  uint64_t at_ = 0;
  bool done_ = false;
};

// The settings of this session. The host has parsed and checked them against the plugin's cb_options and filled in the
// defaults; asking for a name that was not declared is a defect of the plugin.
class Options {
 public:
  explicit Options(const cb_args* args) : args_(args) {}
  std::optional<std::string_view> find(std::string_view name) const {
    for (uint32_t i = 0; i < args_->n_settings; ++i)
      if (args_->settings[i].name == name) return view(args_->settings[i].value);
    return std::nullopt;
  }
  std::string_view text(std::string_view name) const { return find(name).value_or(std::string_view()); }
  bool flag(std::string_view name) const { return find(name) == std::string_view("true"); }
  int64_t integer(std::string_view name, int64_t otherwise = 0) const {
    const auto value = find(name);
    int64_t number = otherwise;
    if (value) std::from_chars(value->data(), value->data() + value->size(), number);
    return number;
  }
  std::vector<std::string_view> all(std::string_view name) const {  // of a repeatable option, in order
    std::vector<std::string_view> out;
    for (uint32_t i = 0; i < args_->n_settings; ++i)
      if (args_->settings[i].name == name) out.push_back(view(args_->settings[i].value));
    return out;
  }
  std::string_view format() const { return args_->format; }
  const cb_args* raw() const { return args_; }

 private:
  const cb_args* args_;
};

// What the host lends. report() never throws; the text is copied before it returns.
class Host {
 public:
  explicit Host(const cb_host* raw) : raw_(raw) {}
  void report(uint32_t severity, const char* code, std::string_view message, Range at = {}, uint32_t field = 0,
              std::string_view message_fr = {}, uint32_t input = 0) const {
    const cb_issue issue{sizeof(cb_issue), severity, code, casebridge::text(message), casebridge::text(message_fr), field, input,
                         at.offset,        at.length};
    raw_->report(raw_->self, &issue);
  }
  bool cancelled() const { return raw_->cancelled(raw_->self) != 0; }
  template <class Service>
  const Service* find_service(const char* id) const {
    return static_cast<const Service*>(raw_->extension ? raw_->extension(raw_->self, id) : nullptr);
  }
  template <class Service>
  const Service& service(const char* id) const {
    const Service* found = find_service<Service>(id);
    if (!found) throw Failure(CB_E_UNSUPPORTED, std::string("this host does not offer ") + id);
    return *found;
  }
  const cb_host* raw() const { return raw_; }

 private:
  const cb_host* raw_;
};

struct Open {  // what a reader is made from; all borrowed until it is destroyed
  Host host;
  Options options;
  Input input;
};

class Reader {
 public:
  virtual ~Reader() = default;
  virtual bool read(BatchBuilder& out) = 0;  // adds whole units until out.full(); false once the input is exhausted
};

class Output {
 public:
  explicit Output(const cb_output* raw) : raw_(raw) {}
  void write(std::string_view bytes) {
    const int64_t put = raw_->write(raw_->self, bytes.data(), bytes.size());
    if (put < 0) throw Failure(static_cast<cb_status>(put), "writing failed");
    if (static_cast<uint64_t>(put) != bytes.size()) throw Failure(CB_E_IO, "not everything was written");
  }

 private:
  const cb_output* raw_;
};

struct OpenOutput {
  Host host;
  Options options;
  Output output;
};

class Writer {
 public:
  virtual ~Writer() = default;
  virtual void write(const cb_batch& batch) = 0;
  virtual void finish() = 0;  // trailer and flush
};

// Name, version and words of a plugin; all static text.
struct About {
  const char* id;
  const char* version;
  const char* title_en;
  const char* title_fr = nullptr;
  const char* licence = "Apache-2.0";
};

struct NoReader {};
struct NoWriter {};

namespace detail {

inline const char* code_of(cb_status status) {  // the host's catalogue, core/host/findings.def
  switch (status) {
    case CB_E_OPTION: return "E-PLUGIN-OPTION";
    case CB_E_INPUT: return "E-INPUT-BROKEN";
    case CB_E_IO: return "E-INPUT-IO";
    case CB_E_LIMIT: return "E-INPUT-LIMIT";
    case CB_E_CANCELLED: return "E-CANCELLED";
    case CB_E_UNSUPPORTED: return "E-INPUT-UNSUPPORTED";
    default: return "E-PLUGIN-INTERNAL";
  }
}

inline void tell(const cb_host* host, cb_status status, const char* code, std::string_view why, Range at = {}) noexcept {
  const cb_issue issue{sizeof(cb_issue), CB_ERROR, code && *code ? code : code_of(status), text(why), {}, 0, 0, at.offset, at.length};
  if (host && host->report) host->report(host->self, &issue);
}

template <class Body>
cb_status guard(const cb_host* host, Body&& body) noexcept {
  try {
    return body();
  } catch (const Failure& f) {
    tell(host, f.status, f.code.c_str(), f.what(), {f.offset, f.length});
    return f.status < 0 ? f.status : CB_E_INTERNAL;
  } catch (const std::bad_alloc&) {
    tell(host, CB_E_LIMIT, nullptr, "memory");
    return CB_E_LIMIT;
  } catch (const std::exception& e) {
    tell(host, CB_E_INTERNAL, nullptr, e.what());
    return CB_E_INTERNAL;
  } catch (...) {
    tell(host, CB_E_INTERNAL, nullptr, "an exception of unknown type");
    return CB_E_INTERNAL;
  }
}

struct ReadSession {
  const cb_host* host;
  BatchBuilder batch;
  std::unique_ptr<Reader> reader;
  cb_status ended = CB_OK;  // what the next read() says: CB_END, or the failure that came after whole units
};

template <class R>
cb_status open_reader(const cb_host* host, const cb_args* args, const cb_input* in, cb_reader** out) {
  *out = nullptr;
  return guard(host, [&] {
    auto session = std::make_unique<ReadSession>(ReadSession{host, BatchBuilder(args->max_batch_records), nullptr});
    session->reader = std::make_unique<R>(Open{Host(host), Options(args), Input(in)});
    *out = reinterpret_cast<cb_reader*>(session.release());
    return CB_OK;
  });
}

inline cb_status read(cb_reader* raw, cb_batch* out) {
  auto& s = *reinterpret_cast<ReadSession*>(raw);
  *out = cb_batch{sizeof(cb_batch)};
  if (s.ended != CB_OK) return s.ended;
  s.batch.clear();
  const cb_status status = guard(s.host, [&] {
    for (;;) {
      if (s.host->cancelled(s.host->self)) return CB_E_CANCELLED;
      if (!s.reader->read(s.batch)) return CB_END;
      if (!s.batch.empty()) return CB_OK;
    }
  });
  s.ended = status;
  if (status < 0 && s.batch.in_unit()) s.batch.abandon_unit();  // half a source record is none
  if (s.batch.empty()) return status;
  return guard(s.host, [&] {
    *out = s.batch.view();
    return CB_OK;
  });
}
inline void close_reader(cb_reader* raw) { delete reinterpret_cast<ReadSession*>(raw); }

struct WriteSession {
  const cb_host* host;
  std::unique_ptr<Writer> writer;
};
template <class W>
cb_status open_writer(const cb_host* host, const cb_args* args, const cb_output* output, cb_writer** out) {
  *out = nullptr;
  return guard(host, [&] {
    auto session = std::make_unique<WriteSession>(WriteSession{host, nullptr});
    session->writer = std::make_unique<W>(OpenOutput{Host(host), Options(args), Output(output)});
    *out = reinterpret_cast<cb_writer*>(session.release());
    return CB_OK;
  });
}
inline cb_status write(cb_writer* raw, const cb_batch* batch) {
  auto& s = *reinterpret_cast<WriteSession*>(raw);
  return guard(s.host, [&] {
    s.writer->write(*batch);
    return CB_OK;
  });
}
inline cb_status finish(cb_writer* raw) {
  auto& s = *reinterpret_cast<WriteSession*>(raw);
  return guard(s.host, [&] {
    s.writer->finish();
    return CB_OK;
  });
}
inline void close_writer(cb_writer* raw) { delete reinterpret_cast<WriteSession*>(raw); }

template <class R>
uint32_t probe(const char* format, cb_text name, const void* head, uint64_t size) {
  try {
    const uint32_t score = R::probe(std::string_view(format), view(name), std::string_view(static_cast<const char*>(head), size));
    return score > 100 ? 100 : score;
  } catch (...) { return 0; }
}

}  // namespace detail

// The whole descriptor. R may be NoReader, W NoWriter; without R::probe the signatures decide alone.
template <class R, class W = NoWriter>
constexpr cb_plugin plugin(About about, std::span<const cb_format> formats, std::span<const cb_option> options = {}) {
  cb_plugin p{};
  p.abi_major = CB_ABI_MAJOR;
  p.abi_minor = CB_ABI_MINOR;
  p.struct_size = sizeof(cb_plugin);
  p.id = about.id;
  p.version = about.version;
  p.title_en = about.title_en;
  p.title_fr = about.title_fr ? about.title_fr : about.title_en;
  p.licence = about.licence;
  p.formats = formats.data();
  p.n_formats = static_cast<uint32_t>(formats.size());
  p.options = options.data();
  p.n_options = static_cast<uint32_t>(options.size());
  if constexpr (!std::is_same_v<R, NoReader>) {
    static_assert(std::is_base_of_v<Reader, R> && std::is_constructible_v<R, Open>, "a reader derives from Reader and is made from Open");
    if constexpr (requires { R::probe(std::string_view(), std::string_view(), std::string_view()); }) p.probe = detail::probe<R>;
    p.open_reader = detail::open_reader<R>;
    p.read = detail::read;
    p.close_reader = detail::close_reader;
  }
  if constexpr (!std::is_same_v<W, NoWriter>) {
    static_assert(std::is_base_of_v<Writer, W> && std::is_constructible_v<W, OpenOutput>,
                  "a writer derives from Writer and is made from OpenOutput");
    p.open_writer = detail::open_writer<W>;
    p.write = detail::write;
    p.finish = detail::finish;
    p.close_writer = detail::close_writer;
  }
  return p;
}
template <class R>
constexpr cb_plugin reader_plugin(About about, std::span<const cb_format> formats, std::span<const cb_option> options = {}) {
  return plugin<R>(about, formats, options);
}
template <class W>
constexpr cb_plugin writer_plugin(About about, std::span<const cb_format> formats, std::span<const cb_option> options = {}) {
  return plugin<NoReader, W>(about, formats, options);
}

}  // namespace casebridge
