# Install tree: headers under include/vouch with the spelling of the source tree, static libraries in layers,
# a config package and pkg-config files. A layer is what can be asked for without the needs of the next one:
# crdt needs Boost's headers, validator adds JSON and crypto, peer adds ZeroMQ, LMDB and TOML.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/vouch)

function(vouch_install_layer layer)
  install(TARGETS ${ARGN} EXPORT vouch_${layer}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT vouch_${layer} NAMESPACE vouch:: FILE vouch-${layer}.cmake DESTINATION ${config_dir}
    COMPONENT development)
endfunction()

function(vouch_install_headers from to)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${from}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vouch${to}
    COMPONENT development FILES_MATCHING PATTERN "*.hpp" ${ARGN})
endfunction()

# The files find their prefix from where they lie, so that any prefix given at install time is right.
function(vouch_install_pkgconfig name description libs)
  file(RELATIVE_PATH PC_PREFIX /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
  set(PC_NAME ${name})
  set(PC_DESCRIPTION ${description})
  set(PC_LIBS ${libs})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/vouch.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
    COMPONENT development)
endfunction()

# Store, driver and the ZeroMQ files are how a peer works inside; no public header includes them.
vouch_install_headers(crdt /crdt)
vouch_install_headers(schemas /schemas)
vouch_install_headers(transport /transport REGEX "/(zmq|zap)[^/]*$" EXCLUDE)
vouch_install_headers(lib "" REGEX "/store$" EXCLUDE REGEX "/driver/(clock|desk|driver|lanes|released_rows)\\.hpp$" EXCLUDE)

set(validator_libs "-lvouch_core -lvouch_validator -lvouch_crypto -lvouch_schemas -lsimdjson -lfmt -lsodium")
vouch_install_layer(crdt vouch_crdt)
vouch_install_layer(validator vouch_schemas vouch_crypto vouch_validator vouch_core)
vouch_install_pkgconfig(vouch-validator "Validator of AG-UI event streams, without networking"
  "${validator_libs}")
if(VOUCH_PEER)
  vouch_install_layer(peer vouch_transport vouch)
  vouch_install_pkgconfig(vouch "${PROJECT_DESCRIPTION}"
    "-lvouch -lvouch_transport ${validator_libs} -lzmq -llmdb -ltomlplusplus -pthread")
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/vouchConfig.cmake.in
  ${PROJECT_BINARY_DIR}/vouchConfig.cmake INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vouchConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vouchConfig.cmake ${PROJECT_BINARY_DIR}/vouchConfigVersion.cmake
  DESTINATION ${config_dir} COMPONENT development)

if(VOUCH_TOOLS)
  install(TARGETS vouch-peer vouch-dump RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
  install(FILES ${PROJECT_SOURCE_DIR}/examples/streams/real_streams.jsonl
    DESTINATION ${CMAKE_INSTALL_DATADIR}/vouch COMPONENT programs)
endif()
