/* The services are plain C: this file is compiled, not run. */
#include "casebridge/services.h"

_Static_assert(sizeof(cb_slot) == 32, "a cell crosses in 32 bytes");
_Static_assert(sizeof(cb_node) == 80, "a node crosses in 80 bytes");
