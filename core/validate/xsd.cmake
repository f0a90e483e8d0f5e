# XML Schema: libxml2 in the pass that reads, Xerces-C as the verdict of record.
find_package(XercesC REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS context)
casebridge_library(xsd xsd.cpp xsd_index.cpp xsd_catalog.cpp xsd_fast.cpp xsd_strict.cpp xsd_compare.cpp
  LIBS cb_read_xml cb_handle XercesC::XercesC Boost::context yaml-cpp)
# The schemas of a feed as options of a reader.
casebridge_library(source_schemas source_schemas.cpp check_plugin.cpp LIBS cb_xsd cb_json_schema cb_read cb_model)
