#include "validate/json_schema/uri.hpp"

namespace casebridge::schema {
namespace {

struct Parts {
  std::string_view scheme, authority, path, query;
  bool has_authority = false, has_query = false;
};

Parts split(std::string_view uri) {
  Parts p;
  uri = without_fragment(uri);
  if (const size_t q = uri.find('?'); q != uri.npos) p.query = uri.substr(q + 1), p.has_query = true, uri = uri.substr(0, q);
  const size_t colon = uri.find(':');
  if (colon != uri.npos && uri.find('/') > colon) p.scheme = uri.substr(0, colon), uri.remove_prefix(colon + 1);
  if (uri.starts_with("//")) {
    uri.remove_prefix(2);
    const size_t slash = uri.find('/');
    p.authority = uri.substr(0, slash);
    p.has_authority = true;
    uri = slash == uri.npos ? std::string_view() : uri.substr(slash);
  }
  p.path = uri;
  return p;
}

std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    if (path.starts_with("../")) path.remove_prefix(3);
    else if (path.starts_with("./")) path.remove_prefix(2);
    else if (path.starts_with("/./")) path.remove_prefix(2);
    else if (path == "/.") path = "/";
    else if (path.starts_with("/../") || path == "/..") {
      path = path == "/.." ? std::string_view("/") : path.substr(3);
      out.resize(out.rfind('/') == out.npos ? 0 : out.rfind('/'));
    } else if (path == "." || path == "..") path = {};
    else {
      const size_t slash = path.find('/', 1);
      out += path.substr(0, slash);
      path = slash == path.npos ? std::string_view() : path.substr(slash);
    }
  }
  return out;
}

}  // namespace

std::string_view without_fragment(std::string_view uri) { return uri.substr(0, uri.find('#')); }

std::string fragment_of(std::string_view uri) {
  const size_t hash = uri.find('#');
  if (hash == uri.npos) return {};
  std::string out;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  for (size_t i = hash + 1; i < uri.size(); ++i) {
    if (uri[i] == '%' && i + 2 < uri.size() && digit(uri[i + 1]) >= 0 && digit(uri[i + 2]) >= 0) {
      out += static_cast<char>(digit(uri[i + 1]) * 16 + digit(uri[i + 2]));
      i += 2;
    } else out += uri[i];
  }
  return out;
}

std::string resolve_uri(std::string_view base, std::string_view reference) {
  const size_t hash = reference.find('#');
  const std::string_view fragment = hash == reference.npos ? std::string_view() : reference.substr(hash);
  const Parts r = split(reference), b = split(base);
  std::string out;
  if (!r.scheme.empty()) return std::string(reference);
  if (reference.empty() || reference.front() == '#') return std::string(without_fragment(base)) + std::string(fragment);
  if (!b.scheme.empty()) out = std::string(b.scheme) + ":";
  if (r.has_authority) {
    out += "//" + std::string(r.authority) + without_dots(r.path);
  } else {
    if (b.has_authority) out += "//" + std::string(b.authority);
    if (r.path.empty()) out += b.path;
    else if (r.path.front() == '/') out += without_dots(r.path);
    else if (b.has_authority && b.path.empty()) out += without_dots("/" + std::string(r.path));
    else
      out +=
          without_dots(std::string(b.path.substr(0, b.path.rfind('/') == b.path.npos ? 0 : b.path.rfind('/') + 1)) + std::string(r.path));
  }
  if (r.has_query) out += "?" + std::string(r.query);
  return out + std::string(fragment);
}

}  // namespace casebridge::schema
