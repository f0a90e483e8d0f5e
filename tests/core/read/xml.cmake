casebridge_test(xml_tree xml_tree_test.cpp xml_places_test.cpp xml_bombs_test.cpp LIBS cb_read_xml)
set_tests_properties(xml_tree PROPERTIES SKIP_REGULAR_EXPRESSION "SKIPPED: ")
