# casebridge_add_plugin(): one line makes a plugin; see core/include/casebridge/plugin.h for the contract.
#
#   casebridge_add_plugin(booking_csv)                      a library from the folder's *.cpp, or a mapping.yaml alone
#   casebridge_add_plugin(booking_csv SOURCES a.cpp LIBS x) named sources and libraries
#
# The folder is the plugin's id with "_" for "-". The result lies in <build>/bin/plugins/<folder>: plugin.json, the library
# or the mapping with the files beside it. Only casebridge_plugin_v1 leaves the library.
set(CASEBRIDGE_PLUGIN_MAP "${CMAKE_CURRENT_LIST_DIR}/plugin.map")

function(casebridge_add_plugin name)
  cmake_parse_arguments(arg "NO_INSTALL" "OUTPUT" "SOURCES;LIBS" ${ARGN})
  set(folder "${CMAKE_BINARY_DIR}/bin/plugins/${name}")
  if(arg_OUTPUT)
    set(folder "${arg_OUTPUT}/${name}")
  endif()
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  endif()
  if(TARGET casebridge::describe)
    set(describe casebridge::describe)
  else()
    set(describe casebridge-describe)
  endif()

  if(arg_SOURCES)
    add_library(plugin_${name} MODULE ${arg_SOURCES})
    if(TARGET cb_model_generated)  # casebridge/model.h is made by our own build; an installed SDK has it
      add_dependencies(plugin_${name} cb_model_generated)
    endif()
    if(TARGET casebridge::sdk)
      target_link_libraries(plugin_${name} PRIVATE casebridge::sdk)
    else()
      target_include_directories(plugin_${name} PRIVATE "${CMAKE_SOURCE_DIR}/core/include" "${CMAKE_BINARY_DIR}/generated")
    endif()
    target_link_libraries(plugin_${name} PRIVATE ${arg_LIBS})
    target_compile_features(plugin_${name} PRIVATE cxx_std_20)
    target_link_options(plugin_${name} PRIVATE "LINKER:--version-script=${CASEBRIDGE_PLUGIN_MAP}" "LINKER:-z,now")
    set_target_properties(plugin_${name} PROPERTIES PREFIX "" OUTPUT_NAME "${name}" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
      LIBRARY_OUTPUT_DIRECTORY "${folder}" LINK_DEPENDS "${CASEBRIDGE_PLUGIN_MAP}")
    add_custom_command(TARGET plugin_${name} POST_BUILD
      COMMAND ${describe} "$<TARGET_FILE:plugin_${name}>" "${folder}/plugin.json"
      COMMENT "Describing plugin ${name}" VERBATIM)
    add_dependencies(plugin_${name} ${describe})
  elseif(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/mapping.yaml")
    # The mapping travels as it is, with the code lists and other files that lie beside it.
    file(GLOB_RECURSE beside CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}/*.yaml" "${CMAKE_CURRENT_SOURCE_DIR}/*.csv")
    list(FILTER beside EXCLUDE REGEX "^(samples|golden|tests)/")
    set(copies)
    foreach(file IN LISTS beside)
      add_custom_command(OUTPUT "${folder}/${file}" DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${file}"
        COMMAND ${CMAKE_COMMAND} -E copy "${CMAKE_CURRENT_SOURCE_DIR}/${file}" "${folder}/${file}" VERBATIM)
      list(APPEND copies "${folder}/${file}")
    endforeach()
    add_custom_command(OUTPUT "${folder}/plugin.json" DEPENDS ${copies} ${describe}
      COMMAND ${describe} --mapping "${folder}/mapping.yaml" "${folder}/plugin.json"
      COMMENT "Compiling mapping ${name}" VERBATIM)
    add_custom_target(plugin_${name} ALL DEPENDS "${folder}/plugin.json")
  else()
    message(FATAL_ERROR "plugin ${name}: neither C++ sources nor a mapping.yaml in ${CMAKE_CURRENT_SOURCE_DIR}")
  endif()

  if(NOT arg_NO_INSTALL)
    # Not CMAKE_INSTALL_LIBDIR: the program looks in ../lib/casebridge/plugins from where it lies, on every system.
    install(DIRECTORY "${folder}" DESTINATION "lib/casebridge/plugins")
  endif()
endfunction()

# The same for a folder below this one that holds a mapping.yaml and no CMakeLists.txt.
function(casebridge_add_mapping name)
  set(CMAKE_CURRENT_SOURCE_DIR "${CMAKE_CURRENT_SOURCE_DIR}/${name}")
  casebridge_add_plugin("${name}" ${ARGN})
endfunction()
