// Real public sample files lie beside the checkout, in ../shared/data, or where CASEBRIDGE_SHARED says. A test that
// needs them skips, and says so, where they are absent; CASEBRIDGE_REQUIRE_DATA=1 makes that a failure.
#pragma once
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>

inline std::optional<std::filesystem::path> shared_data(const std::string& folder) {
  const char* named = std::getenv("CASEBRIDGE_SHARED");
  const std::filesystem::path base = named ? std::filesystem::path(named) : std::filesystem::path(CASEBRIDGE_SOURCE_DIR) / ".." / "shared";
  const auto path = base / "data" / folder;
  if (std::filesystem::exists(path)) return path;
  const char* required = std::getenv("CASEBRIDGE_REQUIRE_DATA");
  BOOST_REQUIRE_MESSAGE(!(required && *required), "sample data is required and absent: " << folder);
  std::cout << "SKIPPED: sample data " << folder << " is absent\n";
  return std::nullopt;
}
