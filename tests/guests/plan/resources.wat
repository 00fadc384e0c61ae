;; A resource of the host that is borrowed and dropped, and a resource of the guest's own with a destructor.
(component
  (import "test:files/store@0.1.0" (instance $store
    (export "file" (type $file (sub resource)))
    (export "[method]file.size" (func (param "self" (borrow $file)) (result u64)))
  ))
  (alias export $store "file" (type $file))
  (core func $size (canon lower (func $store "[method]file.size")))
  (core func $drop (canon resource.drop $file))
  (core module $destructor (func (export "gone") (param i32)))
  (core instance $destructor (instantiate $destructor))
  (type $counter (resource (rep i32) (dtor (func $destructor "gone"))))
  (core func $new (canon resource.new $counter))
  (core module $main
    (import "host" "size" (func $size (param i32) (result i64)))
    (import "host" "drop" (func $drop (param i32)))
    (import "host" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) local.get 0 call $drop i32.const 7 call $new)
  )
  (core instance $main (instantiate $main (with "host" (instance
    (export "size" (func $size)) (export "drop" (func $drop)) (export "new" (func $new))))))
  (export $exported "counter" (type $counter))
  (func (export "make") (param "from" (own $file)) (result (own $exported)) (canon lift (core func $main "make")))
)
