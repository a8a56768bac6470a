# Compiler settings as one interface target, so that consumers of the package never inherit them.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

find_program(CCACHE ccache)
if(CCACHE AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(vouch_settings INTERFACE)
target_compile_options(vouch_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  # False alarms of gcc 12 on moves of std::variant and on std::string operator+.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(VOUCH_WERROR)
  target_compile_options(vouch_settings INTERFACE -Werror)
endif()
if(VOUCH_SANITIZE)
  target_compile_options(vouch_settings INTERFACE
    -fsanitize=${VOUCH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(vouch_settings INTERFACE -fsanitize=${VOUCH_SANITIZE})
endif()
