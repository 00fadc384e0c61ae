;; The shape that tools give to a component whose imports need its memory: shim, main, fixup. The comments with a name in them
;; are places where tests put something else.
(component
  (import "test:shim/host@0.1.0" (instance $host
    (export "log" (func (param "text" string)))
    (export "name" (func (result string)))
  ))
  (core module $shim
    (table (export "$imports") 3 3 funcref)
    (func (export "0") (param i32 i32)
      local.get 0 local.get 1 (;extra;) i32.const 0 call_indirect (param i32 i32))
    (func (export "1") (param i32)
      local.get 0 i32.const 1 call_indirect (param i32))
    (func (export "2") (param i32)
      local.get 0 i32.const 2 call_indirect (param i32))
  )
  (core instance $shim (instantiate $shim))
  (type $thing (resource (rep i32) (dtor (func $shim "2"))))
  (core func $new (canon resource.new $thing))
  (core module $main
    (import "host" "log" (func $log (param i32 i32)))
    (import "host" "name" (func $name (param i32)))
    (import "host" "new" (func $new (param i32) (result i32)))
    (;main-import;)
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 64)
    (func (export "dtor") (param i32))
    (func $init (export "init"))
    (func (export "run") i32.const 8 call $name i32.const 0 i32.const 4 call $log)
    (;main-start;)
  )
  (core instance $main (instantiate $main (with "host" (instance
    (export "log" (func $shim "0")) (export "name" (func $shim "1")) (export "new" (func $new))
    (export "$imports" (table $shim "$imports"))))))
  (core func $log (canon lower (func $host "log") (memory $main "memory")))
  (core func $name (canon lower (func $host "name") (memory $main "memory") (realloc (func $main "realloc"))))
  (core module $fixup
    (import "actual" "name" (func $name (param i32)))
    (import "actual" "log" (func $log (param i32 i32)))
    (import "actual" "dtor" (func $dtor (param i32)))
    (import "actual" "init" (func $init))
    (import "shim" "$imports" (table 3 3 funcref))
    (elem (i32.const 0) func $log $name (;filled;) $dtor)
    (;fixup-start;)
  )
  (core instance (instantiate $fixup
    (with "actual" (instance
      (export "name" (func $name)) (export "log" (func $log)) (export "dtor" (func $main "dtor"))
      (export "init" (func $main "init"))))
    (with "shim" (instance (export "$imports" (table $shim "$imports"))))))
  (func (export "run") (canon lift (core func $main "run")))
)
