;; Compresses to one deflate block or more (RFC 1951), each with the shorter of fixed codes and codes of its own.
;; scripts/assemble.js turns this file into deflate-code.ts; a test compares the two.
;;
;; The rule of this file: a match is believed only after its bytes were compared, so the hashes may be as stale as
;; they like and are never cleared. Bytes before `oldest` are never referred to.
;;
;; Memory, in bytes:
;;   0x0000  for each match length its symbol less 257 (u8)
;;   0x0180  for each of these symbols its shortest length, and extra bits << 16
;;   0x0200  each byte with its bits the other way round (u8)
;;   0x0300  the order in which the lengths of the codes for code lengths are sent (u8, RFC 1951 section 3.2.7)
;;   0x0340  how many codes have a length; then the next code of that length
;;   0x0400  how often symbols occur (u16): 288 literals and lengths; 0x0640 32 distances; 0x0680 20 code lengths
;;   0x0700  codes, and bits << 16: literals and lengths; 0x0b80 distances; 0x0c00 code lengths
;;   0x0c80  fixed codes: literals and lengths; 0x1100 distances
;;   0x1180  the symbols that occur: symbol and bits of its code (u16), how often
;;   0x2000  the lengths of the codes, run-length encoded: symbol, and extra bits << 8 (u16)
;;   0x2400  tokens: a byte, or a match's distance << 16 and length
;;   0x12400 what was written
;;   0x28000 whatever the caller keeps: bytes and hashes
(module
  (memory (export "memory") 3)
  (data (i32.const 0x300) "\10\11\12\00\08\07\09\06\0a\05\0b\04\0c\03\0d\02\0e\01\0f")

  ;; Bits that are not written yet, lowest first, and how many they are (0 to 7 between two tokens).
  (global $bits (mut i64) (i64.const 0))
  (global $pending (mut i32) (i32.const 0))
  (global $to (mut i32) (i32.const 0x12400))
  ;; Where the next token goes.
  (global $token (mut i32) (i32.const 0x2400))
  ;; Bytes that the tokens stand for.
  (global $size (mut i32) (i32.const 0))
  ;; How many of the tokens are matches.
  (global $matches (mut i32) (i32.const 0))
  ;; Where the list of symbols that occur ends, and the bits they would take with fixed codes for literals and lengths.
  (global $end (mut i32) (i32.const 0))
  (global $fixed (mut i32) (i32.const 0))
  ;; Where the next run-length encoded length goes.
  (global $run (mut i32) (i32.const 0))

  (func $put (param $value i32) (param $count i32)
    (global.set $bits
      (i64.or (global.get $bits)
        (i64.shl (i64.extend_i32_u (local.get $value)) (i64.extend_i32_u (global.get $pending)))))
    (global.set $pending (i32.add (global.get $pending) (local.get $count)))
    (i64.store (global.get $to) (global.get $bits))
    (global.set $to (i32.add (global.get $to) (i32.shr_u (global.get $pending) (i32.const 3))))
    (global.set $bits
      (i64.shr_u (global.get $bits) (i64.extend_i32_u (i32.and (global.get $pending) (i32.const 0x38)))))
    (global.set $pending (i32.and (global.get $pending) (i32.const 7))))

  ;; A code as it is written, from its highest bit on, and its bits << 16.
  (func $code (param $code i32) (param $bits i32) (result i32)
    (local.set $code (i32.shl (local.get $code) (i32.sub (i32.const 16) (local.get $bits))))
    (i32.or
      (i32.or (i32.load8_u offset=0x200 (i32.shr_u (local.get $code) (i32.const 8)))
        (i32.shl (i32.load8_u offset=0x200 (i32.and (local.get $code) (i32.const 0xff))) (i32.const 8)))
      (i32.shl (local.get $bits) (i32.const 16))))

  ;; Finds what repeats in memory[from, to), and appends tokens.
  (func $find (param $hashes i32) (param $from i32) (param $to i32) (param $oldest i32) (param $offset i32)
    (param $window i32)
    (local $at i32) (local $last i32) (local $token i32) (local $word i32) (local $seen i32)
    (local $distance i32) (local $length i32) (local $most i32) (local $differ i64)
    (local $waiting i32) (local $waitingDistance i32) (local $matches i32) (local $next i32) (local $symbol i32)
    (local.set $at (local.get $from))
    (local.set $last (i32.sub (local.get $to) (i32.const 4)))
    (local.set $token (global.get $token))
    (block $done
      (loop $each
        (block $match
          (if (i32.gt_u (local.get $at) (local.get $last))
            (then
              (br_if $done (i32.eqz (local.get $waiting)))
              (local.set $length (local.get $waiting))
              (local.set $distance (local.get $waitingDistance))
              (local.set $next (local.get $at))
              (local.set $at (i32.sub (local.get $at) (i32.const 1)))
              (br $match)))
          (local.set $word (i32.load (local.get $at)))
          (local.set $seen
            (i32.add (local.get $hashes)
              (i32.and (i32.shr_u (i32.mul (local.get $word) (i32.const 0x9e3779b1)) (i32.const 20))
                (i32.const 0xffe))))
          (local.set $next (i32.add (local.get $at) (local.get $offset)))
          (local.set $distance
            (i32.and (i32.sub (local.get $next) (i32.load16_u (local.get $seen))) (i32.const 0xffff)))
          (i32.store16 (local.get $seen) (local.get $next))
          (local.set $length (i32.const 0))
          (if
            (i32.and
              (i32.lt_u (i32.sub (local.get $distance) (i32.const 1)) (local.get $window))
              (i32.le_u (local.get $distance) (i32.sub (local.get $at) (local.get $oldest))))
            (then
              (if (i32.eq (i32.load (i32.sub (local.get $at) (local.get $distance))) (local.get $word))
                (then
                  (local.set $length (i32.const 4))
                  (local.set $most (i32.sub (local.get $to) (local.get $at)))
                  (if (i32.gt_u (local.get $most) (i32.const 258)) (then (local.set $most (i32.const 258))))
                  (block $found
                    (loop $longer
                      (br_if $found (i32.ge_u (local.get $length) (local.get $most)))
                      (local.set $next (i32.add (local.get $at) (local.get $length)))
                      (local.set $differ
                        (i64.xor (i64.load (local.get $next))
                          (i64.load (i32.sub (local.get $next) (local.get $distance)))))
                      (if (i64.ne (local.get $differ) (i64.const 0))
                        (then
                          (local.set $length
                            (i32.add (local.get $length)
                              (i32.shr_u (i32.wrap_i64 (i64.ctz (local.get $differ))) (i32.const 3))))
                          (br $found)))
                      (local.set $length (i32.add (local.get $length) (i32.const 8)))
                      (br $longer)))
                  (if (i32.gt_u (local.get $length) (local.get $most))
                    (then (local.set $length (local.get $most))))))))
          (if (local.get $waiting)
            (then
              (if (i32.le_u (local.get $length) (local.get $waiting))
                (then
                  (local.set $length (local.get $waiting))
                  (local.set $distance (local.get $waitingDistance))
                  (local.set $next (i32.add (local.get $at) (i32.const 1)))
                  (local.set $at (i32.sub (local.get $at) (i32.const 1)))
                  (br $match)))
              ;; What begins here is longer than what began a byte before: that byte goes as it is.
              (local.set $symbol (i32.load8_u (i32.sub (local.get $at) (i32.const 1))))
              (i32.store (local.get $token) (local.get $symbol))
              (local.set $token (i32.add (local.get $token) (i32.const 4)))
              (local.set $symbol (i32.shl (local.get $symbol) (i32.const 1)))
              (i32.store16 offset=0x400 (local.get $symbol)
                (i32.add (i32.load16_u offset=0x400 (local.get $symbol)) (i32.const 1)))))
          (if (i32.eqz (local.get $length))
            (then
              (local.set $symbol (i32.and (local.get $word) (i32.const 0xff)))
              (i32.store (local.get $token) (local.get $symbol))
              (local.set $token (i32.add (local.get $token) (i32.const 4)))
              (local.set $symbol (i32.shl (local.get $symbol) (i32.const 1)))
              (i32.store16 offset=0x400 (local.get $symbol)
                (i32.add (i32.load16_u offset=0x400 (local.get $symbol)) (i32.const 1)))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br $each)))
          (if (i32.lt_u (local.get $length) (i32.const 16))
            (then
              (local.set $waiting (local.get $length))
              (local.set $waitingDistance (local.get $distance))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br $each)))
          (local.set $next (i32.add (local.get $at) (i32.const 1))))
        ;; A match of `length` at `at`; bytes before `next` are noted.
        (i32.store (local.get $token)
          (i32.or (i32.shl (local.get $distance) (i32.const 16)) (local.get $length)))
        (local.set $token (i32.add (local.get $token) (i32.const 4)))
        (local.set $symbol (i32.shl (i32.load8_u (local.get $length)) (i32.const 1)))
        (i32.store16 offset=0x602 (local.get $symbol)
          (i32.add (i32.load16_u offset=0x602 (local.get $symbol)) (i32.const 1)))
        (local.set $symbol (i32.shl (call $distanceSymbol (local.get $distance)) (i32.const 1)))
        (i32.store16 offset=0x640 (local.get $symbol)
          (i32.add (i32.load16_u offset=0x640 (local.get $symbol)) (i32.const 1)))
        (local.set $at (i32.add (local.get $at) (local.get $length)))
        (local.set $matches (i32.add (local.get $matches) (i32.const 1)))
        (local.set $waiting (i32.const 0))
        (local.set $most (local.get $at))
        (if (i32.gt_u (local.get $most) (local.get $last))
          (then (local.set $most (i32.add (local.get $last) (i32.const 1)))))
        (loop $note
          (br_if $each (i32.ge_u (local.get $next) (local.get $most)))
          (i32.store16
            (i32.add (local.get $hashes)
              (i32.and
                (i32.shr_u (i32.mul (i32.load (local.get $next)) (i32.const 0x9e3779b1)) (i32.const 20))
                (i32.const 0xffe)))
            (i32.add (local.get $next) (local.get $offset)))
          (local.set $next (i32.add (local.get $next) (i32.const 4)))
          (br $note))))
    (block $end
      (loop $rest
        (br_if $end (i32.ge_u (local.get $at) (local.get $to)))
        (local.set $symbol (i32.load8_u (local.get $at)))
        (i32.store (local.get $token) (local.get $symbol))
        (local.set $token (i32.add (local.get $token) (i32.const 4)))
        (local.set $symbol (i32.shl (local.get $symbol) (i32.const 1)))
              (i32.store16 offset=0x400 (local.get $symbol)
                (i32.add (i32.load16_u offset=0x400 (local.get $symbol)) (i32.const 1)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $rest)))
    (global.set $matches (i32.add (global.get $matches) (local.get $matches)))
    (global.set $token (local.get $token)))

  (func $distanceSymbol (param $distance i32) (result i32)
    (local $extra i32)
    (local.set $distance (i32.sub (local.get $distance) (i32.const 1)))
    (if (result i32) (i32.lt_u (local.get $distance) (i32.const 4))
      (then (local.get $distance))
      (else
        (local.set $extra (i32.sub (i32.const 30) (i32.clz (local.get $distance))))
        (i32.add (i32.shl (local.get $extra) (i32.const 1))
          (i32.shr_u (local.get $distance) (local.get $extra))))))

  ;; Gives each of n symbols that occurs a code, complete and nearly the shortest, without sorting: first as many bits
  ;; as its share of the total asks for, rounded up; then what that leaves of the code space goes to those that lost
  ;; most by it. Returns the bits of all occurrences together, or -1 when there are not two symbols.
  (func $codes (param $counts i32) (param $n i32) (param $codes i32) (param $total i32) (result i32)
    (local $symbol i32) (local $count i32) (local $end i32) (local $each i32) (local $four i64) (local $take i32)
    (local $bits i32) (local $space i32) (local $share i32) (local $quarters i32) (local $cost i32) (local $fixed i32)
    (local.set $end (i32.const 0x1180))
    (local.set $space (i32.const 0x8000))
    (loop $scan
      (local.set $four (i64.load (i32.add (local.get $counts) (i32.shl (local.get $symbol) (i32.const 1)))))
      (if (i64.eqz (local.get $four))
        (then (local.set $symbol (i32.add (local.get $symbol) (i32.const 4))))
        (else
          (local.set $count (i32.and (i32.wrap_i64 (local.get $four)) (i32.const 0xffff)))
          (local.set $bits (i32.sub (i32.clz (local.get $count)) (i32.clz (local.get $total))))
          (local.set $bits
            (i32.add (local.get $bits)
              (i32.lt_u (i32.shl (local.get $count) (local.get $bits)) (local.get $total))))
          (local.set $take (i32.ne (local.get $count) (i32.const 0)))
          (i32.store16 (local.get $end) (local.get $symbol))
          (i32.store16 offset=2 (local.get $end) (local.get $bits))
          (i32.store offset=4 (local.get $end) (local.get $count))
          (local.set $end (i32.add (local.get $end) (i32.shl (local.get $take) (i32.const 3))))
          (local.set $space
            (i32.sub (local.get $space)
              (i32.shr_u (i32.shl (local.get $take) (i32.const 15)) (local.get $bits))))
          (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
          (local.set $four (i64.shr_u (local.get $four) (i64.const 16)))
          (local.set $count (i32.and (i32.wrap_i64 (local.get $four)) (i32.const 0xffff)))
          (local.set $bits (i32.sub (i32.clz (local.get $count)) (i32.clz (local.get $total))))
          (local.set $bits
            (i32.add (local.get $bits)
              (i32.lt_u (i32.shl (local.get $count) (local.get $bits)) (local.get $total))))
          (local.set $take (i32.ne (local.get $count) (i32.const 0)))
          (i32.store16 (local.get $end) (local.get $symbol))
          (i32.store16 offset=2 (local.get $end) (local.get $bits))
          (i32.store offset=4 (local.get $end) (local.get $count))
          (local.set $end (i32.add (local.get $end) (i32.shl (local.get $take) (i32.const 3))))
          (local.set $space
            (i32.sub (local.get $space)
              (i32.shr_u (i32.shl (local.get $take) (i32.const 15)) (local.get $bits))))
          (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
          (local.set $four (i64.shr_u (local.get $four) (i64.const 16)))
          (local.set $count (i32.and (i32.wrap_i64 (local.get $four)) (i32.const 0xffff)))
          (local.set $bits (i32.sub (i32.clz (local.get $count)) (i32.clz (local.get $total))))
          (local.set $bits
            (i32.add (local.get $bits)
              (i32.lt_u (i32.shl (local.get $count) (local.get $bits)) (local.get $total))))
          (local.set $take (i32.ne (local.get $count) (i32.const 0)))
          (i32.store16 (local.get $end) (local.get $symbol))
          (i32.store16 offset=2 (local.get $end) (local.get $bits))
          (i32.store offset=4 (local.get $end) (local.get $count))
          (local.set $end (i32.add (local.get $end) (i32.shl (local.get $take) (i32.const 3))))
          (local.set $space
            (i32.sub (local.get $space)
              (i32.shr_u (i32.shl (local.get $take) (i32.const 15)) (local.get $bits))))
          (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
          (local.set $four (i64.shr_u (local.get $four) (i64.const 16)))
          (local.set $count (i32.and (i32.wrap_i64 (local.get $four)) (i32.const 0xffff)))
          (local.set $bits (i32.sub (i32.clz (local.get $count)) (i32.clz (local.get $total))))
          (local.set $bits
            (i32.add (local.get $bits)
              (i32.lt_u (i32.shl (local.get $count) (local.get $bits)) (local.get $total))))
          (local.set $take (i32.ne (local.get $count) (i32.const 0)))
          (i32.store16 (local.get $end) (local.get $symbol))
          (i32.store16 offset=2 (local.get $end) (local.get $bits))
          (i32.store offset=4 (local.get $end) (local.get $count))
          (local.set $end (i32.add (local.get $end) (i32.shl (local.get $take) (i32.const 3))))
          (local.set $space
            (i32.sub (local.get $space)
              (i32.shr_u (i32.shl (local.get $take) (i32.const 15)) (local.get $bits))))
          (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
        ))
      (br_if $scan (i32.lt_u (local.get $symbol) (local.get $n))))
    (if (i32.lt_u (local.get $end) (i32.const 0x1190)) (then (return (i32.const -1))))
    ;; The longest codes can always be made a bit shorter when there is space left, so this comes to an end.
    (local.set $quarters (i32.const 6))
    (block $full
      (loop $pass
        (local.set $each (i32.const 0x1180))
        (loop $shorten
          (br_if $full (i32.eqz (local.get $space)))
          (local.set $bits (i32.load16_u offset=2 (local.get $each)))
          (local.set $share (i32.shr_u (i32.const 0x8000) (local.get $bits)))
          (local.set $take
            (i32.and
              (i32.and (i32.gt_u (local.get $bits) (i32.const 1))
                (i32.le_u (local.get $share) (local.get $space)))
              (i32.ge_u
                (i32.shl (i32.load offset=4 (local.get $each)) (i32.add (local.get $bits) (i32.const 2)))
                (i32.mul (local.get $total) (local.get $quarters)))))
          (i32.store16 offset=2 (local.get $each) (i32.sub (local.get $bits) (local.get $take)))
          (local.set $space
            (i32.sub (local.get $space) (i32.and (local.get $share) (i32.sub (i32.const 0) (local.get $take)))))
          (local.set $each (i32.add (local.get $each) (i32.const 8)))
          (br_if $shorten (i32.lt_u (local.get $each) (local.get $end))))
        (if (local.get $quarters)
          (then (local.set $quarters (i32.sub (local.get $quarters) (i32.const 2)))))
        (br $pass)))
    ;; The codes themselves (RFC 1951 section 3.2.2).
    (i64.store (i32.const 0x340) (i64.const 0))
    (i64.store (i32.const 0x348) (i64.const 0))
    (i64.store (i32.const 0x350) (i64.const 0))
    (i64.store (i32.const 0x358) (i64.const 0))
    (i64.store (i32.const 0x360) (i64.const 0))
    (i64.store (i32.const 0x368) (i64.const 0))
    (i64.store (i32.const 0x370) (i64.const 0))
    (i64.store (i32.const 0x378) (i64.const 0))
    (local.set $each (i32.const 0x1180))
    (loop $tally
      (local.set $bits (i32.shl (i32.load16_u offset=2 (local.get $each)) (i32.const 2)))
      (i32.store offset=0x340 (local.get $bits)
        (i32.add (i32.load offset=0x340 (local.get $bits)) (i32.const 1)))
      (local.set $each (i32.add (local.get $each) (i32.const 8)))
      (br_if $tally (i32.lt_u (local.get $each) (local.get $end))))
    (local.set $bits (i32.const 4))
    (local.set $share (i32.const 0))
    (loop $first
      (local.set $count (i32.load offset=0x340 (local.get $bits)))
      (i32.store offset=0x340 (local.get $bits) (local.get $share))
      (local.set $share (i32.shl (i32.add (local.get $share) (local.get $count)) (i32.const 1)))
      (local.set $bits (i32.add (local.get $bits) (i32.const 4)))
      (br_if $first (i32.lt_u (local.get $bits) (i32.const 64))))
    (local.set $each (i32.const 0x1180))
    (loop $assign
      (local.set $symbol (i32.load16_u (local.get $each)))
      (local.set $bits (i32.load16_u offset=2 (local.get $each)))
      (local.set $symbol (i32.shl (local.get $symbol) (i32.const 2)))
      (local.set $cost
        (i32.add (local.get $cost)
          (i32.mul (i32.load offset=4 (local.get $each)) (local.get $bits))))
      (local.set $fixed
        (i32.add (local.get $fixed)
          (i32.mul (i32.load offset=4 (local.get $each)) (i32.load16_u offset=0xc82 (local.get $symbol)))))
      (local.set $share (i32.shl (local.get $bits) (i32.const 2)))
      (local.set $count (i32.load offset=0x340 (local.get $share)))
      (i32.store offset=0x340 (local.get $share) (i32.add (local.get $count) (i32.const 1)))
      (i32.store (i32.add (local.get $codes) (local.get $symbol))
        (call $code (local.get $count) (local.get $bits)))
      (local.set $each (i32.add (local.get $each) (i32.const 8)))
      (br_if $assign (i32.lt_u (local.get $each) (local.get $end))))
    (global.set $fixed (local.get $fixed))
    (global.set $end (local.get $end))
    (local.get $cost))

  ;; Appends the lengths of the codes that $codes made last, run-length encoded (RFC 1951 section 3.2.7).
  ;; Returns how many lengths there are, up to the last one that is not 0.
  (func $runs (result i32)
    (local $at i32) (local $run i32) (local $symbol i32) (local $bits i32) (local $next i32) (local $last i32)
    (local $same i32) (local $gap i32) (local $part i32)
    (local.set $at (i32.const 0x1180))
    (local.set $run (global.get $run))
    (loop $each
      (block $counted
        (if (i32.lt_u (local.get $at) (global.get $end))
          (then
            (local.set $symbol (i32.load16_u (local.get $at)))
            (local.set $bits (i32.load16_u offset=2 (local.get $at)))
            (local.set $gap (i32.sub (local.get $symbol) (local.get $next)))
            (local.set $next (i32.add (local.get $symbol) (i32.const 1)))
            (if (i32.eqz (i32.or (local.get $gap) (i32.xor (local.get $bits) (local.get $last))))
              (then
                (local.set $same (i32.add (local.get $same) (i32.const 1)))
                (br $counted)))))
        ;; What was the same as the one before.
        (block $few
          (loop $repeat
            (br_if $few (i32.lt_u (local.get $same) (i32.const 3)))
            (local.set $part
              (select (i32.const 6) (local.get $same) (i32.gt_u (local.get $same) (i32.const 6))))
            (i32.store16 (local.get $run)
              (i32.add (i32.shl (local.get $part) (i32.const 8)) (i32.const -752)))
            (local.set $run (i32.add (local.get $run) (i32.const 2)))
            (local.set $same (i32.sub (local.get $same) (local.get $part)))
            (br $repeat)))
        (i32.store16 (local.get $run) (local.get $last))
        (i32.store16 offset=2 (local.get $run) (local.get $last))
        (local.set $run (i32.add (local.get $run) (i32.shl (local.get $same) (i32.const 1))))
        (local.set $same (i32.const 0))
        (br_if $counted (i32.ge_u (local.get $at) (global.get $end)))
        ;; Symbols that do not occur.
        (block $little
          (loop $zeros
            (br_if $little (i32.lt_u (local.get $gap) (i32.const 11)))
            (local.set $part
              (select (i32.const 138) (local.get $gap) (i32.gt_u (local.get $gap) (i32.const 138))))
            (i32.store16 (local.get $run)
              (i32.add (i32.shl (local.get $part) (i32.const 8)) (i32.const -2798)))
            (local.set $run (i32.add (local.get $run) (i32.const 2)))
            (local.set $gap (i32.sub (local.get $gap) (local.get $part)))
            (br $zeros)))
        (if (i32.ge_u (local.get $gap) (i32.const 3))
          (then
            (i32.store16 (local.get $run)
              (i32.add (i32.shl (local.get $gap) (i32.const 8)) (i32.const -751)))
            (local.set $run (i32.add (local.get $run) (i32.const 2)))
            (local.set $gap (i32.const 0))))
        (i32.store (local.get $run) (i32.const 0))
        (local.set $run (i32.add (local.get $run) (i32.shl (local.get $gap) (i32.const 1))))
        (i32.store16 (local.get $run) (local.get $bits))
        (local.set $run (i32.add (local.get $run) (i32.const 2)))
        (local.set $last (local.get $bits)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $each (i32.le_u (local.get $at) (global.get $end))))
    (global.set $run (local.get $run))
    (local.get $next))

  ;; Finds codes for the tokens, and writes the block's header when they beat fixed ones, or a fixed block's header.
  ;; Returns where the codes are.
  (func $header (result i32)
    (local $own i32) (local $fixed i32) (local $literals i32) (local $distances i32) (local $order i32)
    (local $used i32) (local $at i32) (local $count i32)
    (local $bits i64) (local $pending i32) (local $to i32)
    (global.set $run (i32.const 0x2000))
    (local.set $own
      (call $codes (i32.const 0x400) (i32.const 288) (i32.const 0x700)
        (i32.add (i32.shr_u (i32.sub (global.get $token) (i32.const 0x2400)) (i32.const 2)) (i32.const 1))))
    (local.set $fixed (i32.add (global.get $fixed) (i32.mul (global.get $matches) (i32.const 5))))
    (local.set $literals (call $runs))
    (local.set $count
      (call $codes (i32.const 0x640) (i32.const 32) (i32.const 0xb80) (global.get $matches)))
    (if (i32.lt_s (local.get $count) (i32.const 0))
      (then
        ;; Some readers want two distances at least.
        (i32.store16 (i32.const 0x640) (i32.add (i32.load16_u (i32.const 0x640)) (i32.const 1)))
        (i32.store16 (i32.const 0x642) (i32.add (i32.load16_u (i32.const 0x642)) (i32.const 1)))
        (local.set $count
          (call $codes (i32.const 0x640) (i32.const 32) (i32.const 0xb80)
            (i32.add (global.get $matches) (i32.const 2))))))
    (local.set $own (i32.add (local.get $own) (local.get $count)))
    (local.set $distances (call $runs))
    (local.set $at (i32.const 0x2000))
    (loop $each
      (local.set $count (i32.shl (i32.load8_u (local.get $at)) (i32.const 1)))
      (i32.store16 offset=0x680 (local.get $count)
        (i32.add (i32.load16_u offset=0x680 (local.get $count)) (i32.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 2)))
      (br_if $each (i32.lt_u (local.get $at) (global.get $run))))
    (local.set $own
      (i32.add (local.get $own)
        (i32.add (i32.mul (i32.load16_u (i32.const 0x6a0)) (i32.const 2))
          (i32.add (i32.mul (i32.load16_u (i32.const 0x6a2)) (i32.const 3))
            (i32.mul (i32.load16_u (i32.const 0x6a4)) (i32.const 7))))))
    ;; No code for a code length may have more than seven bits, the logarithm of the total.
    (local.set $count (i32.shr_u (i32.sub (global.get $run) (i32.const 0x2000)) (i32.const 1)))
    (local.set $used (i32.const 0))
    (block $light
      (loop $lighten
        (br_if $light (i32.le_u (local.get $count) (i32.const 0x80)))
        (local.set $used (i32.add (local.get $used) (i32.const 1)))
        (local.set $count (i32.const 0))
        (local.set $at (i32.const 0))
        (loop $halve
          (i32.store16 offset=0x680 (local.get $at)
            (i32.shr_u (i32.add (i32.load16_u offset=0x680 (local.get $at)) (i32.const 1)) (i32.const 1)))
          (local.set $count (i32.add (local.get $count) (i32.load16_u offset=0x680 (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (br_if $halve (i32.lt_u (local.get $at) (i32.const 38))))
        (br $lighten)))
    (memory.fill (i32.const 0xc00) (i32.const 0) (i32.const 80))
    (local.set $own
      (i32.add (local.get $own)
        (i32.shl (call $codes (i32.const 0x680) (i32.const 20) (i32.const 0xc00) (local.get $count))
          (local.get $used))))
    (local.set $order (i32.const 19))
    (loop $back
      (local.set $order (i32.sub (local.get $order) (i32.const 1)))
      (br_if $back
        (i32.eqz
          (i32.load offset=0xc00
            (i32.shl (i32.load8_u offset=0x300 (local.get $order)) (i32.const 2))))))
    (local.set $order (i32.add (local.get $order) (i32.const 1)))
    (local.set $own
      (i32.add (local.get $own) (i32.add (i32.const 14) (i32.mul (local.get $order) (i32.const 3)))))
    (if (i32.le_u (local.get $fixed) (local.get $own))
      (then
        (call $put (i32.const 2) (i32.const 3))
        (return (i32.const 0xc80))))
    (call $put
      (i32.or
        (i32.or (i32.const 4) (i32.shl (i32.sub (local.get $literals) (i32.const 257)) (i32.const 3)))
        (i32.or (i32.shl (i32.sub (local.get $distances) (i32.const 1)) (i32.const 8))
          (i32.shl (i32.sub (local.get $order) (i32.const 4)) (i32.const 13))))
      (i32.const 17))
    (local.set $bits (global.get $bits))
    (local.set $pending (global.get $pending))
    (local.set $to (global.get $to))
    ;; At most 19 * 3 bits, with the seven that wait.
    (local.set $at (i32.const 0))
    (loop $each
      (local.set $bits
        (i64.or (local.get $bits)
          (i64.shl
            (i64.load16_u offset=0xc02
              (i32.shl (i32.load8_u offset=0x300 (local.get $at)) (i32.const 2)))
            (i64.extend_i32_u (local.get $pending)))))
      (local.set $pending (i32.add (local.get $pending) (i32.const 3)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $each (i32.lt_u (local.get $at) (local.get $order))))
    (local.set $at (i32.const 0x2000))
    (loop $each
      (i64.store (local.get $to) (local.get $bits))
      (local.set $to (i32.add (local.get $to) (i32.shr_u (local.get $pending) (i32.const 3))))
      (local.set $bits
        (select (i64.const 0)
          (i64.shr_u (local.get $bits) (i64.extend_i32_u (i32.and (local.get $pending) (i32.const 0x38))))
          (i32.eq (local.get $pending) (i32.const 64))))
      (local.set $pending (i32.and (local.get $pending) (i32.const 7)))
      (local.set $count (i32.shl (i32.load8_u (local.get $at)) (i32.const 2)))
      (local.set $used (i32.load16_u offset=0xc02 (local.get $count)))
      (local.set $bits
        (i64.or (local.get $bits)
          (i64.shl
            (i64.extend_i32_u
              (i32.or (i32.load16_u offset=0xc00 (local.get $count))
                (i32.shl (i32.load8_u offset=1 (local.get $at)) (local.get $used))))
            (i64.extend_i32_u (local.get $pending)))))
      (local.set $pending (i32.add (local.get $pending) (local.get $used)))
      (if (i32.ge_u (local.get $count) (i32.const 64))
        (then
          (local.set $pending
            (i32.add (local.get $pending)
              (i32.add (i32.shr_u (i32.sub (local.get $count) (i32.const 56)) (i32.const 2))
                (i32.mul (i32.eq (local.get $count) (i32.const 72)) (i32.const 3)))))))
      (local.set $at (i32.add (local.get $at) (i32.const 2)))
      (br_if $each (i32.lt_u (local.get $at) (global.get $run))))
    (i64.store (local.get $to) (local.get $bits))
    (global.set $to (i32.add (local.get $to) (i32.shr_u (local.get $pending) (i32.const 3))))
    (global.set $bits
      (i64.shr_u (local.get $bits) (i64.extend_i32_u (i32.and (local.get $pending) (i32.const 0x38)))))
    (global.set $pending (i32.and (local.get $pending) (i32.const 7)))
    (i32.const 0x700))

  ;; Writes a block of the tokens that there are.
  (func $block
    (local $codes i32) (local $at i32) (local $end i32) (local $token i32) (local $code i32) (local $extra i32)
    (local $symbol i32) (local $distance i32) (local $bits i64) (local $pending i32) (local $to i32)
    (local.set $end (global.get $token))
    (i32.store16 (i32.const 0x600) (i32.const 1))
    (if (i32.or (i32.lt_u (global.get $size) (i32.const 192)) (i32.lt_u (local.get $end) (i32.const 0x24c0)))
      (then
        (call $put (i32.const 2) (i32.const 3))
        (local.set $codes (i32.const 0xc80)))
      (else (local.set $codes (call $header))))
    (local.set $bits (global.get $bits))
    (local.set $pending (global.get $pending))
    (local.set $to (global.get $to))
    (local.set $at (i32.const 0x2400))
    (loop $each
      (local.set $token (i32.load (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (if (i32.le_u (local.get $token) (i32.const 0xff))
        (then
          (local.set $code
            (i32.load (i32.add (local.get $codes) (i32.shl (local.get $token) (i32.const 2)))))
          (local.set $bits
            (i64.or (local.get $bits)
              (i64.shl (i64.extend_i32_u (i32.and (local.get $code) (i32.const 0xffff)))
                (i64.extend_i32_u (local.get $pending)))))
          (local.set $pending (i32.add (local.get $pending) (i32.shr_u (local.get $code) (i32.const 16))))
          ;; A code has 15 bits at most, so another one has room.
          (br_if $each
            (i32.and (i32.lt_u (local.get $pending) (i32.const 48)) (i32.lt_u (local.get $at) (local.get $end)))))
        (else
          (i64.store (local.get $to) (local.get $bits))
          (local.set $to (i32.add (local.get $to) (i32.shr_u (local.get $pending) (i32.const 3))))
          (local.set $bits
            (i64.shr_u (local.get $bits) (i64.extend_i32_u (i32.and (local.get $pending) (i32.const 0x38)))))
          (local.set $pending (i32.and (local.get $pending) (i32.const 7)))
          (local.set $distance (i32.shr_u (local.get $token) (i32.const 16)))
          (local.set $token (i32.and (local.get $token) (i32.const 0xffff)))
          (local.set $symbol (i32.shl (i32.load8_u (local.get $token)) (i32.const 2)))
          (local.set $code (i32.load offset=1028 (i32.add (local.get $codes) (local.get $symbol))))
          (local.set $extra (i32.load offset=0x180 (local.get $symbol)))
          (local.set $bits
            (i64.or (local.get $bits)
              (i64.shl (i64.extend_i32_u (i32.and (local.get $code) (i32.const 0xffff)))
                (i64.extend_i32_u (local.get $pending)))))
          (local.set $pending (i32.add (local.get $pending) (i32.shr_u (local.get $code) (i32.const 16))))
          (local.set $bits
            (i64.or (local.get $bits)
              (i64.shl
                (i64.extend_i32_u
                  (i32.sub (local.get $token) (i32.and (local.get $extra) (i32.const 0xffff))))
                (i64.extend_i32_u (local.get $pending)))))
          (local.set $pending (i32.add (local.get $pending) (i32.shr_u (local.get $extra) (i32.const 16))))
          (local.set $symbol (call $distanceSymbol (local.get $distance)))
          (local.set $code
            (i32.load offset=0x480
              (i32.add (local.get $codes) (i32.shl (local.get $symbol) (i32.const 2)))))
          (local.set $bits
            (i64.or (local.get $bits)
              (i64.shl (i64.extend_i32_u (i32.and (local.get $code) (i32.const 0xffff)))
                (i64.extend_i32_u (local.get $pending)))))
          (local.set $pending (i32.add (local.get $pending) (i32.shr_u (local.get $code) (i32.const 16))))
          (if (i32.ge_u (local.get $symbol) (i32.const 4))
            (then
              (local.set $extra (i32.sub (i32.shr_u (local.get $symbol) (i32.const 1)) (i32.const 1)))
              (local.set $bits
                (i64.or (local.get $bits)
                  (i64.shl
                    (i64.extend_i32_u
                      (i32.and (i32.sub (local.get $distance) (i32.const 1))
                        (i32.sub (i32.shl (i32.const 1) (local.get $extra)) (i32.const 1))))
                    (i64.extend_i32_u (local.get $pending)))))
              (local.set $pending (i32.add (local.get $pending) (local.get $extra)))))))
      (i64.store (local.get $to) (local.get $bits))
      (local.set $to (i32.add (local.get $to) (i32.shr_u (local.get $pending) (i32.const 3))))
      (local.set $bits
        (i64.shr_u (local.get $bits) (i64.extend_i32_u (i32.and (local.get $pending) (i32.const 0x38)))))
      (local.set $pending (i32.and (local.get $pending) (i32.const 7)))
      (br_if $each (i32.lt_u (local.get $at) (local.get $end))))
    (global.set $bits (local.get $bits))
    (global.set $pending (local.get $pending))
    (global.set $to (local.get $to))
    (local.set $code (i32.load offset=0x400 (local.get $codes)))
    (call $put (i32.and (local.get $code) (i32.const 0xffff)) (i32.shr_u (local.get $code) (i32.const 16)))
    (call $clear))

  ;; Drops the tokens, and how often they occurred.
  (func $clear
    (memory.fill (i32.const 0x400) (i32.const 0) (i32.const 0x2b0))
    (global.set $size (i32.const 0))
    (global.set $matches (i32.const 0))
    (global.set $token (i32.const 0x2400)))

  ;; Compresses memory[from, to), 1 to 4096 bytes, one part of a message.
  ;;   hashes   4096 bytes, this connection's own
  ;;   oldest   the first byte that may be referred to
  ;;   offset   what is added to an address to make a position; only its lower 16 bits matter
  ;;   window   the farthest distance
  ;;   last     whether the message ends here; 2: nothing is compressed, and what was is dropped
  ;; Returns the bytes that were written for all of the message when it ends, otherwise 0.
  (func (export "deflate") (param $hashes i32) (param $from i32) (param $to i32) (param $oldest i32)
    (param $offset i32) (param $window i32) (param $last i32) (result i32)
    (local $length i32)
    (if (i32.eq (local.get $last) (i32.const 2))
      (then
        (global.set $bits (i64.const 0))
        (global.set $pending (i32.const 0))
        (global.set $to (i32.const 0x12400))
        (call $clear)
        (return (i32.const 0))))
    (if (i32.gt_u (i32.sub (local.get $to) (local.get $from))
        (i32.shr_u (i32.sub (i32.const 0x12400) (global.get $token)) (i32.const 2)))
      (then (call $block)))
    (call $find (local.get $hashes) (local.get $from) (local.get $to) (local.get $oldest) (local.get $offset)
      (local.get $window))
    (global.set $size (i32.add (global.get $size) (i32.sub (local.get $to) (local.get $from))))
    (if (i32.eqz (local.get $last)) (then (return (i32.const 0))))
    (call $block)
    ;; An empty stored block's header, up to the end of a byte (RFC 7692 section 7.2.1).
    (call $put (i32.const 0) (i32.const 3))
    (call $put (i32.const 0) (i32.and (i32.sub (i32.const 0) (global.get $pending)) (i32.const 7)))
    (local.set $length (i32.sub (global.get $to) (i32.const 0x12400)))
    (global.set $to (i32.const 0x12400))
    (local.get $length))

  (func $tables
    (local $symbol i32) (local $length i32) (local $extra i32) (local $end i32)
    (loop $reverse
      (i32.store8 offset=0x200 (local.get $symbol)
        (i32.or
          (i32.shr_u (i32.load8_u offset=0x200 (i32.shr_u (local.get $symbol) (i32.const 1))) (i32.const 1))
          (i32.shl (local.get $symbol) (i32.const 7))))
      (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
      (br_if $reverse (i32.lt_u (local.get $symbol) (i32.const 256))))
    (local.set $symbol (i32.const 0))
    (local.set $length (i32.const 3))
    (loop $each
      (local.set $extra
        (select (i32.const 0)
          (i32.shr_u (i32.sub (local.get $symbol) (i32.const 4)) (i32.const 2))
          (i32.lt_u (local.get $symbol) (i32.const 8))))
      (i32.store offset=0x180 (i32.shl (local.get $symbol) (i32.const 2))
        (i32.or (local.get $length) (i32.shl (local.get $extra) (i32.const 16))))
      (local.set $end (i32.add (local.get $length) (i32.shl (i32.const 1) (local.get $extra))))
      (loop $fill
        (i32.store8 (local.get $length) (local.get $symbol))
        (local.set $length (i32.add (local.get $length) (i32.const 1)))
        (br_if $fill (i32.lt_u (local.get $length) (local.get $end))))
      (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
      (br_if $each (i32.lt_u (local.get $symbol) (i32.const 28))))
    ;; The longest match has a symbol of its own.
    (i32.store8 (i32.const 258) (i32.const 28))
    (i32.store (i32.const 0x1f0) (i32.const 258))
    (local.set $symbol (i32.const 0))
    (loop $each
      (i32.store offset=0xc80 (i32.shl (local.get $symbol) (i32.const 2))
        (if (result i32) (i32.lt_u (local.get $symbol) (i32.const 144))
          (then (call $code (i32.add (local.get $symbol) (i32.const 0x30)) (i32.const 8)))
          (else
            (if (result i32) (i32.lt_u (local.get $symbol) (i32.const 256))
              (then (call $code (i32.add (local.get $symbol) (i32.const 0x100)) (i32.const 9)))
              (else
                (if (result i32) (i32.lt_u (local.get $symbol) (i32.const 280))
                  (then (call $code (i32.sub (local.get $symbol) (i32.const 256)) (i32.const 7)))
                  (else (call $code (i32.sub (local.get $symbol) (i32.const 88)) (i32.const 8)))))))))
      (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
      (br_if $each (i32.lt_u (local.get $symbol) (i32.const 286))))
    (local.set $symbol (i32.const 0))
    (loop $each
      (i32.store offset=0x1100 (i32.shl (local.get $symbol) (i32.const 2))
        (call $code (local.get $symbol) (i32.const 5)))
      (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
      (br_if $each (i32.lt_u (local.get $symbol) (i32.const 30)))))
  (start $tables))
