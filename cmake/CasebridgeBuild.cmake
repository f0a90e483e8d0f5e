# One place for compiler flags, the shared precompiled header, and the two helpers every CMakeLists.txt uses:
#   casebridge_library(NAME sources... [LIBS libs...])  a static library cb_NAME with core/ on its include path
#   casebridge_test(NAME sources... [LIBS libs...] [LONG])  a Boost.Test program, registered with ctest as NAME;
#       LONG: only in ./dev test --long (label long)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

# Release keeps its assertions: a wrong merge costs more than the few percent they take.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")
# -ffp-contract=off: the same sums on every machine. x86-64-v2 is what Debian 12 runs on in practice.
add_compile_options(-Wall -Wextra -Wno-missing-field-initializers -ffp-contract=off)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  add_compile_options(-march=x86-64-v2)
endif()

set(CASEBRIDGE_SANITIZE "" CACHE STRING "Sanitizers, comma-separated (address,undefined | thread)")
option(CASEBRIDGE_FUZZ "Build the libFuzzer targets" OFF)
if(CASEBRIDGE_SANITIZE)
  # RapidJSON's stack does arithmetic on a null pointer, which is harmless and not ours to mend.
  add_compile_options(-fsanitize=${CASEBRIDGE_SANITIZE} -fno-omit-frame-pointer -g)
  if(CASEBRIDGE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=pointer-overflow -fno-sanitize-recover=undefined)
  endif()
  string(REPLACE "fuzzer-no-link," "" casebridge_link_sanitize "${CASEBRIDGE_SANITIZE}")
  add_link_options(-fsanitize=${casebridge_link_sanitize})
  add_compile_definitions(CASEBRIDGE_SANITIZED=1)
endif()

find_program(CASEBRIDGE_CCACHE ccache)
if(CASEBRIDGE_CCACHE)
  # The launcher tolerates the precompiled header's time stamps; without this every clean checkout would miss.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CASEBRIDGE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
endif()
find_program(CASEBRIDGE_MOLD mold)
if(CASEBRIDGE_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()
# A bundle brings its libraries in lib/casebridge/lib; the old kind of tag also serves the libraries of those libraries.
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib/casebridge/lib")
add_link_options("LINKER:--disable-new-dtags")
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS unit_test_framework)

# Precompiled headers are built once and shared: one for the product, one for the tests.
file(WRITE "${CMAKE_BINARY_DIR}/pch/empty.cpp" "")
add_library(cb_pch STATIC "${CMAKE_BINARY_DIR}/pch/empty.cpp")
target_precompile_headers(cb_pch PRIVATE <algorithm> <array> <cstdint> <cstring> <functional> <map> <memory> <optional>
  <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>)
add_library(cb_test_pch STATIC "${CMAKE_BINARY_DIR}/pch/empty.cpp")
target_compile_definitions(cb_test_pch PRIVATE BOOST_TEST_DYN_LINK)
target_precompile_headers(cb_test_pch PRIVATE <boost/test/unit_test.hpp> <string> <string_view> <vector>)

function(casebridge_library name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  add_library(cb_${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  target_include_directories(cb_${name} PUBLIC "${CMAKE_SOURCE_DIR}/core" "${CMAKE_SOURCE_DIR}/core/include" "${CMAKE_BINARY_DIR}/generated")
  target_link_libraries(cb_${name} PUBLIC ${arg_LIBS})
  target_precompile_headers(cb_${name} REUSE_FROM cb_pch)
endfunction()

# main.cpp defines BOOST_TEST_MODULE before its include, so it cannot share the header; one object serves every test.
add_library(cb_test_main OBJECT "${CMAKE_SOURCE_DIR}/tests/main.cpp")
target_compile_definitions(cb_test_main PRIVATE BOOST_TEST_DYN_LINK)

# The fixed set that build machines also run under sanitizers (target asan_tests, label asan): everything that touches
# bytes of a feed, in process. Tests that set RLIMIT_AS or start the sandbox are not among them; neither lives with ASan.
set(CASEBRIDGE_ASAN_TESTS base json_schema read_delimited read_fixed read_json mapping_compile mapping_rows mapping_trees
  normalise_values normalise_batches structure rules emit handle canary)
add_custom_target(asan_tests)
# What runs on several threads of its own: ./dev test --tsan (target tsan_tests, label tsan). TBB's pipeline is not among
# it: the library is not built with ThreadSanitizer, which then sees no order where there is one.
set(CASEBRIDGE_TSAN_TESTS link_values link_engine)
add_custom_target(tsan_tests)

function(casebridge_test name)
  cmake_parse_arguments(arg "LONG" "" "LIBS" ${ARGN})
  add_executable(test_${name} ${arg_UNPARSED_ARGUMENTS} $<TARGET_OBJECTS:cb_test_main>)
  target_compile_definitions(test_${name} PRIVATE BOOST_TEST_DYN_LINK CASEBRIDGE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" CASEBRIDGE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_include_directories(test_${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(test_${name} PRIVATE ${arg_LIBS} Boost::unit_test_framework)
  target_precompile_headers(test_${name} REUSE_FROM cb_test_pch)
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77)
  if(name IN_LIST CASEBRIDGE_ASAN_TESTS)
    add_dependencies(asan_tests test_${name})
    set_property(TEST ${name} APPEND PROPERTY LABELS asan)
  endif()
  if(name IN_LIST CASEBRIDGE_TSAN_TESTS)
    add_dependencies(tsan_tests test_${name})
    set_property(TEST ${name} APPEND PROPERTY LABELS tsan)
  endif()
  if(arg_LONG)
    set_property(TEST ${name} APPEND PROPERTY LABELS long)
  endif()
endfunction()
