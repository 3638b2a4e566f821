;; Masking (RFC 6455 section 5.3) sixteen bytes at a time, in the module's own memory.
;; scripts/assemble.js turns this file into src/frame/simd-code.ts; a test compares the two.
(module
  (memory (export "memory") 1 1)

  ;; Masks memory[at, end) with a key whose lowest byte belongs to memory[at].
  ;; Returns the bitwise OR of all resulting bytes, in any byte of the number.
  (func (export "mask") (param $at i32) (param $end i32) (param $key i32) (result i32)
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
    (local.get $bits)))
