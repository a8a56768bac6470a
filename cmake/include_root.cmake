# One spelling of every include, in the tree and after install: "vouch/<room>/<file>.hpp".
# build/<preset>/include/vouch links to the rooms; lib/ dissolves into its rooms and the facade's headers.
set(VOUCH_INCLUDE_ROOT ${PROJECT_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${VOUCH_INCLUDE_ROOT}/vouch)
foreach(room crdt schemas transport)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${room} ${VOUCH_INCLUDE_ROOT}/vouch/${room} SYMBOLIC)
endforeach()
file(GLOB lib_entries CONFIGURE_DEPENDS LIST_DIRECTORIES true ${PROJECT_SOURCE_DIR}/lib/*)
foreach(entry ${lib_entries})
  get_filename_component(name ${entry} NAME)
  if(IS_DIRECTORY ${entry} OR name MATCHES "\\.(hpp|h)$")
    file(CREATE_LINK ${entry} ${VOUCH_INCLUDE_ROOT}/vouch/${name} SYMBOLIC)
  endif()
endforeach()
