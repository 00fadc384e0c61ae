# The engine library and the bindings generator come from cargo. The target directory lies outside the CMake build
# tree, so that every preset shares one build of the engine.
set(NACRE_ENGINE_PREBUILT "$ENV{NACRE_ENGINE_PREBUILT}" CACHE PATH
    "Directory with libnacre_engine.a, nacre-bindgen and include/; cargo is not run when set")

if(NACRE_ENGINE_PREBUILT)
  set(NACRE_RUST_OUT ${NACRE_ENGINE_PREBUILT})
  set(NACRE_ENGINE_ARCHIVE ${NACRE_RUST_OUT}/libnacre_engine.a)
  set(NACRE_ENGINE_INCLUDE ${NACRE_RUST_OUT}/include)
  set(NACRE_BINDGEN ${NACRE_RUST_OUT}/nacre-bindgen)
  add_custom_target(rust_build)
else()
  if(DEFINED ENV{NACRE_RUST_TARGET_DIR})
    set(rust_dir $ENV{NACRE_RUST_TARGET_DIR})
  else()
    set(rust_dir ${CMAKE_SOURCE_DIR}/build/rust)
  endif()
  set(NACRE_RUST_TARGET_DIR ${rust_dir} CACHE PATH "cargo's target directory")
  set(NACRE_RUST_OUT ${NACRE_RUST_TARGET_DIR}/release)
  set(NACRE_ENGINE_ARCHIVE ${NACRE_RUST_OUT}/libnacre_engine.a)
  set(NACRE_ENGINE_INCLUDE ${NACRE_RUST_TARGET_DIR}/include)
  set(NACRE_BINDGEN ${NACRE_RUST_OUT}/nacre-bindgen)
  file(GLOB_RECURSE rust_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rust/*.rs ${CMAKE_SOURCE_DIR}/rust/*.toml
       ${CMAKE_SOURCE_DIR}/rust/*.h ${CMAKE_SOURCE_DIR}/rust/Cargo.lock)
  list(FILTER rust_sources EXCLUDE REGEX "/target/")
  add_custom_command(
    OUTPUT ${NACRE_ENGINE_ARCHIVE} ${NACRE_BINDGEN}
    COMMAND ${CMAKE_COMMAND} -E env CARGO_TARGET_DIR=${NACRE_RUST_TARGET_DIR} cargo build --release --locked
            --manifest-path ${CMAKE_SOURCE_DIR}/rust/Cargo.toml
    # cargo leaves a file alone that it need not rebuild; ninja wants it newer than its inputs.
    COMMAND ${CMAKE_COMMAND} -E touch ${NACRE_ENGINE_ARCHIVE} ${NACRE_BINDGEN}
    DEPENDS ${rust_sources}
    COMMENT "cargo build (the first one takes some minutes)"
    USES_TERMINAL)
  add_custom_target(rust_build DEPENDS ${NACRE_ENGINE_ARCHIVE} ${NACRE_BINDGEN})
endif()

add_library(nacre_engine_lib INTERFACE)
add_library(nacre::engine_lib ALIAS nacre_engine_lib)
add_dependencies(nacre_engine_lib rust_build)
target_link_libraries(nacre_engine_lib INTERFACE ${NACRE_ENGINE_ARCHIVE} pthread dl m)
target_include_directories(nacre_engine_lib SYSTEM INTERFACE ${NACRE_ENGINE_INCLUDE} ${CMAKE_SOURCE_DIR}/rust/engine/include)
