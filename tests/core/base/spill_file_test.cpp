#include "base/spill_file.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <random>
#include <unistd.h>

#include "base/file_pattern.hpp"

using namespace casebridge;

BOOST_AUTO_TEST_CASE(what_was_appended_is_read_back_from_any_place) {
  SpillFile file(nameless_file(std::filesystem::temp_directory_path().string()));
  std::mt19937 random(7);
  std::string all;
  for (int i = 0; i < 200; ++i) {
    std::string piece(random() % 5000, static_cast<char>('a' + i % 26));
    BOOST_TEST(file.append(piece.data(), piece.size()) == all.size());
    all += piece;
  }
  for (int i = 0; i < 500; ++i) {
    const size_t at = random() % all.size(), size = std::min<size_t>(random() % 3000, all.size() - at);
    std::string back(size, '\0');
    file.read(at, back.data(), size);
    BOOST_TEST((back == all.substr(at, size)));
  }
  char one;
  BOOST_CHECK_THROW(file.read(all.size(), &one, 1), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(nothing_of_it_can_be_read_from_the_disk) {
  const int fd = nameless_file(std::filesystem::temp_directory_path().string());
  const int seen = ::dup(fd);
  const std::string secret = "EXEMPLE, Testard 2081-06-01 705-555-0101";
  std::string said, disk;
  for (int i = 0; i < 100; ++i) said += secret;
  {
    SpillFile file(fd);
    file.append(said.data(), said.size());
    disk.resize(said.size());
    BOOST_TEST(::pread(seen, disk.data(), disk.size(), 0) == static_cast<ssize_t>(disk.size()));
  }
  ::close(seen);
  BOOST_TEST(disk.find("EXEMPLE") == std::string::npos);
  BOOST_TEST(disk.find("555") == std::string::npos);
  // The same text again is other bytes: no two blocks share their key stream.
  BOOST_TEST((disk.substr(0, secret.size() * 16) != disk.substr(secret.size() * 16, secret.size() * 16)));
}

BOOST_AUTO_TEST_CASE(names_fit_patterns) {
  std::string star;
  BOOST_TEST(fits_pattern("persons*.csv", "night/Persons-0701.CSV", &star));
  BOOST_TEST(star == "-0701");
  BOOST_TEST(fits_pattern("persons*.csv", "set.zip!persons.csv.gz"));
  BOOST_TEST(fits_pattern("t?b*", "tabs"));
  BOOST_TEST(!fits_pattern("persons*.csv", "persons.txt"));
  BOOST_TEST(!fits_pattern("person.csv", "persons.csv"));
}
