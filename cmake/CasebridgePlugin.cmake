# casebridge_add_plugin(): one line makes a plugin; see core/include/casebridge/plugin.h for the contract.
