// modelgen as a program: what it refuses, with which line, and that tags live for ever.
#include <boost/test/unit_test.hpp>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

// A copy of schemas/ that a test may spoil.
struct Copy {
  fs::path dir;
  Copy() {
    char name[] = "/tmp/casebridge-modelgen-XXXXXX";
    dir = mkdtemp(name);
    fs::copy(CASEBRIDGE_SOURCE_DIR "/schemas", dir / "schemas", fs::copy_options::recursive);
  }
  ~Copy() { fs::remove_all(dir); }
  fs::path file(const std::string& name) const { return dir / "schemas" / name; }
  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = content_of(file(name));
    const size_t at = text.find(from);
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, name << " does not hold " << from);
    text.replace(at, from.size(), to);
    std::ofstream(file(name), std::ios::binary) << text;
  }
  int run(const std::string& mode) const {
    const std::string command = CASEBRIDGE_MODELGEN " " + (dir / "schemas").string() + " --" + mode + " " +
                                (mode == "build" ? dir / "out" : dir / "schemas/generated").string() + " 2>" + (dir / "err").string();
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string said() const { return content_of(dir / "err"); }
  void refuses(const std::string& what, const std::string& mode = "build") const {
    BOOST_TEST(run(mode) == 1);
    BOOST_TEST(said().find(what) != std::string::npos, "said \"" << said() << "\" instead of \"" << what << "\"");
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_committed_files_are_what_it_writes) {
  const Copy copy;
  BOOST_TEST(copy.run("check") == 0, copy.said());
  copy.replace("generated/case.xsd", "xs:sequence", "xs:sequenze");
  copy.refuses("case.xsd: stale", "check");
}

BOOST_AUTO_TEST_CASE(mistakes_are_told_with_file_and_line) {
  const struct {
    const char *file, *from, *to, *said;
  } mistakes[] = {
      {"case/Person.yaml", "gender: {is: \"code(gender)?\"", "gender: {is: \"code(gendre)?\"", "case/Person.yaml:14: no code list gendre"},
      {"case/Person.yaml", "gender: {is: \"code(gender)?\"", "gender: {is: \"code(gender)\"", "the cardinality is one of !! ! ? * +"},
      {"case/Person.yaml", "gender: {is: \"code(gender)?\",", "gender: {is: \"code(gender)?\", key: B,", "gender must never be a key"},
      {"case/Person.yaml", "gender: {is", "birthDate: {is", "case/Person.yaml:14: birthDate stands twice"},
      {"case/Person.yaml", "gender: {is", "version: {is", "version is a field of every record"},
      {"case/Person.yaml", ", fr: Genre,", ",", "fr is missing"},
      {"case/Person.yaml", "ref(Evidence)*", "ref(Evidenz)*", "no record type Evidenz"},
      {"case/Person.yaml", "record: Person", "record: Persona", "must be named Persona.yaml"},
      {"case/Case.yaml", "title: {is: \"text?\"", "title: {is: \"texte?\"", "no type texte"},
      {"case/Charge.yaml", "anyOf: [[statute, description]]", "anyOf: [[statute, words]]", "case/Charge.yaml:7: no field words"},
      {"case/codes/gender.csv", "FEMININE,", "FEMININE,,", "cells, not 7"},
      {"case/codes/gender.csv", "MASCULINE,", "FEMININE,", "code FEMININE stands twice"},
      {"case/codes/tlp.csv", "valid_from", "from", "the header must be"},
      {"case/codes/offence.csv", "2026-07-17,,", "17 July,,", "is not a date"},
  };
  for (const auto& mistake : mistakes) {
    const Copy copy;
    copy.replace(mistake.file, mistake.from, mistake.to);
    copy.refuses(mistake.said);
  }
}

BOOST_AUTO_TEST_CASE(a_new_field_needs_a_tag_and_gets_the_next_one) {
  const Copy copy;
  copy.replace("case/Person.yaml", "  gender:", "  shoeSize: {is: \"count?\", en: Shoe size, fr: Pointure}\n  gender:");
  copy.refuses("has no tag in model.lock");
  const std::string before = content_of(copy.file("generated/model.lock"));
  BOOST_TEST(copy.run("write") == 0, copy.said());
  const std::string after = content_of(copy.file("generated/model.lock"));
  BOOST_TEST(after.substr(0, before.size()) == before);
  BOOST_TEST(after.find("Person shoeSize\n") != std::string::npos);
  BOOST_TEST(copy.run("build") == 0, copy.said());
}

BOOST_AUTO_TEST_CASE(a_field_that_went_away_keeps_its_tag) {
  const Copy copy;
  copy.replace("case/Person.yaml", "  deceased:", "  dead:");
  BOOST_TEST(copy.run("write") == 0, copy.said());
  const std::string lock = content_of(copy.file("generated/model.lock"));
  BOOST_TEST(lock.find("Person deceased\n") != std::string::npos);
  BOOST_TEST(lock.find("Person dead\n") > lock.find("Person deceased\n"));
}

BOOST_AUTO_TEST_CASE(a_lock_that_contradicts_itself_is_refused) {
  for (const auto& [from, to, said] :
       {std::tuple("17 * id", "16 * id", "tag 16 is used twice"), std::tuple("17 * id", "9 * id", "tag 9 is outside 16 to 65535"),
        std::tuple("17 * id", "17 * recordType", "has two tags"), std::tuple("17 * id", "17 id", "expected: TAG RECORD PATH")}) {
    const Copy copy;
    copy.replace("generated/model.lock", from, to);
    copy.refuses(said);
  }
}

BOOST_AUTO_TEST_CASE(the_store_is_sql_that_sqlite_reads) {
  sqlite3* db = nullptr;
  BOOST_REQUIRE(sqlite3_open(":memory:", &db) == SQLITE_OK);
  const std::string sql = content_of(CASEBRIDGE_SOURCE_DIR "/schemas/generated/store.sql");
  char* error = nullptr;
  BOOST_TEST(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &error) == SQLITE_OK, (error ? error : ""));
  const char* insert =
      "INSERT INTO \"Person\"(\"id\",\"version\",\"source\",\"birthDate\") VALUES('00000000-0000-5000-8000-000000000001',1,1,'2084-03');"
      "INSERT INTO \"Person_names\"(\"id\",\"version\",\"ordinal\",\"full\") VALUES('00000000-0000-5000-8000-000000000001',1,0,'TESTARD "
      "EXEMPLE');"
      "INSERT INTO \"Any_handling_caveats\"(\"id\",\"version\",\"ordinal\",\"value\") "
      "VALUES('00000000-0000-5000-8000-000000000001',1,0,'THIRD_PARTY');";
  BOOST_TEST(sqlite3_exec(db, insert, nullptr, nullptr, nullptr) == SQLITE_OK);
  BOOST_TEST(sqlite3_exec(db, insert, nullptr, nullptr, nullptr) != SQLITE_OK);  // (id, version) is unique
  sqlite3_close(db);
}
