;; A plugin of the line that never was. It collects one proof type, whose one row has what it was given
;; in its first column and nothing in its second.
(module
  (import "[export]exhibit:plugin/collection@0.0.9" "[resource-new]session"
    (func $new_session (param i32) (result i32)))

  (memory (export "memory") 2)
  (global $answered (mut i32) (i32.const 0))
  ;; Where the next of the host's values goes. Never freed: one session fits.
  (global $free (mut i32) (i32.const 65536))

  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get 3)))
    (local.get $at))

  (func (export "exhibit:plugin/catalog@0.0.9#describe") (result i32) (i32.const 0x100))

  ;; Any proof type whose name is as long as that of the one there is.
  (func (export "exhibit:plugin/collection@0.0.9#[static]session.open")
    (param $proof i32) (param $length i32) (result i32)
    (if (result i32) (i32.eq (local.get $length) (i32.const 6))
      (then
        (i32.store (i32.const 0x204) (call $new_session (i32.const 1)))
        (i32.const 0x200))
      (else (i32.const 0x210))))
  (func (export "exhibit:plugin/collection@0.0.9#[method]session.next") (param i32) (result i32)
    (select (i32.const 0x240) (i32.const 0x220) (global.get $answered)))
  (func (export "exhibit:plugin/collection@0.0.9#[method]session.feed")
    (param $self i32) (param $bytes i32) (param $length i32) (result i32)
    (global.set $answered (i32.const 1))
    (i32.store (i32.const 0x304) (local.get $bytes))
    (i32.store (i32.const 0x308) (local.get $length))
    (i32.const 0x260))

  ;; Texts.
  (data (i32.const 0x10) "made-up")
  (data (i32.const 0x20) "https://api.example")
  (data (i32.const 0x40) "things")
  (data (i32.const 0x50) "name")
  (data (i32.const 0x60) "owner")
  (data (i32.const 0x70) "/things")
  (data (i32.const 0x80) "no such proof")

  ;; manifest: id, label, url, proof; columns: two
  (data (i32.const 0x100)
    "\10\00\00\00\07\00\00\00" "\10\00\00\00\07\00\00\00" "\20\00\00\00\13\00\00\00" "\40\00\00\00\06\00\00\00"
    "\80\01\00\00\02\00\00\00")
  (data (i32.const 0x180) "\50\00\00\00\04\00\00\00" "\60\00\00\00\05\00\00\00")

  ;; 0x200: open's result, ok and a handle. 0x210: an error.
  (data (i32.const 0x210) "\01\00\00\00" "\80\00\00\00\0d\00\00\00")
  ;; next, at first: some path. 0x240: none.
  (data (i32.const 0x220) "\01\00\00\00" "\70\00\00\00\07\00\00\00")

  ;; feed: one row, of two values
  (data (i32.const 0x260) "\80\02\00\00\01\00\00\00")
  (data (i32.const 0x280) "\00\03\00\00\02\00\00\00")
  ;; the values: some text, which feed sets, and none
  (data (i32.const 0x300) "\01")
)
