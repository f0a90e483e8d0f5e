// casebridge quarantine: what a job held back, and what people decide about it.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/run_options.hpp"
#include "cli/run_table.hpp"
#include "job/held.hpp"

namespace casebridge::cli {
namespace {

std::string who(const std::string& given) {
  if (!given.empty()) return given;
  if (const char* user = std::getenv("USER"); user && *user) return user;
  return "uid " + std::to_string(::getuid());
}

void list(const job::Job& job, const Common& common) {
  const job::Held held = job::what_is_held(job);
  if (common.json) {
    std::vector<std::string> items;
    for (const job::HeldRecord& r : held.records)
      items.push_back(JsonObject()
                          .text("item", r.id)
                          .text("feed", r.feed)
                          .text("input", r.input)
                          .number("line", r.place.line)
                          .number("column", r.place.column)
                          .text("code", r.reasons.empty() ? "" : r.reasons.front().first)
                          .text("state", r.state)
                          .done());
    std::vector<std::string> proposals;
    for (const job::Proposal& p : held.proposals)
      proposals.push_back(
          JsonObject().text("proposal", p.id).text("feed", p.feed).text("patch", p.patch).texts("evidence", p.evidence).done());
    print("{\"records\":" + json_array(items) + ",\"proposals\":" + json_array(proposals) + "}\n");
    return;
  }
  Table table({tr("Item"), tr("Feed"), tr("Place"), tr("Why"), tr("State")});
  for (const job::Proposal& p : held.proposals)
    table.row({p.id, p.feed, tr("the whole feed"), p.evidence.empty() ? "" : p.evidence.front(), tr("a change is proposed")});
  for (const job::HeldRecord& r : held.records)
    table.row({r.id, r.feed, r.input + ":" + std::to_string(r.place.line) + ":" + std::to_string(r.place.column),
               r.reasons.empty() ? "" : r.reasons.front().second, job::words_of_state(r)});
  print(table.text() + "\n");
}

void show(const job::Job& job, const std::string& item) {
  const job::Held held = job::what_is_held(job);
  for (const job::Proposal& p : held.proposals) {
    if (p.id != item) continue;
    std::string out = fill(tr("Proposal {0} for {1} ({2})"), std::vector<std::string>{p.id, p.feed, p.format}) + "\n\n" + p.patch + "\n";
    for (const std::string& line : p.evidence) out += "- " + line + "\n";
    print(out);
    return;
  }
  for (const job::HeldRecord& r : held.records) {
    if (r.id != item) continue;
    std::string out = r.feed + "  " + r.input + ":" + std::to_string(r.place.line) + ":" + std::to_string(r.place.column) + "\n";
    for (const auto& [code, message] : r.reasons) out += "  " + code + "  " + message + "\n";
    print(out + "  " + r.excerpt + "\n");
    return;
  }
  throw Failure{Exit::usage, fill(tr("Nothing in quarantine is called {0}."), std::vector<std::string>{item}),
                tr("casebridge quarantine list JOB names what is there.")};
}

}  // namespace

Command add_quarantine(CLI::App& root) {
  CLI::App* app = root.add_subcommand("quarantine", tr("What a job held back: list it, show it, mend it, replay it, or discard it."));
  app->require_subcommand(1);
  auto file = std::make_shared<std::string>();
  auto item = std::make_shared<std::string>();
  auto by = std::make_shared<std::string>();
  auto why = std::make_shared<std::string>();
  auto with = std::make_shared<std::string>();
  auto accept = std::make_shared<std::string>();
  auto time = std::make_shared<std::string>();
  const auto sub = [&](const char* name, const std::string& words) {
    CLI::App* made = app->add_subcommand(name, words);
    made->add_option("JOB", *file, tr("The job file."))->required();
    return made;
  };
  const auto deciding = [&](CLI::App* at) {
    at->add_option("--by", *by, tr("Who decides; the user's name unless given."));
    at->add_option("--why", *why, tr("Why; it stands in the record of decisions."))->required();
    at->add_option("--run-time", *time, tr("Time of the decision; else SOURCE_DATE_EPOCH, else now."));
  };
  CLI::App* listing = sub("list", tr("List what is held back: records, whole feeds, and changes that are proposed."));
  CLI::App* showing = sub("show", tr("Show one item: its place, its reasons, its bytes; or a proposed change with its evidence."));
  showing->add_option("ITEM", *item, tr("The item, as list names it."))->required();
  CLI::App* editing = sub("edit", tr("Give a refused record new bytes; the original stays."));
  editing->add_option("ITEM", *item, tr("The item, as list names it."))->required();
  editing->add_option("--with", *with, tr("File with the record as it should have been; without it, $EDITOR opens it."));
  deciding(editing);
  CLI::App* replaying = sub("replay", tr("Let what was mended in: a proposed change (--accept), a feed as it is, or an edited record."));
  replaying->add_option("ITEM", *item, tr("An edited record, or the name of a feed that is held back."));
  replaying->add_option("--accept", *accept, tr("The proposal that is accepted."));
  deciding(replaying);
  CLI::App* discarding = sub("discard", tr("Record that a refused record is not wanted; it stays where it is."));
  discarding->add_option("ITEM", *item, tr("The item, as list names it."))->required();
  deciding(discarding);
  return {app, [=](const Common& common) {
            const job::Job job = job::load_job(*file);
            const auto decision = [&](const std::string& what) {
              job::Decision d;
              d.what = what, d.by = who(*by), d.why = *why, d.at = run_time_now(*time);
              return d;
            };
            try {
              if (listing->parsed()) list(job, common);
              else if (showing->parsed()) show(job, *item);
              else if (editing->parsed()) job::edit_record(job, *item, *with, decision("edit"));
              else if (discarding->parsed()) job::discard_record(job, *item, decision("discard"));
              else if (!accept->empty()) job::accept_proposal(job, *accept, decision("mapping"));
              else if (!item->empty()) job::accept_held(job, *item, decision("accept"));
              else throw Failure{Exit::usage, tr("Nothing says what is to be replayed."), tr("Name an item, or a proposal with --accept.")};
              if (replaying->parsed() && !common.quiet) say(tr("It is decided. The next run of the job brings it in: casebridge run JOB."));
            } catch (const job::Unknown& unknown) {
              throw Failure{Exit::usage, unknown.what(), tr("casebridge quarantine list JOB names what is there.")};
            }
            return Exit::ok;
          }};
}

}  // namespace casebridge::cli
