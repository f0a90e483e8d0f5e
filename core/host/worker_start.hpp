// The first message to a worker: what it is to do. Written by the host, read by worker_serve.cpp.
#pragma once
#include <string>
#include <vector>

#include "host/manifest.hpp"
#include "host/options.hpp"
#include "host/wire.hpp"

namespace casebridge::host {

enum class Job : uint64_t { read = 1, probe, list_archive, unpack, workbook };

struct StartInput {
  bool seekable = false;
  int64_t size = -1;
  std::string name;
};

struct Start {
  Job job = Job::read;
  uint64_t memory = 0, cpu_seconds = 0;
  bool allow_unsandboxed = false;
  bool nursery = false;  // of read: prepare, and make a worker of yourself for each input that comes
  // read and probe
  std::string plugin_id, library, engine, mapping, folder, format;
  std::vector<Setting> settings;
  uint64_t max_batch_records = 4096, model_version = 1;
  std::vector<StartInput> inputs;
  std::vector<std::string> formats;  // probe
  std::string name, head;            // probe
  // archives
  std::vector<uint64_t> numbers;  // limits, then the path of the member

  std::string pack() const {
    Packer p;
    p.number(static_cast<uint64_t>(job)).number(memory).number(cpu_seconds).number(allow_unsandboxed).number(nursery);
    for (const auto* s : {&plugin_id, &library, &engine, &mapping, &folder, &format}) p.text(*s);
    p.number(settings.size());
    for (const auto& [key, value] : settings) p.text(key).text(value);
    p.number(max_batch_records).number(model_version).number(inputs.size());
    for (const auto& in : inputs) p.number(in.seekable).number(static_cast<uint64_t>(in.size)).text(in.name);
    p.number(formats.size());
    for (const auto& f : formats) p.text(f);
    p.text(name).text(head).number(numbers.size());
    for (const uint64_t n : numbers) p.number(n);
    return p.body();
  }
  static Start unpack(std::string_view body) {
    Unpacker u(body);
    Start s;
    s.job = static_cast<Job>(u.number());
    s.memory = u.number();
    s.cpu_seconds = u.number();
    s.allow_unsandboxed = u.number();
    s.nursery = u.number();
    for (auto* t : {&s.plugin_id, &s.library, &s.engine, &s.mapping, &s.folder, &s.format}) *t = u.text();
    for (uint64_t n = u.number(); n > 0; --n) {
      std::string key(u.text());
      s.settings.emplace_back(std::move(key), u.text());
    }
    s.max_batch_records = u.number();
    s.model_version = u.number();
    for (uint64_t n = u.number(); n > 0; --n) {
      StartInput in;
      in.seekable = u.number();
      in.size = static_cast<int64_t>(u.number());
      in.name = u.text();
      s.inputs.push_back(std::move(in));
    }
    for (uint64_t n = u.number(); n > 0; --n) s.formats.emplace_back(u.text());
    s.name = u.text();
    s.head = u.text();
    for (uint64_t n = u.number(); n > 0; --n) s.numbers.push_back(u.number());
    return s;
  }
  // What a nursery is prepared for: all but the inputs themselves.
  Start shape() const {
    Start s = *this;
    s.nursery = true;
    for (StartInput& in : s.inputs) in = {};
    return s;
  }
  PluginInfo plugin() const {
    PluginInfo p;
    p.id = plugin_id;
    p.library = library;
    p.engine = engine;
    p.mapping = mapping;
    p.folder = folder;
    return p;
  }
  void of(const PluginInfo& p) {
    plugin_id = p.id;
    library = p.library;
    engine = p.engine;
    mapping = p.mapping;
    if (!p.folder.empty()) folder = std::filesystem::absolute(p.folder).string();
  }
};

}  // namespace casebridge::host
