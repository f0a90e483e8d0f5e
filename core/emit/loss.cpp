#include "emit/loss.hpp"

#include "emit/escape.hpp"

namespace casebridge::emit {

void LossReport::add(const std::string& input, const std::string& format, const std::string& field, What what, const std::string& why,
                     uint64_t n) {
  Field& to = inputs_[{input, format}][field];
  switch (what) {
    case What::mapped: to.mapped += n; break;
    case What::ext: to.ext += n; break;
    case What::unkept: to.unkept += n; break;
    case What::dropped: to.dropped[why] += n; break;
  }
}

void LossReport::add_output(const std::string& output, const std::string& format, const std::string& field, const std::string& why,
                            uint64_t n) {
  outputs_[{output, format}][{field, why}] += n;
}

uint64_t LossReport::total(What what) const {
  uint64_t sum = 0;
  for (const auto& [input, fields] : inputs_)
    for (const auto& [name, field] : fields) {
      if (what == What::mapped) sum += field.mapped;
      else if (what == What::ext) sum += field.ext;
      else if (what == What::unkept) sum += field.unkept;
      else
        for (const auto& [why, n] : field.dropped) sum += n;
    }
  return sum;
}

void LossReport::write(Sink& into, const handle::Gate& gate) const {
  std::string out = "{\"loss\":1,\"totals\":{\"mapped\":";
  append_number(out, total(What::mapped));
  out += ",\"ext\":";
  append_number(out, total(What::ext));
  out += ",\"dropped\":";
  append_number(out, total(What::dropped));
  out += ",\"unkept\":";
  append_number(out, total(What::unkept));
  out += "},\"inputs\":[";
  for (const auto& [input, fields] : inputs_) {
    out += out.back() == '[' ? "\n{\"input\":" : ",\n{\"input\":";
    append_json_string(out, gate.show(input.first).get());
    out += ",\"format\":";
    append_json_string(out, input.second);
    out += ",\"fields\":[";
    for (const auto& [name, field] : fields) {
      out += out.back() == '[' ? "\n  {\"field\":" : ",\n  {\"field\":";
      append_json_string(out, gate.show(name).get());
      const auto number = [&](std::string_view key, uint64_t n) {
        if (n == 0) return;
        out.append(",\"").append(key).append("\":");
        append_number(out, n);
      };
      number("mapped", field.mapped);
      number("ext", field.ext);
      number("unkept", field.unkept);
      if (!field.dropped.empty()) {
        out += ",\"dropped\":[";
        for (const auto& [why, n] : field.dropped) {
          out += out.back() == '[' ? "{\"why\":" : ",{\"why\":";
          append_json_string(out, why);
          out += ",\"count\":";
          append_number(out, n);
          out += '}';
        }
        out += ']';
      }
      out += '}';
    }
    out += "]}";
  }
  out += ']';
  if (!outputs_.empty()) {
    out += ",\"outputs\":[";
    for (const auto& [output, fields] : outputs_) {
      out += out.back() == '[' ? "\n{\"output\":" : ",\n{\"output\":";
      append_json_string(out, output.first);
      out += ",\"format\":";
      append_json_string(out, output.second);
      out += ",\"fields\":[";
      for (const auto& [field, n] : fields) {
        out += out.back() == '[' ? "\n  {\"field\":" : ",\n  {\"field\":";
        append_json_string(out, gate.show(field.first).get());
        out += ",\"lost\":";
        append_number(out, n);
        out += ",\"why\":";
        append_json_string(out, field.second);
        out += '}';
      }
      out += "]}";
    }
    out += ']';
  }
  out += "}\n";
  into.write(out);
  into.commit();
}

}  // namespace casebridge::emit
