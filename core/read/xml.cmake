# XML: pre-scan, tree, and libxml2 as the judge of what is well formed.
find_package(LibXml2 REQUIRED)
casebridge_library(read_xml xml_source.cpp xml_prescan.cpp xml_ids.cpp xml_judge.cpp xml_tree.cpp LIBS cb_base LibXml2::LibXml2)
