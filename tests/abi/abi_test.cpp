// The promise of plugin.h: a plugin built for 1.0 loads in every 1.y. Old and new header are compared member by member;
// the old plugin is run, here and in the sandbox.
#include <boost/test/unit_test.hpp>
#include <type_traits>

#include "casebridge/plugin.h"

// The frozen header under names of its own. Its constants are the same macros and enumerators, so those go first.
namespace old {
#undef CASEBRIDGE_PLUGIN_H
#undef CB_ABI_MAJOR
#undef CB_ABI_MINOR
#undef CB_OK
#undef CB_END
#undef CB_E_OPTION
#undef CB_E_INPUT
#undef CB_E_IO
#undef CB_E_LIMIT
#undef CB_E_CANCELLED
#undef CB_E_UNSUPPORTED
#undef CB_E_INTERNAL
#undef CB_NONE
#undef CB_EXPORT
#define casebridge_plugin_v1 casebridge_plugin_v1_old  // two declarations of one C symbol would clash
#include "plugin_1_0.h"
#undef casebridge_plugin_v1
}  // namespace old

#include "core/host/host_fixture.hpp"

using namespace casebridge::host;
using namespace casebridge::host::test;

#define SAME(type, member)                                                                                \
  static_assert(offsetof(::type, member) == offsetof(old::type, member), #type "." #member " has moved"); \
  static_assert(sizeof(::type::member) == sizeof(old::type::member), #type "." #member " has another size")

// Data that crosses in arrays: not one byte may change within a major version.
#define FROZEN(type) static_assert(sizeof(::type) == sizeof(old::type), #type " has another size: it crosses in arrays")
FROZEN(cb_text);
FROZEN(cb_option);
FROZEN(cb_format);
FROZEN(cb_unit);
FROZEN(cb_record);
FROZEN(cb_cell);
FROZEN(cb_hint);
FROZEN(cb_setting);
static_assert(sizeof(::cb_unit) == 40 && sizeof(::cb_record) == 32 && sizeof(::cb_cell) == 40 - 8 && sizeof(::cb_hint) == 8);
// Structures that carry their size may grow at the end.
#define GROWS(type) static_assert(sizeof(::type) >= sizeof(old::type), #type " has shrunk")
GROWS(cb_batch);
GROWS(cb_issue);
GROWS(cb_host);
GROWS(cb_input);
GROWS(cb_inputs);
GROWS(cb_loss);
GROWS(cb_output);
GROWS(cb_args);
GROWS(cb_prepare);
GROWS(cb_plugin);

SAME(cb_option, name);
SAME(cb_option, type);
SAME(cb_option, flags);
SAME(cb_option, fallback);
SAME(cb_option, choices);
SAME(cb_option, summary_en);
SAME(cb_option, summary_fr);
SAME(cb_format, id);
SAME(cb_format, title_en);
SAME(cb_format, title_fr);
SAME(cb_format, versions);
SAME(cb_format, extensions);
SAME(cb_format, signatures);
SAME(cb_format, caps);
SAME(cb_unit, first_record);
SAME(cb_unit, n_records);
SAME(cb_unit, outcome);
SAME(cb_unit, reason_offset);
SAME(cb_unit, reason_length);
SAME(cb_unit, input);
SAME(cb_unit, source_offset);
SAME(cb_unit, source_length);
SAME(cb_record, type);
SAME(cb_record, parent);
SAME(cb_record, first_cell);
SAME(cb_record, n_cells);
SAME(cb_record, source_offset);
SAME(cb_record, source_length);
SAME(cb_cell, field);
SAME(cb_cell, kind);
SAME(cb_cell, flags);
SAME(cb_cell, offset);
SAME(cb_cell, length);
SAME(cb_cell, source_delta);
SAME(cb_cell, source_length);
SAME(cb_cell, hint);
SAME(cb_batch, struct_size);
SAME(cb_batch, n_units);
SAME(cb_batch, n_records);
SAME(cb_batch, n_cells);
SAME(cb_batch, n_hints);
SAME(cb_batch, flags);
SAME(cb_batch, heap_size);
SAME(cb_batch, units);
SAME(cb_batch, records);
SAME(cb_batch, cells);
SAME(cb_batch, hints);
SAME(cb_batch, heap);
SAME(cb_issue, struct_size);
SAME(cb_issue, severity);
SAME(cb_issue, code);
SAME(cb_issue, message);
SAME(cb_issue, message_fr);
SAME(cb_issue, field);
SAME(cb_issue, input);
SAME(cb_issue, source_offset);
SAME(cb_issue, source_length);
SAME(cb_host, abi_major);
SAME(cb_host, abi_minor);
SAME(cb_host, struct_size);
SAME(cb_host, self);
SAME(cb_host, report);
SAME(cb_host, cancelled);
SAME(cb_host, extension);
SAME(cb_input, struct_size);
SAME(cb_input, self);
SAME(cb_input, name);
SAME(cb_input, size);
SAME(cb_input, read);
SAME(cb_input, seek);
SAME(cb_inputs, struct_size);
SAME(cb_inputs, n_inputs);
SAME(cb_inputs, inputs);
SAME(cb_loss, struct_size);
SAME(cb_loss, self);
SAME(cb_loss, count);
SAME(cb_output, struct_size);
SAME(cb_output, self);
SAME(cb_output, write);
SAME(cb_args, struct_size);
SAME(cb_args, model_version);
SAME(cb_args, format);
SAME(cb_args, settings);
SAME(cb_args, n_settings);
SAME(cb_args, max_batch_records);
SAME(cb_args, prepared);
SAME(cb_prepare, struct_size);
SAME(cb_prepare, prepare);
SAME(cb_prepare, release);
SAME(cb_plugin, abi_major);
SAME(cb_plugin, abi_minor);
SAME(cb_plugin, struct_size);
SAME(cb_plugin, id);
SAME(cb_plugin, version);
SAME(cb_plugin, title_en);
SAME(cb_plugin, title_fr);
SAME(cb_plugin, licence);
SAME(cb_plugin, formats);
SAME(cb_plugin, options);
SAME(cb_plugin, n_formats);
SAME(cb_plugin, n_options);
SAME(cb_plugin, probe);
SAME(cb_plugin, open_reader);
SAME(cb_plugin, read);
SAME(cb_plugin, close_reader);
SAME(cb_plugin, open_writer);
SAME(cb_plugin, write);
SAME(cb_plugin, finish);
SAME(cb_plugin, close_writer);
SAME(cb_plugin, extension);

static_assert(int(::CB_UNIT_REFUSED) == int(old::CB_UNIT_REFUSED) && int(::CB_TOKEN) == int(old::CB_TOKEN) &&
              int(::CB_CELL_NORMAL) == int(old::CB_CELL_NORMAL));
static_assert(int(::CB_FIELD_FIRST) == int(old::CB_FIELD_FIRST) && int(::CB_FIELD_ALSO) == int(old::CB_FIELD_ALSO) &&
              int(::CB_OPT_SECRET) == int(old::CB_OPT_SECRET));
static_assert(int(::CB_LOSSLESS) == int(old::CB_LOSSLESS) && int(::CB_ERROR) == int(old::CB_ERROR) &&
              int(::CB_LOSS_UNKEPT) == int(old::CB_LOSS_UNKEPT));

BOOST_AUTO_TEST_CASE(a_plugin_of_1_0_is_described_probed_and_run_by_this_host) {
  const Registry r(std::vector<fs::path>{CASEBRIDGE_TEST_PLUGINS});
  const PluginInfo* old_plugin = r.plugin("old-plugin");
  BOOST_REQUIRE(old_plugin);
  const Scratch scratch;
  const auto path = scratch.write("x.old", "OLD synthetic\n");
  for (const bool in_process : {true, false}) {
    const auto input = open_file(path);
    const auto found = recognise(r, *input, {.in_process = in_process});
    BOOST_REQUIRE(bool(found.best));
    BOOST_TEST(found.candidates[0].score == 77u);
    const Outcome o = read_all(*old_plugin, *input, {.format = "old", .in_process = in_process});
    BOOST_TEST(o.status == CB_END);
    BOOST_TEST(o.cells == "21=OLD synthetic\n@0;");
    BOOST_REQUIRE(o.findings.size() == 1);
    BOOST_TEST(o.findings[0].code == "old/hello");
  }
}
