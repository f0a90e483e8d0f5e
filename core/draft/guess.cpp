#include "draft/guess.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "normalise/folding.hpp"

namespace casebridge::draft {
namespace {

using Words = std::vector<std::string>;

const std::vector<Meaning>& meanings() {
  static const std::vector<Meaning> all{
#define MEANING(id, part, field, shape, flags, english, french) {#id, Part::part, #field, Shape::shape, flags, english, french},
#include "draft/meanings.def"
#undef MEANING
  };
  return all;
}

// Whose columns these are, where the name of a column says it.
struct Owner {
  const char *word, *role;
};
constexpr Owner kOwners[] = {{"victim", "VICTIM"},          {"victime", "VICTIM"},         {"suspect", "SUSPECT"},
                             {"accused", "ACCUSED"},        {"accuse", "ACCUSED"},         {"complainant", "COMPLAINANT"},
                             {"plaignant", "COMPLAINANT"},  {"witness", "WITNESS"},        {"temoin", "WITNESS"},
                             {"missing", "MISSING_PERSON"}, {"disparu", "MISSING_PERSON"}, {"caller", "REPORTER"},
                             {"reporter", "REPORTER"},      {"appelant", "REPORTER"},      {"tipster", "REPORTER"}};

// "dateOfBirth", "DATE_OF_BIRTH", "Date de naissance" -> " date of birth ": words in lower case between blanks.
std::string words_of(std::string_view name) {
  std::string apart;
  for (size_t i = 0; i < name.size(); ++i) {
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (i && upper(name[i]) && !upper(name[i - 1])) apart += ' ';
    apart += name[i];
  }
  const std::string letters = normalise::letters_only(apart);
  return " " + letters + " ";
}

std::string last_step(std::string_view place) {
  const size_t slash = place.rfind('/');
  std::string_view step = place.substr(slash == place.npos ? 0 : slash + 1);
  if (step.starts_with('@')) step.remove_prefix(1);
  return std::string(step);
}

struct Match {
  const Meaning* meaning = nullptr;
  int score = 0;
  std::string word;
  bool french = false;
};

void look(const Meaning& m, std::string_view list, bool french, const std::string& name, const std::string& path, Match& best) {
  for (size_t from = 0; from < list.size();) {
    const size_t end = std::min(list.find('|', from), list.size());
    const std::string word(list.substr(from, end - from));
    from = end + 1;
    const std::string inner = " " + word + " ";
    int score = 0;
    if (name == inner) score = 1000;
    else if (m.flags & (kTrait | kStaff | kSecret | kOther))
      score = (m.flags & kOther ? path : name).find(inner) != std::string::npos ? 800 : 0;
    else if (name.ends_with(inner)) score = 500;
    else if (name.starts_with(inner) && !(m.flags & kVague)) score = 300;
    if (!score) continue;
    score += static_cast<int>(std::min<size_t>(word.size(), 99));
    if (score > best.score) best = {&m, score, word, french};
  }
}

Match match(const std::string& place, bool table) {
  const std::string path = words_of(place);
  std::string name = table ? path : words_of(last_step(place));
  static constexpr std::array<std::string_view, 6> kEmpty{" value ", " text ", " number ", " code ", " id ", " string "};
  if (!table && std::find(kEmpty.begin(), kEmpty.end(), name) != kEmpty.end() && place.find('/') != place.npos) {
    const std::string above = place.substr(0, place.rfind('/'));
    const std::string both = words_of(last_step(above)) + name.substr(1);
    Match whole = match(above, false);  // <phone><value>
    Match together;
    for (const Meaning& m : meanings()) {
      look(m, m.english, false, both, path, together);
      look(m, m.french, true, both, path, together);
    }
    if (together.score >= 1000) return together;
    if (whole.score >= 500 && name != " id ") return whole;
  }
  Match best;
  for (const Meaning& m : meanings()) {
    look(m, m.english, false, name, path, best);
    look(m, m.french, true, name, path, best);
  }
  return best;
}

std::string percent(double share) { return std::to_string(static_cast<int>(share * 100 + 1e-9)) + " %"; }

std::string shape_words(Shape s) {
  switch (s) {
    case Shape::name: return tr("words of letters");
    case Shape::id: return tr("numbers or codes");
    case Shape::digits: return tr("digits");
    case Shape::date: return tr("dates");
    case Shape::gender: return tr("words of the table of genders");
    case Shape::role: return tr("words of the table of roles");
    case Shape::country: return tr("countries");
    case Shape::postal: return tr("postal codes");
    case Shape::latitude: return tr("latitudes");
    case Shape::longitude: return tr("longitudes");
    case Shape::plate: return tr("plates");
    case Shape::vin: return tr("vehicle identification numbers");
    case Shape::year: return tr("years");
    case Shape::phone: return tr("telephone numbers");
    case Shape::email: return tr("mail addresses");
    case Shape::url: return tr("web addresses");
    case Shape::ip: return tr("IP addresses");
    case Shape::imei: return tr("device numbers");
    case Shape::mac: return tr("MAC addresses");
    case Shape::hash32:
    case Shape::hash40:
    case Shape::hash64: return tr("hashes");
    default: return tr("text");
  }
}

const Meaning* meaning(std::string_view id) {
  for (const Meaning& m : meanings())
    if (id == m.id) return &m;
  return nullptr;
}

void judge_date(const Column& c, Guess& g) {
  double share = 0;
  std::vector<const DateForm*> rivals;
  const DateForm* form = c.shapes.date(share, rivals);
  if (!form || share < 0.9) {
    g.left = fill(tr("Only {0} of the values could be read as dates in one way of writing."), Words{percent(share)});
  } else if (!rivals.empty()) {
    g.left = fill(tr("Dates, but no value tells {0} from {1}: ask the sender, then write date: with one of them."),
                  Words{form->pattern, rivals.front()->pattern});
  } else {
    g.date = form;
    g.evidence += "; " + fill(tr("{0} of {1} values are dates as {2}"),
                              Words{percent(share), std::to_string(c.shapes.values), form->pattern.empty() ? "ISO 8601" : form->pattern});
  }
}

Guess first_look(const Column& c, bool table) {
  Guess g;
  g.multiple = c.most > 1;
  const Match m = match(c.place, table);
  for (const Owner& owner : kOwners)
    if (words_of(c.place).find(std::string(" ") + owner.word + " ") != std::string::npos) g.role = owner.role;
  const Shapes& s = c.shapes;
  if (m.meaning) {
    g.meaning = m.meaning;
    g.evidence = fill(m.french ? tr("its name says \"{0}\" (French)") : tr("its name says \"{0}\" (English)"), Words{m.word});
    const uint8_t flags = m.meaning->flags;
    if (flags & kTrait) g.left = tr("A sensitive trait: never compared between people. Drop it with a reason unless you may keep it.");
    else if (flags & kStaff) g.left = tr("A member of staff: drop it with a reason if it is no case data.");
    else if (flags & kSecret) g.left = tr("A secret: drop it with a reason.");
    else if (flags & kOther)
      g.left = tr("It belongs to somebody else than the person of this source record: write a rule and a Link for them.");
    else if (flags & kVague)
      g.left = m.meaning->shape == Shape::date || std::string_view(m.meaning->id) == "date"
                   ? tr("A date or time; which one, its name does not say.")
                   : tr("Words of a list of its own: say under codes what each means, and which field it fills.");
    else if (!s.values) g.evidence += "; " + tr("the sample holds no value of it");
    else if (m.meaning->shape == Shape::date) judge_date(c, g);
    else if (const double share = s.share(m.meaning->shape); share < 0.9)
      g.left = fill(tr("Its name says one thing, its values another: only {0} look like {1}."),
                    Words{percent(share), shape_words(m.meaning->shape)});
    else
      g.evidence += "; " + fill(tr("{0} of {1} values look like {2}"),
                                Words{percent(share), std::to_string(s.values), shape_words(m.meaning->shape)});
    if (flags & kSensitive) g.evidence += "; " + tr("sensitive: it is shielded by its type and never exported in clear");
    return g;
  }
  if (!s.values) return g.left = tr("The sample holds no value of it, and its name is not known."), g;
  for (const auto& [shape, id] : {std::pair{Shape::email, "email"}, {Shape::url, "url"}, {Shape::ip, "ip"}})
    if (s.share(shape) >= 0.95) {
      g.meaning = meaning(id);
      g.evidence =
          fill(tr("{0} of {1} values look like {2}"), Words{percent(s.share(shape)), std::to_string(s.values), shape_words(shape)});
      return g;
    }
  double dates = 0;
  std::vector<const DateForm*> rivals;
  s.date(dates, rivals);
  if (dates >= 0.9) g.left = tr("A date or time; which one, its name does not say.");
  else if (s.share(Shape::phone) >= 0.95 && s.share(Shape::digits) < 0.5)
    g.left = tr("The values look like telephone numbers, but the name does not say so.");
  else if (s.share(Shape::postal) >= 0.95) g.left = tr("The values look like postal codes, but the name does not say so.");
  else g.left = tr("Its name is not known and its values have no telling form.");
  return g;
}

bool has(const Guesses& g, std::string_view id) {
  return std::any_of(g.columns.begin(), g.columns.end(), [&](const Guess& one) { return one.mapped() && id == one.meaning->id; });
}
bool has(const Guesses& g, Part part) {
  return std::any_of(g.columns.begin(), g.columns.end(), [&](const Guess& one) { return one.mapped() && one.meaning->part == part; });
}

// What only the columns together show.
void settle(const Observed& o, Guesses& g) {
  for (size_t i = 0; i < g.columns.size(); ++i) {
    Guess& one = g.columns[i];
    if (!one.mapped()) continue;
    const bool bare_name = std::string_view(one.meaning->id) == "full" &&
                           (words_of(last_step(o.columns[i].place)) == " name " || words_of(last_step(o.columns[i].place)) == " nom ");
    if (!bare_name) continue;
    if (has(g, "given") && !has(g, "family") && words_of(last_step(o.columns[i].place)) == " nom ") {
      one.meaning = meaning("family");
      one.evidence += "; " + tr("another column has the given name");
    } else if (one.role.empty() && !has(g, "birth") && !has(g, "gender") && !has(g, "given") && !has(g, Part::identifier)) {
      one.left = tr("A name: of a person, an organization or a place? Nothing beside it tells.");
    }
  }
  for (size_t i = 0; i < g.columns.size(); ++i) {  // what few source records have does not make all of them events
    const std::string_view id = g.columns[i].mapped() ? g.columns[i].meaning->id : "";
    if ((id == "number" || id == "reported") && (o.columns[i].records * 2 >= o.records)) g.events = true;
  }
  const bool people = has(g, Part::person) || has(g, Part::identifier) || has(g, Part::alias);
  if (!people && (has(g, "start") || has(g, "summary"))) g.events = true;
  std::vector<std::string> taken;
  for (Guess& one : g.columns) {
    if (!one.mapped()) continue;
    const Part part = one.meaning->part;
    if (part == Part::occurrence && !g.events) one.left = tr("It speaks of an event, but the source records are not events.");
    else if (part == Part::role && !people) one.left = tr("A role, but no person is in the source record.");
    else if (part == Part::role && !g.events) one.left = tr("A role, but no event is in the source record.");
    else if (part == Part::alias && !people) one.left = tr("An alias, but no other name is in the source record.");
    else if (one.multiple && part != Part::selector && part != Part::alias)
      one.left = tr("It stands several times in a source record: write a rule with each: for what it belongs to.");
    if (!one.mapped() || part == Part::selector || part == Part::alias || part == Part::key) continue;
    const std::string slot =
        std::to_string(static_cast<int>(part)) + one.meaning->field + (part == Part::person || part == Part::identifier ? one.role : "");
    if (std::find(taken.begin(), taken.end(), slot) != taken.end()) one.left = tr("Another column fills this field already.");
    else taken.push_back(slot);
  }
}

void find_key(const Observed& o, Guesses& g) {
  int best_score = 0, named = -1;
  for (size_t i = 0; i < g.columns.size(); ++i) {
    const Guess& one = g.columns[i];
    const Shapes& s = o.columns[i].shapes;
    if (!one.mapped() || (one.meaning->flags & kSensitive) || one.multiple || !s.values) continue;
    const std::string_view id = one.meaning->id;
    const int score = g.events && id == "number"                                                 ? 5
                      : id == "key"                                                              ? 4
                      : id == "person_no" && !g.events                                           ? 3
                      : (id == "fps" || id == "otis" || id == "uci" || id == "vin") && !g.events ? 2
                                                                                                 : 0;
    if (!score) continue;
    if (named < 0) named = static_cast<int>(i);
    if (o.columns[i].records != o.records || s.distinct() != o.records || !s.distinct_known()) continue;
    if (score > best_score) best_score = score, g.key = static_cast<int>(i);
  }
  if (g.key >= 0)
    g.key_words = fill(tr("{0} different values in {1} source records"),
                       Words{std::to_string(o.columns[static_cast<size_t>(g.key)].shapes.distinct()), std::to_string(o.records)});
  else if (named >= 0)
    g.key_words = fill(tr("No key: the column that is named like one has {0} different values in {1} source records. If these are rows of "
                          "one thing, write group: under reads."),
                       Words{std::to_string(o.columns[static_cast<size_t>(named)].shapes.distinct()), std::to_string(o.records)});
  else g.key_words = tr("No key: no column is named like one. The content is the identity; say key: if there is one.");
  for (size_t i = 0; i < g.columns.size(); ++i)
    if (g.columns[i].mapped() && g.columns[i].meaning->part == Part::key && static_cast<int>(i) != g.key)
      g.columns[i].left = tr("A number of its own; what it counts, its name does not say.");
}

}  // namespace

Guesses guess(const Observed& o) {
  Guesses g;
  for (const Column& c : o.columns) {
    g.columns.push_back(first_look(c, o.reader == Reader::delimited || o.reader == Reader::xlsx));
    if (place_word(c.place, o.reader).empty())
      g.columns.back().left = tr("A mapping cannot name a column with such signs in its name; its values are kept all the same.");
  }
  settle(o, g);
  find_key(o, g);
  return g;
}

}  // namespace casebridge::draft
