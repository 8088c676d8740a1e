# webpubsub_warnings(target): the warnings that this project is free of.
function(webpubsub_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla)
  if(WEBPUBSUB_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# webpubsub_c_standard(target): C99 and POSIX.1-2008, nothing else.
function(webpubsub_c_standard target)
  set_target_properties(${target} PROPERTIES C_STANDARD 99 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
  target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L)
endfunction()

# webpubsub_library(NAME name DESCRIPTION text SOURCES ... [LIBRARIES ...] [PKG_CONFIG ...]): the target webpubsub_<name>,
# its alias webpubsub::<name>, its public header and its pkg-config file. LIBRARIES are link targets; PKG_CONFIG names the
# same ones for pkg-config.
function(webpubsub_library)
  cmake_parse_arguments(ARG "" "NAME;DESCRIPTION" "SOURCES;LIBRARIES;PKG_CONFIG" ${ARGN})
  set(target webpubsub_${ARG_NAME})
  add_library(${target} ${ARG_SOURCES})
  add_library(webpubsub::${ARG_NAME} ALIAS ${target})
  webpubsub_c_standard(${target})
  webpubsub_warnings(${target})
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/core/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${ARG_NAME} OUTPUT_NAME webpubsub-${ARG_NAME} POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  if(NOT ARG_NAME STREQUAL core)
    target_link_libraries(${target} PUBLIC webpubsub_core)
  endif()
  target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES})

  install(TARGETS ${target} EXPORT webpubsubTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(FILES ${PROJECT_SOURCE_DIR}/core/include/webpubsub/${ARG_NAME}.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/webpubsub)
  webpubsub_pkg_config(${ARG_NAME} "${ARG_DESCRIPTION}" "${ARG_PKG_CONFIG}")
endfunction()

# A static library leaves its own dependencies to whoever links it; a shared one has them already.
function(webpubsub_pkg_config name description packages)
  set(PC_NAME webpubsub-${name})
  set(PC_DESCRIPTION "${description}")
  set(requires "")
  set(requires_private "")
  if(NOT name STREQUAL core)
    list(APPEND requires webpubsub-core)
  endif()
  if(BUILD_SHARED_LIBS)
    list(APPEND requires_private ${packages})
  else()
    list(APPEND requires ${packages})
  endif()
  string(REPLACE ";" " " PC_REQUIRES "${requires}")
  string(REPLACE ";" " " PC_REQUIRES_PRIVATE "${requires_private}")
  configure_file(${PROJECT_SOURCE_DIR}/cmake/webpubsub.pc.in ${PROJECT_BINARY_DIR}/${PC_NAME}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${PC_NAME}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
