# What an installation holds for authors of plugins: the SDK headers, the describing tool, find_package(casebridge).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(casebridge_package "${CMAKE_INSTALL_LIBDIR}/cmake/casebridge")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/casebridgeConfig.cmake.in" "${CMAKE_BINARY_DIR}/casebridgeConfig.cmake"
  INSTALL_DESTINATION "${casebridge_package}" PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_BINDIR)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/casebridgeConfigVersion.cmake" COMPATIBILITY SameMajorVersion)
install(FILES "${CMAKE_BINARY_DIR}/casebridgeConfig.cmake" "${CMAKE_BINARY_DIR}/casebridgeConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/CasebridgePlugin.cmake" "${CMAKE_CURRENT_LIST_DIR}/plugin.map" DESTINATION "${casebridge_package}" COMPONENT sdk)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/core/include/casebridge" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT sdk)
install(DIRECTORY "${CMAKE_BINARY_DIR}/generated/casebridge" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT sdk OPTIONAL)
