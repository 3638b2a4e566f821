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

  ;; Reads and unmasks frames from $at on, as long as each is a whole message in one frame that lies before $end: FIN,
  ;; no reserved bits, text or binary, its mask bit equal to $masked (0x8000 or 0), its length in the shortest form and
  ;; at most $longest. Stops before the first that is not, or when it has found $most.
  ;;
  ;; For each, two words from 65536 on: where its payload begins; and its length times 4, plus 2 if a byte of it is
  ;; not ASCII, plus 1 if it is text. Returns how many there are.
  (func (export "scan")
    (param $at i32) (param $end i32) (param $masked i32) (param $longest i32) (param $most i32) (result i32)
    (local $first i32)
    (local $length i32)
    (local $start i32)
    (local $entry i32)
    (local.set $entry (i32.const 65536))
    (local.set $most (i32.add (local.get $entry) (i32.shl (local.get $most) (i32.const 3))))

    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $entry) (local.get $most)))
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 2)) (local.get $end)))
        (local.set $first (i32.load16_u (local.get $at)))
        ;; FIN, no reserved bit, opcode 0 to 3; then without 0 and 3; then the mask bit.
        (br_if $done (i32.ne (i32.and (local.get $first) (i32.const 0xfc)) (i32.const 0x80)))
        (br_if $done
          (i32.eqz (i32.and (i32.add (local.get $first) (i32.const 1)) (i32.const 2))))
        (br_if $done (i32.ne (i32.and (local.get $first) (i32.const 0x8000)) (local.get $masked)))

        (local.set $length (i32.and (i32.shr_u (local.get $first) (i32.const 8)) (i32.const 0x7f)))
        (local.set $start (i32.add (local.get $at) (i32.const 2)))
        (if (i32.ge_u (local.get $length) (i32.const 126))
          (then
            ;; What needs eight bytes of length does not fit in a page.
            (br_if $done (i32.eq (local.get $length) (i32.const 127)))
            (local.set $start (i32.add (local.get $at) (i32.const 4)))
            (br_if $done (i32.gt_u (local.get $start) (local.get $end)))
            (local.set $length
              (i32.or
                (i32.shl (i32.load8_u offset=2 (local.get $at)) (i32.const 8))
                (i32.load8_u offset=3 (local.get $at))))
            (br_if $done (i32.lt_u (local.get $length) (i32.const 126)))))
        (br_if $done (i32.gt_u (local.get $length) (local.get $longest)))
        (if (local.get $masked)
          (then (local.set $start (i32.add (local.get $start) (i32.const 4)))))
        (local.set $at (i32.add (local.get $start) (local.get $length)))
        (br_if $done (i32.gt_u (local.get $at) (local.get $end)))

        (i32.store (local.get $entry) (local.get $start))
        (i32.store offset=4 (local.get $entry)
          (i32.or
            (i32.shl (local.get $length) (i32.const 2))
            (i32.or
              (i32.and (local.get $first) (i32.const 1))
              (select (i32.const 2) (i32.const 0)
                (i32.and
                  (call $mask
                    (local.get $start)
                    (local.get $at)
                    (if (result i32) (local.get $masked)
                      (then (i32.load (i32.sub (local.get $start) (i32.const 4))))
                      (else (i32.const 0))))
                  (i32.const 0x80808080))))))
        (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
        (br $next)))
    (i32.shr_u (i32.sub (local.get $entry) (i32.const 65536)) (i32.const 3))))
