/* casebridge/tables.h -- formats that are several related tables. Part of the plugin contract (plugin.h), append-only like it;
 * plugins and hosts that do not know of it work as before.
 *
 * A format says which tables one feed has in its signatures (cb_format.signatures), one line for each, in its own order:
 *
 *   table=NAME|FILE|A,B|        FILE: a pattern of the file's name (* and ?, case ignored), or empty
 *   table=NAME|FILE|A,B|optional    A,B: columns that its first line has, or empty. Where both are given both must fit.
 *
 * The host opens the tables that lie together as one session, in the order of the signatures: "casebridge.inputs/1" lists them,
 * and the setting CB_SETTING_TABLES says which each is: NAMEs with U+001F between, in the order of the inputs. It is absent
 * where the input is no such set. A set that lacks a table which is not optional is not opened at all. */
#ifndef CASEBRIDGE_TABLES_H
#define CASEBRIDGE_TABLES_H

#include "casebridge/plugin.h"

#define CB_SETTING_TABLES "casebridge.tables"

#endif
