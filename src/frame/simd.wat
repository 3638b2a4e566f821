;; Masking (RFC 6455 section 5.3) sixteen bytes at a time, and many small frames in one call, in the module's own
;; memory: bytes of frames in its first page, what was found of them in its second.
;; scripts/assemble.js turns this file into src/frame/simd-code.ts; a test compares the two.
(module
  (memory (export "memory") 2 2)

  ;; Masks memory[at, end) with a key whose lowest byte belongs to memory[at].
  ;; Returns the bitwise OR of all resulting bytes, in any byte of the number.
  (func $mask (export "mask") (param $at i32) (param $end i32) (param $key i32) (result i32)
    (local $keys v128)
    (local $a v128)
    (local $b v128)
    (local $c v128)
    (local $d v128)
    (local $all v128)
    (local $bits i32)
    (local $word i32)
    (local.set $keys (i32x4.splat (local.get $key)))

    (block $under64
      (loop $by64
        (br_if $under64 (i32.gt_u (i32.add (local.get $at) (i32.const 64)) (local.get $end)))
        (v128.store (local.get $at)
          (local.tee $a (v128.xor (v128.load (local.get $at)) (local.get $keys))))
        (v128.store offset=16 (local.get $at)
          (local.tee $b (v128.xor (v128.load offset=16 (local.get $at)) (local.get $keys))))
        (v128.store offset=32 (local.get $at)
          (local.tee $c (v128.xor (v128.load offset=32 (local.get $at)) (local.get $keys))))
        (v128.store offset=48 (local.get $at)
          (local.tee $d (v128.xor (v128.load offset=48 (local.get $at)) (local.get $keys))))
        (local.set $all
          (v128.or (local.get $all)
            (v128.or (v128.or (local.get $a) (local.get $b)) (v128.or (local.get $c) (local.get $d)))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $by64)))

    (block $under16
      (loop $by16
        (br_if $under16 (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
        (v128.store (local.get $at)
          (local.tee $a (v128.xor (v128.load (local.get $at)) (local.get $keys))))
        (local.set $all (v128.or (local.get $all) (local.get $a)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $by16)))

    (local.set $bits
      (i32.or
        (i32.or (i32x4.extract_lane 0 (local.get $all)) (i32x4.extract_lane 1 (local.get $all)))
        (i32.or (i32x4.extract_lane 2 (local.get $all)) (i32x4.extract_lane 3 (local.get $all)))))

    (block $under4
      (loop $by4
        (br_if $under4 (i32.gt_u (i32.add (local.get $at) (i32.const 4)) (local.get $end)))
        (i32.store (local.get $at)
          (local.tee $word (i32.xor (i32.load (local.get $at)) (local.get $key))))
        (local.set $bits (i32.or (local.get $bits) (local.get $word)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $by4)))

    (block $done
      (loop $by1
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $word
          (i32.and (i32.xor (i32.load8_u (local.get $at)) (local.get $key)) (i32.const 255)))
        (i32.store8 (local.get $at) (local.get $word))
        (local.set $bits (i32.or (local.get $bits) (local.get $word)))
        (local.set $key (i32.shr_u (local.get $key) (i32.const 8)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $by1)))
    (local.get $bits))

  ;; Length of the payload whose header `head` has read.
  (global $length (mut i32) (i32.const 0))

  ;; Reads the second byte of a header and what follows. Returns where the payload begins, or 0 when it is not all
  ;; before $end, its mask bit is not $masked (0x80 or 0), or its length does not stand in its shortest form.
  (func $head (param $at i32) (param $end i32) (param $masked i32) (result i32)
    (local $length i32)
    (local $start i32)
    (local.set $start (i32.add (local.get $at) (i32.const 2)))
    (if (i32.gt_u (local.get $start) (local.get $end)) (then (return (i32.const 0))))
    (local.set $length (i32.load8_u offset=1 (local.get $at)))
    (if (i32.ne (i32.and (local.get $length) (i32.const 0x80)) (local.get $masked))
      (then (return (i32.const 0))))
    (local.set $length (i32.and (local.get $length) (i32.const 0x7f)))
    (if (i32.ge_u (local.get $length) (i32.const 126))
      (then
        ;; What needs eight bytes of length does not fit in a page.
        (if (i32.eq (local.get $length) (i32.const 127)) (then (return (i32.const 0))))
        (local.set $start (i32.add (local.get $at) (i32.const 4)))
        (if (i32.gt_u (local.get $start) (local.get $end)) (then (return (i32.const 0))))
        (local.set $length
          (i32.or
            (i32.shl (i32.load8_u offset=2 (local.get $at)) (i32.const 8))
            (i32.load8_u offset=3 (local.get $at))))
        (if (i32.lt_u (local.get $length) (i32.const 126)) (then (return (i32.const 0))))))
    (if (local.get $masked)
      (then (local.set $start (i32.add (local.get $start) (i32.const 4)))))
    (if (i32.gt_u (i32.add (local.get $start) (local.get $length)) (local.get $end))
      (then (return (i32.const 0))))
    (global.set $length (local.get $length))
    (local.get $start))

  ;; Unmasks the payload that begins at $start, whose length `head` has left. Returns the bitwise OR of its bytes.
  (func $unmask (param $start i32) (param $masked i32) (result i32)
    (call $mask
      (local.get $start)
      (i32.add (local.get $start) (global.get $length))
      (if (result i32) (local.get $masked)
        (then (i32.load (i32.sub (local.get $start) (i32.const 4))))
        (else (i32.const 0)))))

  ;; Writes down a message: where its payload begins; its length times 4, plus 2 if a byte of it is not ASCII, plus 1
  ;; if $first is the opcode of text; where the next frame begins.
  (func $note
    (param $entry i32) (param $start i32) (param $length i32) (param $bits i32) (param $first i32) (param $next i32)
    (i32.store (local.get $entry) (local.get $start))
    (i32.store offset=4 (local.get $entry)
      (i32.or
        (i32.shl (local.get $length) (i32.const 2))
        (i32.or
          (i32.and (local.get $first) (i32.const 1))
          (select (i32.const 2) (i32.const 0) (i32.and (local.get $bits) (i32.const 0x80808080))))))
    (i32.store offset=8 (local.get $entry) (local.get $next)))

  ;; Whether a message in fragments that begins at $at lies whole before $end, with nothing between them.
  (func $isWhole
    (param $at i32) (param $end i32) (param $masked i32) (param $frame i32) (param $message i32) (param $fragments i32)
    (result i32)
    (local $start i32)
    (local $first i32)
    (loop $next
      (local.set $start (call $head (local.get $at) (local.get $end) (local.get $masked)))
      (if (i32.eqz (local.get $start)) (then (return (i32.const 0))))
      (if (i32.gt_u (global.get $length) (local.get $frame)) (then (return (i32.const 0))))
      (if (i32.gt_u (global.get $length) (local.get $message)) (then (return (i32.const 0))))
      (if (i32.eqz (local.get $fragments)) (then (return (i32.const 0))))
      ;; A first byte of 0x80 ends the message; the very first one is another.
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x80)) (then (return (i32.const 1))))
      (local.set $message (i32.sub (local.get $message) (global.get $length)))
      (local.set $fragments (i32.sub (local.get $fragments) (i32.const 1)))
      (local.set $at (i32.add (local.get $start) (global.get $length)))
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
      (local.set $first (i32.load8_u (local.get $at)))
      ;; FIN or not, no reserved bit, opcode 0.
      (br_if $next (i32.eqz (i32.and (local.get $first) (i32.const 0x7f)))))
    (i32.const 0))

  ;; Joins the fragments of the message that begins at $at behind its first header, and notes it.
  (func $join (param $at i32) (param $end i32) (param $masked i32) (param $entry i32)
    (local $first i32)
    (local $start i32)
    (local $to i32)
    (local $from i32)
    (local $bits i32)
    (local $last i32)
    (local.set $first (i32.load8_u (local.get $at)))
    (local.set $start (call $head (local.get $at) (local.get $end) (local.get $masked)))
    (local.set $from (local.get $start))
    (local.set $to (local.get $start))
    (block $done
      (loop $next
        (local.set $bits (i32.or (local.get $bits) (call $unmask (local.get $from) (local.get $masked))))
        (if (i32.ne (local.get $from) (local.get $to))
          (then (memory.copy (local.get $to) (local.get $from) (global.get $length))))
        (local.set $to (i32.add (local.get $to) (global.get $length)))
        (local.set $at (i32.add (local.get $from) (global.get $length)))
        (br_if $done (local.get $last))
        (local.set $last (i32.and (i32.load8_u (local.get $at)) (i32.const 0x80)))
        (local.set $from (call $head (local.get $at) (local.get $end) (local.get $masked)))
        (br $next)))
    (call $note
      (local.get $entry)
      (local.get $start)
      (i32.sub (local.get $to) (local.get $start))
      (local.get $bits)
      (local.get $first)
      (local.get $at)))

  ;; Finds and unmasks text and binary messages from $at on, as long as each lies whole before $end, with no reserved
  ;; bit, its mask bit equal to $masked (0x80 or 0), its lengths in the shortest form, a frame of at most $frame bytes
  ;; and all of at most $message. Stops before the first that is not, or when it has found $most. A message in at most
  ;; $fragments fragments with nothing between them is joined, and is then the only one.
  ;;
  ;; For each, three words from 65536 on, as `note` writes them. Returns how many there are.
  (func (export "scan")
    (param $at i32) (param $end i32) (param $masked i32)
    (param $frame i32) (param $message i32) (param $fragments i32) (param $most i32)
    (result i32)
    (local $first i32)
    (local $length i32)
    (local $start i32)
    (local $next i32)
    (local $key i32)
    (local $count i32)
    (local $entry i32)
    (local.set $entry (i32.const 65536))
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $count) (local.get $most)))
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $first (i32.load8_u (local.get $at)))
        ;; No reserved bit, opcode 0 to 3; then without 0 and 3.
        (br_if $done (i32.and (local.get $first) (i32.const 0x7c)))
        (br_if $done (i32.eqz (i32.and (i32.add (local.get $first) (i32.const 1)) (i32.const 2))))
        (if (i32.eqz (i32.and (local.get $first) (i32.const 0x80)))
          (then
            (br_if $done (local.get $count))
            (br_if $done
              (i32.eqz
                (call $isWhole
                  (local.get $at) (local.get $end) (local.get $masked)
                  (local.get $frame) (local.get $message) (local.get $fragments))))
            (call $join (local.get $at) (local.get $end) (local.get $masked) (local.get $entry))
            (return (i32.const 1))))

        ;; From here on as in `head`, `unmask` and `note`: calling them took a tenth of all that a message costs.
        (local.set $start (i32.add (local.get $at) (i32.const 2)))
        (br_if $done (i32.gt_u (local.get $start) (local.get $end)))
        (local.set $length (i32.load8_u offset=1 (local.get $at)))
        (br_if $done (i32.ne (i32.and (local.get $length) (i32.const 0x80)) (local.get $masked)))
        (local.set $length (i32.and (local.get $length) (i32.const 0x7f)))
        (if (i32.ge_u (local.get $length) (i32.const 126))
          (then
            (br_if $done (i32.eq (local.get $length) (i32.const 127)))
            (local.set $start (i32.add (local.get $at) (i32.const 4)))
            (br_if $done (i32.gt_u (local.get $start) (local.get $end)))
            (local.set $length
              (i32.or
                (i32.shl (i32.load8_u offset=2 (local.get $at)) (i32.const 8))
                (i32.load8_u offset=3 (local.get $at))))
            (br_if $done (i32.lt_u (local.get $length) (i32.const 126)))))
        (local.set $key (i32.const 0))
        (if (local.get $masked) (then (local.set $start (i32.add (local.get $start) (i32.const 4)))))
        (local.set $next (i32.add (local.get $start) (local.get $length)))
        (br_if $done (i32.gt_u (local.get $next) (local.get $end)))
        (br_if $done (i32.gt_u (local.get $length) (local.get $frame)))
        (br_if $done (i32.gt_u (local.get $length) (local.get $message)))
        (if (local.get $masked)
          (then (local.set $key (i32.load (i32.sub (local.get $start) (i32.const 4))))))

        (i32.store (local.get $entry) (local.get $start))
        (i32.store offset=4 (local.get $entry)
          (i32.or
            (i32.shl (local.get $length) (i32.const 2))
            (i32.or
              (i32.and (local.get $first) (i32.const 1))
              (select (i32.const 2) (i32.const 0)
                (i32.and
                  (call $mask (local.get $start) (local.get $next) (local.get $key))
                  (i32.const 0x80808080))))))
        (i32.store offset=8 (local.get $entry) (local.get $next))
        (local.set $at (local.get $next))
        (local.set $entry (i32.add (local.get $entry) (i32.const 12)))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $again)))
    (local.get $count)))
