# The libraries, one per group of rooms. Arrows point one way:
# crdt <- schemas <- crypto <- validator, core <- transport, store, driver <- vouch (the facade).

# vouch_room(<target> [LIST of globs] DEPENDS <targets>)
function(vouch_room target)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  set(globs "")
  foreach(glob ${ARG_SOURCES})
    list(APPEND globs ${PROJECT_SOURCE_DIR}/${glob})
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${globs})
  if(NOT sources)
    file(WRITE ${PROJECT_BINARY_DIR}/empty.cpp "")
    set(sources ${PROJECT_BINARY_DIR}/empty.cpp)
  endif()
  add_library(${target} STATIC ${sources})
  target_link_libraries(${target} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE} $<BUILD_INTERFACE:vouch_settings>)
endfunction()

# What every event passes is compiled by itself, also where other sources are joined: how much the
# compiler inlines in a joined unit depends on all that is in there.
set_source_files_properties(schemas/json_parse.cpp schemas/json_reader.cpp lib/validator/decoder.cpp
  lib/validator/flat_judge.cpp lib/validator/stream_validator.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

add_library(vouch_crdt INTERFACE)
target_include_directories(vouch_crdt INTERFACE $<BUILD_INTERFACE:${VOUCH_INCLUDE_ROOT}>)
target_compile_features(vouch_crdt INTERFACE cxx_std_20)
target_link_libraries(vouch_crdt INTERFACE Boost::headers)

include(flatbuffers)
vouch_room(vouch_schemas SOURCES schemas/*.cpp DEPENDS vouch_crdt tl::expected
  PRIVATE simdjson::simdjson $<BUILD_INTERFACE:flatbuffers::flatbuffers> fmt::fmt)
vouch_flatbuffers(vouch_schemas)

vouch_room(vouch_crypto SOURCES transport/crypto*.cpp transport/key_file*.cpp transport/memory*.cpp transport/parts*.cpp
  DEPENDS vouch_schemas PRIVATE PkgConfig::sodium)

vouch_room(vouch_validator SOURCES lib/validator/*.cpp DEPENDS vouch_schemas vouch_crypto
  PRIVATE simdjson::simdjson fmt::fmt)

vouch_room(vouch_core
  SOURCES lib/base/*.cpp lib/state/*.cpp lib/sync/*.cpp lib/membership/*.cpp lib/consensus/*.cpp lib/ingest/*.cpp lib/observe/*.cpp lib/machine/*.cpp
  DEPENDS vouch_validator PRIVATE fmt::fmt)

if(VOUCH_PEER)
  vouch_room(vouch_transport SOURCES transport/zmq*.cpp transport/zap*.cpp transport/link*.cpp
    DEPENDS vouch_crypto PRIVATE PkgConfig::zmq $<BUILD_INTERFACE:cppzmq> fmt::fmt)

  vouch_room(vouch SOURCES lib/store/*.cpp lib/driver/*.cpp lib/client/*.cpp lib/*.cpp
    DEPENDS vouch_core vouch_transport Threads::Threads
    PRIVATE PkgConfig::lmdb tomlplusplus::tomlplusplus fmt::fmt)
  add_library(vouch::vouch ALIAS vouch)
endif()

foreach(target crdt schemas crypto validator core transport)
  if(TARGET vouch_${target})
    set_target_properties(vouch_${target} PROPERTIES EXPORT_NAME ${target})
    add_library(vouch::${target} ALIAS vouch_${target})
  endif()
endforeach()
