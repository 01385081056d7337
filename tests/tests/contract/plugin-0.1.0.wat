;; A plugin built against version 0.1.0 of the contract, by hand, so that no later tool or kit changes
;; it. It collects one proof type, whose one row names what it was given.
;;
;; What its calls give back lies below, as the canonical ABI lays it out: little-endian, at 4 bytes a
;; pointer or a length, and the case of a variant before its payload.
(module
  (import "[export]exhibit:plugin/collection@0.1.0" "[resource-new]session"
    (func $new_session (param i32) (result i32)))
  (import "[export]exhibit:plugin/testing@0.1.0" "[resource-new]tester"
    (func $new_tester (param i32) (result i32)))

  (memory (export "memory") 2)
  ;; Whether the one answer came.
  (global $answered (mut i32) (i32.const 0))
  ;; Where the next of the host's values goes. Never freed: one session fits.
  (global $free (mut i32) (i32.const 65536))

  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get 3)))
    (local.get $at))

  (func (export "exhibit:plugin/catalog@0.1.0#describe") (result i32) (i32.const 0x100))
  (func (export "exhibit:plugin/catalog@0.1.0#resolve") (param i32 i32) (result i32) (i32.const 0x180))

  (func (export "exhibit:plugin/collection@0.1.0#[static]session.open")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i64 i64 i64 i32 i32 i32) (result i32)
    (i32.store (i32.const 0x804) (call $new_session (i32.const 1)))
    (i32.const 0x800))
  (func (export "exhibit:plugin/collection@0.1.0#[method]session.next") (param i32) (result i32)
    (select (i32.const 0x480) (i32.const 0x400) (global.get $answered)))
  (func (export "exhibit:plugin/collection@0.1.0#[method]session.waited") (param i32))
  (func (export "exhibit:plugin/collection@0.1.0#[method]session.accept")
    (param i32 i32 i32 i32) (result i32) (i32.const 0x840))
  (func (export "exhibit:plugin/collection@0.1.0#[method]session.feed")
    (param $self i32) (param $bytes i32) (param $length i32) (result i32)
    ;; The row's one text is the chunk.
    (i32.store (i32.const 0x588) (local.get $bytes))
    (i32.store (i32.const 0x58c) (local.get $length))
    (i32.const 0x500))
  (func (export "exhibit:plugin/collection@0.1.0#[method]session.end") (param i32) (result i32)
    (global.set $answered (i32.const 1))
    (i32.const 0x840))
  (func (export "exhibit:plugin/collection@0.1.0#[method]session.interrupted") (param i32))
  (func (export "exhibit:plugin/collection@0.1.0#[method]session.checkpoint") (param i32) (result i32)
    (i32.const 0x840))

  (func (export "exhibit:plugin/testing@0.1.0#[static]tester.open") (param i32 i32 i32 i32 i64) (result i32)
    (i32.store (i32.const 0x804) (call $new_tester (i32.const 1)))
    (i32.const 0x800))
  (func (export "exhibit:plugin/testing@0.1.0#[method]tester.fields") (param i32) (result i32)
    (i32.const 0x840))
  (func (export "exhibit:plugin/testing@0.1.0#[method]tester.observe") (param i32 i32 i32) (result i32)
    (i32.const 0x840))
  (func (export "exhibit:plugin/testing@0.1.0#[method]tester.finish") (param i32) (result i32)
    (i32.const 0x840))

  ;; Texts.
  (data (i32.const 0x10) "frozen")
  (data (i32.const 0x20) "0.1.0")
  (data (i32.const 0x30) "Things")
  (data (i32.const 0x40) "things")
  (data (i32.const 0x50) "name")
  (data (i32.const 0x60) "api")
  (data (i32.const 0x70) "https://api.example")
  (data (i32.const 0x90) "0 6 * * 1")
  (data (i32.const 0xa0) "/things")

  ;; manifest: id, version, label, vendor
  (data (i32.const 0x100)
    "\10\00\00\00\06\00\00\00" "\20\00\00\00\05\00\00\00" "\30\00\00\00\06\00\00\00" "\10\00\00\00\06\00\00\00")
  ;; settings, secrets, auth and answer-headers are empty; proof-types: one; operations: none
  (data (i32.const 0x140) "\00\02\00\00\01\00\00\00")

  ;; resolve: ok, one origin
  (data (i32.const 0x180) "\00\00\00\00" "\90\01\00\00\01\00\00\00")
  ;; origin: name, some url, no portal
  (data (i32.const 0x190) "\60\00\00\00\03\00\00\00" "\01\00\00\00\70\00\00\00\13\00\00\00")

  ;; proof-type: name, label, help; fields: one; key: one; criteria: none; no window
  (data (i32.const 0x200)
    "\40\00\00\00\06\00\00\00" "\30\00\00\00\06\00\00\00" "\30\00\00\00\06\00\00\00"
    "\80\02\00\00\01\00\00\00" "\b0\02\00\00\01\00\00\00")
  ;; needs: none; no link; schedule; suggested: none
  (data (i32.const 0x264) "\90\00\00\00\09\00\00\00")
  ;; field: name, no aliases, label, kind text, help, shown, not personal
  (data (i32.const 0x280)
    "\50\00\00\00\04\00\00\00" "\00\00\00\00\00\00\00\00" "\30\00\00\00\06\00\00\00" "\00\00\00\00"
    "\30\00\00\00\06\00\00\00" "\01\00\00\00")
  ;; the key's one name
  (data (i32.const 0x2b0) "\50\00\00\00\04\00\00\00")

  ;; next, at first: ok, and from 0x408 on send, from 0x410 on a request: origin, get, path; all else is
  ;; empty, none or read
  (data (i32.const 0x410) "\60\00\00\00\03\00\00\00" "\00\00\00\00" "\a0\00\00\00\07\00\00\00")
  ;; next, in the end: ok, finished, and from 0x490 on a summary of one page with one row
  (data (i32.const 0x488) "\02\00\00\00\00\00\00\00" "\01\00\00\00\00\00\00\00" "\01")

  ;; feed: ok, a batch of one row, nothing rejected
  (data (i32.const 0x500) "\00\00\00\00" "\60\05\00\00\01\00\00\00")
  ;; the row: one value
  (data (i32.const 0x560) "\80\05\00\00\01\00\00\00")
  ;; the value: a text, which feed sets
  (data (i32.const 0x580) "\02")

  ;; 0x800: open's result, ok and a handle. 0x840: a result that is ok, with nothing in it; an empty list.
)
