# What every test program runs with; docs/testing.md says why each sanitizer option stands here.
set(NACRE_ASAN_OPTIONS handle_segv=0 handle_sigill=0 handle_sigfpe=0 handle_sigbus=0 allow_user_segv_handler=1
    detect_stack_use_after_return=0 detect_leaks=1)
list(JOIN NACRE_ASAN_OPTIONS ":" NACRE_ASAN_OPTIONS)
find_program(NACRE_SYMBOLIZER llvm-symbolizer-19)
set(NACRE_GUESTS_DIR ${CMAKE_SOURCE_DIR}/build/guests/wasm32-wasip2/release)
set(NACRE_TEST_ENVIRONMENT
    ASAN_OPTIONS=${NACRE_ASAN_OPTIONS} UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=second_deadlock_stack=1
    ASAN_SYMBOLIZER_PATH=${NACRE_SYMBOLIZER} NACRE_GUESTS_DIR=${NACRE_GUESTS_DIR})

# nacre_test_properties(TEST [LABELS …]): the environment, a limit in time, and the repository's root to stand in.
function(nacre_test_properties test)
  cmake_parse_arguments(T "" "" "LABELS" ${ARGN})
  set_tests_properties(${test} PROPERTIES ENVIRONMENT "${NACRE_TEST_ENVIRONMENT}" TIMEOUT 600
                       WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} LABELS "${T_LABELS}")
endfunction()
