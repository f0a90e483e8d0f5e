// The worker's side of archives. The archive is descriptor kFirstInputFd, the output of an unpacked member the next one.
#pragma once
#include "host/wire.hpp"
#include "host/worker_start.hpp"

namespace casebridge::host {

void prepare_archives();  // loads what libarchive would load lazily; before the sandbox closes
int list_archive_job(const Start&, Pulse&);
int unpack_job(const Start&, Pulse&);
int workbook_job(const Start&, Pulse&);  // workbook_worker.cpp

}  // namespace casebridge::host
