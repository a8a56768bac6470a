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
target_compile_options(vouch_settings INTERFACE -Wall -Wextra -Wpedantic
  # In joined units helpers of one file are shadowed by locals of another; lint looks file by file.
  $<$<NOT:$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wshadow>
  # False alarms of gcc 12: moves of std::variant, std::string operator+, copies of small_vector at -O1.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overread>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>)
# Position-independent code is for our own libraries: gcc would leave every function that is not
# inline replaceable from outside, and so never inline it. clang does not.
target_compile_options(vouch_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-fno-semantic-interposition>)
if(VOUCH_WERROR)
  target_compile_options(vouch_settings INTERFACE -Werror)
endif()
if(VOUCH_SANITIZE)
  target_compile_options(vouch_settings INTERFACE
    -fsanitize=${VOUCH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # Looks at every access, for a third of the build; what of it does harm, the address sanitizer sees.
    -fno-sanitize=null,alignment,object-size,vptr)
  target_link_options(vouch_settings INTERFACE -fsanitize=${VOUCH_SANITIZE})
endif()
