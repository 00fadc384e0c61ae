;; One core module; imports two functions of a versioned interface, one of them with nearly every value type; lifts one function.
(component
  (import "test:values/sink@1.2.3" (instance $sink
    (type $point (record (field "x" u8) (field "y" u32)))
    (export "point" (type $p (eq $point)))
    (type $shape (variant (case "none") (case "dot" $p) (case "size" f64)))
    (export "shape" (type $s (eq $shape)))
    (type $color (enum "red" "green"))
    (export "color" (type $c (eq $color)))
    (type $mode (flags "read" "write"))
    (export "mode" (type $m (eq $mode)))
    (type $pair (tuple u16 string))
    (type $maybe (option s8))
    (type $outcome (result $c (error string)))
    (type $points (list $p))
    (export "take" (func
      (param "a" $s) (param "b" $m) (param "c" $pair) (param "d" $maybe) (param "e" $points) (param "f" char)
      (result $outcome)))
    (export "plain" (func (param "x" u32) (result u64)))
  ))
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
  )
  (core instance $memory (instantiate $memory))
  (core func $take (canon lower (func $sink "take") (memory $memory "memory") (realloc (func $memory "realloc"))))
  (core func $plain (canon lower (func $sink "plain")))
  (core module $main
    (import "sink" "take" (func (param i32 i64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "sink" "plain" (func $plain (param i32) (result i64)))
    (func (export "double") (param i32) (result i64) local.get 0 call $plain)
  )
  (core instance $main (instantiate $main (with "sink" (instance
    (export "take" (func $take)) (export "plain" (func $plain))))))
  (func $double (param "x" u32) (result u64) (canon lift (core func $main "double")))
  (instance $api (export "double" (func $double)))
  (export "test:values/api@1.0.0" (instance $api))
  (export "double" (func $double))
)
