// What can be wrong with a job before any data is there.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "emit/writer.hpp"
#include "handle/policy.hpp"
#include "host/options.hpp"
#include "host/registry.hpp"
#include "job/job_file.hpp"
#include "store/supply.hpp"

namespace casebridge::job {
namespace {

namespace fs = std::filesystem;

class Check {
 public:
  explicit Check(const Job& job) : job_(job), registry_(host::Registry::with_defaults()) {}

  std::vector<std::string> run() {
    if (!job_.token_key.empty()) key(1, job_.path(job_.token_key));
    for (const SourcePlan& source : job_.sources) this->source(source);
    for (const OutputPlan& output : job_.outputs) this->output(output);
    return std::move(problems_);
  }

 private:
  void say(size_t line, const std::string& english, std::vector<std::string> args) {
    problems_.push_back(job_.file + ':' + std::to_string(line) + ": " + fill(tr(english), args));
  }

  void key(size_t line, const std::string& file) {
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0) say(line, TR_NOOP("the key file {0} cannot be read"), {file});
    else if ((about.st_mode & 077) != 0) say(line, TR_NOOP("the key file {0} can be read by others: give it mode 0600"), {file});
  }

  void source(const SourcePlan& source) {
    if (source.format.empty()) return;
    const host::Choice choice = registry_.reader(source.format);
    if (!choice) {
      Finding unknown = registry_.unknown(source.format);
      problems_.push_back(job_.file + ':' + std::to_string(source.line) + ": " + message_of(unknown));
      return;
    }
    std::vector<Finding> wrong;
    host::check_options(*choice.plugin, source.options, wrong);
    for (const Finding& finding : wrong) problems_.push_back(job_.file + ':' + std::to_string(source.line) + ": " + message_of(finding));
  }

  void output(const OutputPlan& output) {
    std::vector<std::string> known;
    for (const host::Choice& choice : registry_.formats())
      if (choice.format->writes()) known.push_back(choice.format->id);
    for (const emit::FolderFormat& format : emit::folder_formats()) known.emplace_back(format.id);
    if (std::find(known.begin(), known.end(), output.format) == known.end())
      say(output.line, TR_NOOP("{0} is not a format that can be written."), {output.format});
    store::View view;
    for (const std::string& words : output.filter) {
      try {
        store::add_filter(view, words);
      } catch (const store::StoreError& wrong) {
        problems_.push_back(job_.file + ':' + std::to_string(output.line) + ": " + wrong.what() + " " + wrong.hint);
      }
    }
    if (output.recipient == "self") return;
    try {
      const handle::Policy policy = handle::load_policy(job_.path(output.policy));
      const auto at = policy.recipients.find(output.recipient);
      if (at == policy.recipients.end())
        return say(output.line, TR_NOOP("the policy {0} knows no recipient {1}"), {output.policy, output.recipient});
      if ((at->second.purposes & *handle::purpose_bits().bit(output.purpose)) == 0)
        say(output.line, TR_NOOP("{0} may not ask for the purpose {1}"), {output.recipient, output.purpose});
      if ((at->second.authorities & *handle::purpose_bits().bit(output.authority)) == 0)
        say(output.line, TR_NOOP("nothing may be given to {0} by the authority {1}"), {output.recipient, output.authority});
    } catch (const handle::PolicyError& error) { problems_.push_back(job_.file + ':' + std::to_string(output.line) + ": " + error.what()); }
  }

  const Job& job_;
  host::Registry registry_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> check_job(const Job& job) { return Check(job).run(); }

}  // namespace casebridge::job
