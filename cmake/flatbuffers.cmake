# Generated headers are made at build time and never committed: they carry a version assertion.
function(vouch_flatbuffers target)
  set(out ${PROJECT_BINARY_DIR}/generated)
  file(GLOB schemas CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/schemas/*.fbs)
  set(headers "")
  foreach(schema ${schemas})
    get_filename_component(name ${schema} NAME_WE)
    set(header ${out}/${name}_generated.h)
    add_custom_command(OUTPUT ${header}
      COMMAND flatbuffers::flatc --cpp --cpp-std c++17 --scoped-enums -o ${out} ${schema}
      DEPENDS ${schema} VERBATIM)
    list(APPEND headers ${header})
  endforeach()
  target_sources(${target} PRIVATE ${headers})
  target_include_directories(${target} PRIVATE ${out})
endfunction()
