casebridge_test(xsd xsd_test.cpp xsd_verdicts_test.cpp LIBS cb_xsd)
set_tests_properties(xsd PROPERTIES SKIP_REGULAR_EXPRESSION "SKIPPED: ")
