;; Two components in one; the first calls the second with a string, so the planner makes an adapter that copies it to UTF-16.
(component
  (component $callee
    (core module $m
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
      (func (export "length") (param i32 i32) (result i32) local.get 1)
    )
    (core instance $i (instantiate $m))
    (func (export "length") (param "text" string) (result u32)
      (canon lift (core func $i "length") (memory $i "memory") (realloc (func $i "realloc")) string-encoding=utf16))
  )
  (component $caller
    (import "length" (func $length (param "text" string) (result u32)))
    (core module $memory (memory (export "memory") 1))
    (core instance $memory (instantiate $memory))
    (core func $length (canon lower (func $length) (memory $memory "memory")))
    (core module $m
      (import "host" "length" (func $length (param i32 i32) (result i32)))
      (func (export "run") (result i32) i32.const 0 i32.const 3 call $length)
    )
    (core instance $i (instantiate $m (with "host" (instance (export "length" (func $length))))))
    (func (export "run") (result u32) (canon lift (core func $i "run")))
  )
  (instance $callee (instantiate $callee))
  (instance $caller (instantiate $caller (with "length" (func $callee "length"))))
  (export "run" (func $caller "run"))
)
