;; Decompresses one whole message (RFC 1951, RFC 7692 section 7.2.2) of the usual kind.
;; scripts/assemble.js turns this file into inflate-code.ts; a test compares the two.
;;
;; The rule of this file: what it accepts, zlib accepts with the same result. Whatever is out of the ordinary, an error
;; or not, gives -1, and somebody else has to judge it.
;;
;; Memory, in bytes:
;;   0x0000  what decoding a symbol gives: 288 literals and lengths, 0x0480 32 distances, 0x0500 19 code lengths
;;   0x0580  the order in which the lengths of the codes for code lengths are sent (u8, RFC 1951 section 3.2.7)
;;   0x0600  how many codes have a length: of literals and lengths, or code lengths; 0x0640 of distances
;;   0x0680  where symbols with that length begin
;;   0x06c0  bits of the codes for code lengths (u8)
;;   0x0700  symbols that occur, and bits of their codes << 9 (u16)
;;   0x0980  the same symbols by the length of their codes (u16)
;;   0x0c00  table of literals and lengths, 9 bits; 0x2000 of distances, 8 bits
;;   0x3000  table of fixed codes; 0x3800 of their distances
;;   0x3a00  table of code lengths, 7 bits
;;   0x4000  the compressed message
;;   0x9000  what was received before: a ring of at most 4096 bytes
;;   0x10100 the message
;;
;; An entry has the bits to be consumed in its lowest byte; extra bits << 8; a base << 16, or a literal; and what it is:
;; 0x80000000 a literal, 0x4000 a block's end or invalid, 0x8000 a table for longer codes, that begins at base.
(module
  (memory (export "memory") 3)
  (data (i32.const 0x580) "\10\11\12\00\08\07\09\06\0a\05\0b\04\0c\03\0d\02\0e\01\0f")

  ;; Makes a table that decodes `root` bits at a time, of the codes for the symbols memory[list, end).
  ;; Returns 0 when the codes are not complete.
  (func $table (param $list i32) (param $end i32) (param $counts i32) (param $results i32) (param $table i32)
    (param $root i32) (result i32)
    (local $at i32) (local $bits i32) (local $left i32) (local $count i32) (local $symbol i32)
    (local $code i32) (local $free i32) (local $entry i32) (local $prefix i32) (local $inner i32) (local $step i32)
    (local $start i32) (local $space i32)
    ;; Codes that are left over, or used twice, are a fault.
    (local.set $left (i32.const 1))
    (local.set $bits (i32.const 4))
    (loop $check
      (local.set $count (i32.load (i32.add (local.get $counts) (local.get $bits))))
      (local.set $left (i32.sub (i32.shl (local.get $left) (i32.const 1)) (local.get $count)))
      (if (i32.lt_s (local.get $left) (i32.const 0)) (then (return (i32.const 0))))
      (i32.store offset=0x680 (local.get $bits) (local.get $at))
      (local.set $at (i32.add (local.get $at) (i32.shl (local.get $count) (i32.const 1))))
      (local.set $bits (i32.add (local.get $bits) (i32.const 4)))
      (br_if $check (i32.lt_u (local.get $bits) (i32.const 64))))
    (if (local.get $left) (then (return (i32.const 0))))
    ;; Sort the symbols by length, stably. That there are some, the check has shown.
    (loop $sort
      (local.set $symbol (i32.load16_u (local.get $list)))
      (local.set $bits (i32.shl (i32.shr_u (local.get $symbol) (i32.const 9)) (i32.const 2)))
      (local.set $at (i32.load offset=0x680 (local.get $bits)))
      (i32.store16 offset=0x980 (local.get $at) (i32.and (local.get $symbol) (i32.const 0x1ff)))
      (i32.store offset=0x680 (local.get $bits) (i32.add (local.get $at) (i32.const 2)))
      (local.set $list (i32.add (local.get $list) (i32.const 2)))
      (br_if $sort (i32.lt_u (local.get $list) (local.get $end))))
    ;; Codes in order, each reversed, since it is read from its highest bit on. The table is as long as the codes so
    ;; far and doubles with each bit. `at` goes over the sorted symbols.
    (local.set $at (i32.const 0))
    (local.set $bits (i32.const 0))
    (local.set $prefix (i32.const -1))
    (local.set $free (i32.shl (i32.const 1) (local.get $root)))
    (loop $next
      (local.set $bits (i32.add (local.get $bits) (i32.const 1)))
      (local.set $count (i32.load (i32.add (local.get $counts) (i32.shl (local.get $bits) (i32.const 2)))))
      (if (i32.le_u (local.get $bits) (local.get $root))
        (then
          ;; What shorter codes filled, again.
          (if (i32.gt_u (local.get $bits) (i32.const 1))
            (then
              (local.set $step (i32.shl (i32.const 2) (local.get $bits)))
              (call $double (local.get $table) (local.get $step))))))
      (block $none
        (loop $each
          (br_if $none (i32.eqz (local.get $count)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (local.set $entry
            (i32.load
              (i32.add (local.get $results)
                (i32.shl (i32.load16_u offset=0x980 (local.get $at)) (i32.const 2)))))
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (if (i32.le_u (local.get $bits) (local.get $root))
            (then
              (i32.store (i32.add (local.get $table) (i32.shl (local.get $code) (i32.const 2)))
                (i32.or (local.get $entry) (local.get $bits))))
            (else
              (local.set $step
                (i32.and (local.get $code)
                  (i32.sub (i32.shl (i32.const 1) (local.get $root)) (i32.const 1))))
              (if (i32.ne (local.get $step) (local.get $prefix))
                (then
                  ;; A table for the codes that begin with this, large enough for the longest of them.
                  (local.set $prefix (local.get $step))
                  (local.set $start (local.get $free))
                  (local.set $inner (i32.sub (local.get $bits) (local.get $root)))
                  (local.set $space (i32.add (local.get $count) (i32.const 1)))
                  (block $enough
                    (loop $more
                      (br_if $enough
                        (i32.ge_u (local.get $space) (i32.shl (i32.const 1) (local.get $inner))))
                      (local.set $inner (i32.add (local.get $inner) (i32.const 1)))
                      (local.set $space
                        (i32.add (i32.shl (local.get $space) (i32.const 1))
                          (i32.load
                            (i32.add (local.get $counts)
                              (i32.shl (i32.add (local.get $root) (local.get $inner)) (i32.const 2))))))
                      (br $more)))
                  (local.set $free
                    (i32.add (local.get $start) (i32.shl (i32.const 1) (local.get $inner))))
                  (i32.store (i32.add (local.get $table) (i32.shl (local.get $prefix) (i32.const 2)))
                    (i32.or
                      (i32.or (i32.const 0x8000) (local.get $root))
                      (i32.or (i32.shl (local.get $inner) (i32.const 8))
                        (i32.shl (local.get $start) (i32.const 16)))))))
              (local.set $entry
                (i32.or (local.get $entry) (i32.sub (local.get $bits) (local.get $root))))
              (local.set $step (i32.add (local.get $start) (i32.shr_u (local.get $code) (local.get $root))))
              (loop $fill
                (i32.store (i32.add (local.get $table) (i32.shl (local.get $step) (i32.const 2)))
                  (local.get $entry))
                (local.set $step
                  (i32.add (local.get $step)
                    (i32.shl (i32.const 1) (i32.sub (local.get $bits) (local.get $root)))))
                (br_if $fill (i32.lt_u (local.get $step) (local.get $free))))))
          ;; The next code, counted from its highest bit, which here is the last one.
          (local.set $step
            (i32.xor (local.get $code) (i32.sub (i32.shl (i32.const 1) (local.get $bits)) (i32.const 1))))
          (if (i32.eqz (local.get $step))
            (then
              ;; The last code. The table may still have to grow to all of its bits.
              (loop $grow
                (local.set $bits (i32.add (local.get $bits) (i32.const 1)))
                (if (i32.le_u (local.get $bits) (local.get $root))
                  (then
                    (call $double (local.get $table) (i32.shl (i32.const 2) (local.get $bits)))
                    (br $grow))))
              (return (i32.const 1))))
          (local.set $step
            (i32.shl (i32.const 1) (i32.sub (i32.const 31) (i32.clz (local.get $step)))))
          (local.set $code
            (i32.or (local.get $step)
              (i32.and (local.get $code) (i32.sub (local.get $step) (i32.const 1)))))
          (br $each)))
      (br $next))
    (unreachable))

  ;; Copies memory[at, at + size) behind itself; the size is 8 or a multiple of 16.
  (func $double (param $at i32) (param $size i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (i64.store (local.get $end) (i64.load (local.get $at)))
    (if (i32.eq (local.get $size) (i32.const 8)) (then (return)))
    (loop $each
      (i64.store (i32.add (local.get $at) (local.get $size)) (i64.load (local.get $at)))
      (i64.store offset=8 (i32.add (local.get $at) (local.get $size)) (i64.load offset=8 (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $each (i32.lt_u (local.get $at) (local.get $end)))))

  ;; Notes a symbol for $table, with the bits of its code. Returns where the next one goes.
  (func $note (param $list i32) (param $counts i32) (param $symbol i32) (param $bits i32) (result i32)
    (i32.store16 (local.get $list)
      (i32.or (local.get $symbol) (i32.shl (local.get $bits) (i32.const 9))))
    (local.set $counts (i32.add (local.get $counts) (i32.shl (local.get $bits) (i32.const 2))))
    (i32.store (local.get $counts) (i32.add (i32.load (local.get $counts)) (i32.const 1)))
    (i32.add (local.get $list) (i32.const 2)))

  (func $result (param $end i32) (result i32)
    (local $at i32) (local $all i64)
    (i64.store (local.get $end) (i64.const 0))
    (local.set $at (i32.const 0x10100))
    (loop $each
      (local.set $all (i64.or (local.get $all) (i64.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $each (i32.lt_u (local.get $at) (local.get $end))))
    (i32.or (i32.shl (i32.sub (local.get $end) (i32.const 0x10100)) (i32.const 1))
      (i64.eqz (i64.and (local.get $all) (i64.const 0x8080808080808080)))))

  ;; Decompresses the `length` bytes at 0x4000 to at most `room` bytes (64 KiB). They may refer to `history` bytes, the
  ;; last one of which stands before `next` in a ring of `mask` + 1 bytes, a power of two.
  ;; Returns how many they are, times 2, and 1 if all of them are below 0x80; or -1.
  (func (export "inflate") (param $length i32) (param $history i32) (param $next i32) (param $mask i32)
    (param $room i32) (result i32)
    (local $at i32) (local $end i32) (local $bits i64) (local $have i32)
    (local $to i32) (local $oldest i32) (local $limit i32)
    (local $literals i32) (local $distances i32) (local $rootDistances i32)
    (local $entry i32) (local $count i32) (local $distance i32) (local $from i32) (local $stop i32)
    (local $index i32) (local $total i32) (local $value i32) (local $list i32) (local $ended i32) (local $last i32)
    (local.set $at (i32.const 0x4000))
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (local.set $to (i32.const 0x10100))
    (local.set $oldest (i32.sub (local.get $to) (local.get $history)))
    (local.set $limit (i32.add (local.get $to) (local.get $room)))
    (loop $block
      ;; Refill to 56 bits at least; bits above `have` may be there already, and are the same.
      (local.set $bits
        (i64.or (local.get $bits)
          (i64.shl (i64.load (local.get $at)) (i64.extend_i32_u (local.get $have)))))
      (local.set $at
        (i32.add (local.get $at) (i32.shr_u (i32.sub (i32.const 63) (local.get $have)) (i32.const 3))))
      (local.set $have (i32.or (local.get $have) (i32.const 56)))
      (if (i32.gt_u (i32.sub (local.get $at) (i32.shr_u (local.get $have) (i32.const 3))) (local.get $end))
        (then (return (i32.const -1))))
      (local.set $value (i32.and (i32.wrap_i64 (local.get $bits)) (i32.const 7)))
      (if (i32.eqz (local.get $value))
        (then
          ;; A stored block: on to the end of a byte.
          (local.set $at
            (i32.sub (local.get $at)
              (i32.shr_u (i32.sub (local.get $have) (i32.const 3)) (i32.const 3))))
          (local.set $bits (i64.const 0))
          (local.set $have (i32.const 0))
          ;; The one whose rest is not sent.
          (if (i32.and (i32.eq (local.get $at) (local.get $end)) (i32.le_u (local.get $to) (local.get $limit)))
            (then (return (call $result (local.get $to)))))
          (if (i32.gt_u (i32.add (local.get $at) (i32.const 4)) (local.get $end))
            (then (return (i32.const -1))))
          (local.set $count (i32.load16_u (local.get $at)))
          (if (i32.ne (i32.xor (local.get $count) (i32.load16_u offset=2 (local.get $at))) (i32.const 0xffff))
            (then (return (i32.const -1))))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (if
            (i32.or
              (i32.gt_u (i32.add (local.get $at) (local.get $count)) (local.get $end))
              (i32.gt_u (i32.add (local.get $to) (local.get $count)) (local.get $limit)))
            (then (return (i32.const -1))))
          (memory.copy (local.get $to) (local.get $at) (local.get $count))
          (local.set $to (i32.add (local.get $to) (local.get $count)))
          (local.set $at (i32.add (local.get $at) (local.get $count)))
          (br $block)))
      (local.set $bits (i64.shr_u (local.get $bits) (i64.const 3)))
      (local.set $have (i32.sub (local.get $have) (i32.const 3)))
      (if (i32.eq (local.get $value) (i32.const 2))
        (then
          (local.set $literals (i32.const 0x3000))
          (local.set $distances (i32.const 0x3800))
          (local.set $rootDistances (i32.const 0x1f)))
        (else
          ;; A final block, or one of the reserved type.
          (if (i32.ne (local.get $value) (i32.const 4)) (then (return (i32.const -1))))
          (local.set $literals (i32.add (i32.and (i32.wrap_i64 (local.get $bits)) (i32.const 31)) (i32.const 257)))
          (local.set $distances
            (i32.add (i32.and (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 5))) (i32.const 31)) (i32.const 1)))
          (local.set $count
            (i32.add (i32.and (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 10))) (i32.const 15)) (i32.const 4)))
          (if (i32.or (i32.gt_u (local.get $literals) (i32.const 286)) (i32.gt_u (local.get $distances) (i32.const 30)))
            (then (return (i32.const -1))))
          (local.set $bits (i64.shr_u (local.get $bits) (i64.const 14)))
          (local.set $have (i32.sub (local.get $have) (i32.const 14)))
          (i64.store (i32.const 0x6c0) (i64.const 0))
          (i64.store (i32.const 0x6c8) (i64.const 0))
          (i32.store (i32.const 0x6d0) (i32.const 0))
          (memory.fill (i32.const 0x600) (i32.const 0) (i32.const 128))
          (local.set $index (i32.const 0))
          (loop $each
            (if (i32.lt_u (local.get $have) (i32.const 3))
              (then
                (local.set $bits
                  (i64.or (local.get $bits)
                    (i64.shl (i64.load (local.get $at)) (i64.extend_i32_u (local.get $have)))))
                (local.set $at
                  (i32.add (local.get $at) (i32.shr_u (i32.sub (i32.const 63) (local.get $have)) (i32.const 3))))
                (local.set $have (i32.or (local.get $have) (i32.const 56)))))
            (i32.store8 offset=0x6c0 (i32.load8_u offset=0x580 (local.get $index))
              (i32.and (i32.wrap_i64 (local.get $bits)) (i32.const 7)))
            (local.set $bits (i64.shr_u (local.get $bits) (i64.const 3)))
            (local.set $have (i32.sub (local.get $have) (i32.const 3)))
            (local.set $index (i32.add (local.get $index) (i32.const 1)))
            (br_if $each (i32.lt_u (local.get $index) (local.get $count))))
          (local.set $index (i32.const 0))
          (local.set $list (i32.const 0x700))
          (loop $each
            (local.set $value (i32.load8_u offset=0x6c0 (local.get $index)))
            (if (local.get $value)
              (then
                (local.set $list
                  (call $note (local.get $list) (i32.const 0x600) (local.get $index) (local.get $value)))))
            (local.set $index (i32.add (local.get $index) (i32.const 1)))
            (br_if $each (i32.lt_u (local.get $index) (i32.const 19))))
          (if
            (i32.eqz
              (call $table (i32.const 0x700) (local.get $list) (i32.const 0x600) (i32.const 0x500)
                (i32.const 0x3a00) (i32.const 7)))
            (then (return (i32.const -1))))
          (memory.fill (i32.const 0x600) (i32.const 0) (i32.const 64))
          (local.set $list (i32.const 0x700))
          (local.set $index (i32.const 0))
          (local.set $ended (i32.const 0))
          (local.set $last (i32.const 0))
          (local.set $total (i32.add (local.get $literals) (local.get $distances)))
          (loop $each
            (if (i32.lt_u (local.get $have) (i32.const 14))
              (then
                (local.set $bits
                  (i64.or (local.get $bits)
                    (i64.shl (i64.load (local.get $at)) (i64.extend_i32_u (local.get $have)))))
                (local.set $at
                  (i32.add (local.get $at) (i32.shr_u (i32.sub (i32.const 63) (local.get $have)) (i32.const 3))))
                (local.set $have (i32.or (local.get $have) (i32.const 56)))
                (if (i32.gt_u (local.get $at) (i32.add (local.get $end) (i32.const 8)))
                  (then (return (i32.const -1))))))
            (local.set $entry
              (i32.load offset=0x3a00
                (i32.shl (i32.and (i32.wrap_i64 (local.get $bits)) (i32.const 0x7f)) (i32.const 2))))
            (local.set $value (i32.and (local.get $entry) (i32.const 0xff)))
            (local.set $bits (i64.shr_u (local.get $bits) (i64.extend_i32_u (local.get $value))))
            (local.set $have (i32.sub (local.get $have) (local.get $value)))
            (local.set $value (i32.shr_u (local.get $entry) (i32.const 16)))
            (local.set $stop (i32.const 1))
            (if (i32.ge_u (local.get $value) (i32.const 16))
              (then
                (local.set $count (i32.and (i32.shr_u (local.get $entry) (i32.const 8)) (i32.const 7)))
                (local.set $stop
                  (i32.add
                    (i32.and (i32.wrap_i64 (local.get $bits))
                      (i32.sub (i32.shl (i32.const 1) (local.get $count)) (i32.const 1)))
                    (select (i32.const 11) (i32.const 3) (i32.eq (local.get $value) (i32.const 18)))))
                (local.set $bits (i64.shr_u (local.get $bits) (i64.extend_i32_u (local.get $count))))
                (local.set $have (i32.sub (local.get $have) (local.get $count)))
                (if (i32.eq (local.get $value) (i32.const 16))
                  (then
                    (if (i32.eqz (local.get $index)) (then (return (i32.const -1))))
                    (local.set $value (local.get $last)))
                  (else (local.set $value (i32.const 0))))))
            (local.set $last (local.get $value))
            (local.set $stop (i32.add (local.get $stop) (local.get $index)))
            (if (i32.gt_u (local.get $stop) (local.get $total)) (then (return (i32.const -1))))
            (if (local.get $value)
              (then
                (loop $fill
                  (if (i32.lt_u (local.get $index) (local.get $literals))
                    (then
                      (local.set $list
                        (call $note (local.get $list) (i32.const 0x600) (local.get $index) (local.get $value)))
                      (local.set $from (local.get $list))
                      (if (i32.eq (local.get $index) (i32.const 256)) (then (local.set $ended (i32.const 1)))))
                    (else
                      (local.set $list
                        (call $note (local.get $list) (i32.const 0x640)
                          (i32.sub (local.get $index) (local.get $literals)) (local.get $value)))))
                  (local.set $index (i32.add (local.get $index) (i32.const 1)))
                  (br_if $fill (i32.lt_u (local.get $index) (local.get $stop))))))
            (local.set $index (local.get $stop))
            (br_if $each (i32.lt_u (local.get $index) (local.get $total))))
          ;; A block without an end is a fault.
          (if (i32.eqz (local.get $ended)) (then (return (i32.const -1))))
          (if
            (i32.eqz
              (call $table (i32.const 0x700) (local.get $from) (i32.const 0x600) (i32.const 0)
                (i32.const 0xc00) (i32.const 9)))
            (then (return (i32.const -1))))
          (if
            (i32.eqz
              (call $table (local.get $from) (local.get $list) (i32.const 0x640) (i32.const 0x480)
                (i32.const 0x2000) (i32.const 8)))
            (then (return (i32.const -1))))
          (local.set $literals (i32.const 0xc00))
          (local.set $distances (i32.const 0x2000))
          (local.set $rootDistances (i32.const 0xff))))
      (loop $symbol
        (if
          (i32.or (i32.gt_u (local.get $at) (i32.add (local.get $end) (i32.const 8)))
            (i32.gt_u (local.get $to) (local.get $limit)))
          (then (return (i32.const -1))))
        (local.set $bits
          (i64.or (local.get $bits)
            (i64.shl (i64.load (local.get $at)) (i64.extend_i32_u (local.get $have)))))
        (local.set $at
          (i32.add (local.get $at) (i32.shr_u (i32.sub (i32.const 63) (local.get $have)) (i32.const 3))))
        (local.set $have (i32.or (local.get $have) (i32.const 56)))
        (block $other
          ;; Three literals have 45 bits at most, and room behind the limit.
          (local.set $entry
            (i32.load
              (i32.add (local.get $literals)
                (i32.shl (i32.and (i32.wrap_i64 (local.get $bits)) (i32.const 0x1ff)) (i32.const 2)))))
          (br_if $other (i32.ge_s (local.get $entry) (i32.const 0)))
          (i32.store8 (local.get $to) (i32.shr_u (local.get $entry) (i32.const 16)))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (local.set $bits (i64.shr_u (local.get $bits) (i64.extend_i32_u (local.get $entry))))
          (local.set $have
            (i32.sub (local.get $have) (i32.and (local.get $entry) (i32.const 0xff))))
          (local.set $entry
            (i32.load
              (i32.add (local.get $literals)
                (i32.shl (i32.and (i32.wrap_i64 (local.get $bits)) (i32.const 0x1ff)) (i32.const 2)))))
          (br_if $other (i32.ge_s (local.get $entry) (i32.const 0)))
          (i32.store8 (local.get $to) (i32.shr_u (local.get $entry) (i32.const 16)))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (local.set $bits (i64.shr_u (local.get $bits) (i64.extend_i32_u (local.get $entry))))
          (local.set $have
            (i32.sub (local.get $have) (i32.and (local.get $entry) (i32.const 0xff))))
          (local.set $entry
            (i32.load
              (i32.add (local.get $literals)
                (i32.shl (i32.and (i32.wrap_i64 (local.get $bits)) (i32.const 0x1ff)) (i32.const 2)))))
          (br_if $other (i32.ge_s (local.get $entry) (i32.const 0)))
          (i32.store8 (local.get $to) (i32.shr_u (local.get $entry) (i32.const 16)))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (local.set $bits (i64.shr_u (local.get $bits) (i64.extend_i32_u (local.get $entry))))
          (local.set $have
            (i32.sub (local.get $have) (i32.and (local.get $entry) (i32.const 0xff))))
          (br $symbol))
        (local.set $bits
          (i64.or (local.get $bits)
            (i64.shl (i64.load (local.get $at)) (i64.extend_i32_u (local.get $have)))))
        (local.set $at
          (i32.add (local.get $at) (i32.shr_u (i32.sub (i32.const 63) (local.get $have)) (i32.const 3))))
        (local.set $have (i32.or (local.get $have) (i32.const 56)))
        (if (i32.and (local.get $entry) (i32.const 0x8000))
          (then
            (local.set $bits (i64.shr_u (local.get $bits) (i64.const 9)))
            (local.set $have (i32.sub (local.get $have) (i32.const 9)))
            (local.set $entry
              (i32.load
                (i32.add (local.get $literals)
                  (i32.shl
                    (i32.add (i32.shr_u (local.get $entry) (i32.const 16))
                      (i32.and (i32.wrap_i64 (local.get $bits))
                        (i32.sub
                          (i32.shl (i32.const 1)
                            (i32.and (i32.shr_u (local.get $entry) (i32.const 8)) (i32.const 15)))
                          (i32.const 1))))
                    (i32.const 2)))))))
        (local.set $value (i32.and (local.get $entry) (i32.const 0xff)))
        (local.set $bits (i64.shr_u (local.get $bits) (i64.extend_i32_u (local.get $value))))
        (local.set $have (i32.sub (local.get $have) (local.get $value)))
        (if (i32.lt_s (local.get $entry) (i32.const 0))
          (then
            (i32.store8 (local.get $to) (i32.shr_u (local.get $entry) (i32.const 16)))
            (local.set $to (i32.add (local.get $to) (i32.const 1)))
            (br $symbol)))
        (if (i32.and (local.get $entry) (i32.const 0x4000))
          (then
            (br_if $block (i32.eqz (i32.shr_u (local.get $entry) (i32.const 16))))
            (return (i32.const -1))))
        (local.set $value (i32.shr_u (local.get $entry) (i32.const 8)))
        (local.set $count
          (i32.add (i32.shr_u (local.get $entry) (i32.const 16))
            (i32.and (i32.wrap_i64 (local.get $bits))
              (i32.sub (i32.shl (i32.const 1) (i32.and (local.get $value) (i32.const 15))) (i32.const 1)))))
        (local.set $value (i32.and (local.get $value) (i32.const 15)))
        (local.set $bits (i64.shr_u (local.get $bits) (i64.extend_i32_u (local.get $value))))
        (local.set $have (i32.sub (local.get $have) (local.get $value)))
        (local.set $entry
          (i32.load
            (i32.add (local.get $distances)
              (i32.shl (i32.and (i32.wrap_i64 (local.get $bits)) (local.get $rootDistances)) (i32.const 2)))))
        (if (i32.and (local.get $entry) (i32.const 0x8000))
          (then
            (local.set $bits (i64.shr_u (local.get $bits) (i64.const 8)))
            (local.set $have (i32.sub (local.get $have) (i32.const 8)))
            (local.set $entry
              (i32.load
                (i32.add (local.get $distances)
                  (i32.shl
                    (i32.add (i32.shr_u (local.get $entry) (i32.const 16))
                      (i32.and (i32.wrap_i64 (local.get $bits))
                        (i32.sub
                          (i32.shl (i32.const 1)
                            (i32.and (i32.shr_u (local.get $entry) (i32.const 8)) (i32.const 15)))
                          (i32.const 1))))
                    (i32.const 2)))))))
        (if (i32.and (local.get $entry) (i32.const 0x4000)) (then (return (i32.const -1))))
        (local.set $value (i32.and (local.get $entry) (i32.const 0xff)))
        (local.set $bits (i64.shr_u (local.get $bits) (i64.extend_i32_u (local.get $value))))
        (local.set $have (i32.sub (local.get $have) (local.get $value)))
        (local.set $value (i32.and (i32.shr_u (local.get $entry) (i32.const 8)) (i32.const 15)))
        (local.set $distance
          (i32.add (i32.shr_u (local.get $entry) (i32.const 16))
            (i32.and (i32.wrap_i64 (local.get $bits))
              (i32.sub (i32.shl (i32.const 1) (local.get $value)) (i32.const 1)))))
        (local.set $bits (i64.shr_u (local.get $bits) (i64.extend_i32_u (local.get $value))))
        (local.set $have (i32.sub (local.get $have) (local.get $value)))
        (local.set $stop (i32.add (local.get $to) (local.get $count)))
        (if
          (i32.or
            (i32.gt_u (local.get $distance) (i32.sub (local.get $to) (local.get $oldest)))
            (i32.gt_u (local.get $stop) (local.get $limit)))
          (then (return (i32.const -1))))
        ;; How far before the message it begins.
        (local.set $from (i32.sub (local.get $distance) (i32.sub (local.get $to) (i32.const 0x10100))))
        (if (i32.gt_s (local.get $from) (i32.const 0))
          (then
            (local.set $index (i32.and (i32.sub (local.get $next) (local.get $from)) (local.get $mask)))
            (if (i32.gt_u (local.get $count) (local.get $from)) (then (local.set $count (local.get $from))))
            (local.set $total (i32.add (local.get $to) (local.get $count)))
            (if (i32.gt_u (i32.add (local.get $index) (local.get $count)) (i32.add (local.get $mask) (i32.const 1)))
              (then
                (loop $around
                  (i32.store8 (local.get $to) (i32.load8_u offset=0x9000 (local.get $index)))
                  (local.set $to (i32.add (local.get $to) (i32.const 1)))
                  (local.set $index (i32.and (i32.add (local.get $index) (i32.const 1)) (local.get $mask)))
                  (br_if $around (i32.lt_u (local.get $to) (local.get $total)))))
              (else
                (loop $straight
                  (i64.store (local.get $to) (i64.load offset=0x9000 (local.get $index)))
                  (local.set $to (i32.add (local.get $to) (i32.const 8)))
                  (local.set $index (i32.add (local.get $index) (i32.const 8)))
                  (br_if $straight (i32.lt_u (local.get $to) (local.get $total))))
                (local.set $to (local.get $total))))
            (br_if $symbol (i32.eq (local.get $to) (local.get $stop)))))
        (local.set $from (i32.sub (local.get $to) (local.get $distance)))
        (if (i32.ge_u (local.get $distance) (i32.const 8))
          (then
            (loop $eight
              (i64.store (local.get $to) (i64.load (local.get $from)))
              (local.set $to (i32.add (local.get $to) (i32.const 8)))
              (local.set $from (i32.add (local.get $from) (i32.const 8)))
              (br_if $eight (i32.lt_u (local.get $to) (local.get $stop)))))
          (else
            (loop $one
              (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
              (local.set $to (i32.add (local.get $to) (i32.const 1)))
              (local.set $from (i32.add (local.get $from) (i32.const 1)))
              (br_if $one (i32.lt_u (local.get $to) (local.get $stop))))))
        (local.set $to (local.get $stop))
        (br $symbol)))
    (unreachable))

  (func $tables
    (local $symbol i32) (local $base i32) (local $extra i32)
    (loop $literals
      (i32.store (i32.shl (local.get $symbol) (i32.const 2))
        (i32.or (i32.const 0x80000000) (i32.shl (local.get $symbol) (i32.const 16))))
      (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
      (br_if $literals (i32.lt_u (local.get $symbol) (i32.const 256))))
    (i32.store (i32.const 0x400) (i32.const 0x4000))
    (local.set $symbol (i32.const 0))
    (local.set $base (i32.const 3))
    (loop $lengths
      (local.set $extra
        (select (i32.const 0)
          (i32.shr_u (i32.sub (local.get $symbol) (i32.const 4)) (i32.const 2))
          (i32.lt_u (local.get $symbol) (i32.const 8))))
      (i32.store offset=0x404 (i32.shl (local.get $symbol) (i32.const 2))
        (i32.or (i32.shl (local.get $base) (i32.const 16)) (i32.shl (local.get $extra) (i32.const 8))))
      (local.set $base (i32.add (local.get $base) (i32.shl (i32.const 1) (local.get $extra))))
      (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
      (br_if $lengths (i32.lt_u (local.get $symbol) (i32.const 28))))
    (i32.store (i32.const 0x474) (i32.const 0x1020000))
    ;; Codes that no length has; a base other than 0 tells them from a block's end.
    (i32.store (i32.const 0x478) (i32.const 0x14000))
    (i32.store (i32.const 0x47c) (i32.const 0x14000))
    (local.set $symbol (i32.const 0))
    (local.set $base (i32.const 1))
    (loop $distances
      (local.set $extra
        (select (i32.const 0)
          (i32.shr_u (i32.sub (local.get $symbol) (i32.const 2)) (i32.const 1))
          (i32.lt_u (local.get $symbol) (i32.const 4))))
      (i32.store offset=0x480 (i32.shl (local.get $symbol) (i32.const 2))
        (i32.or (i32.shl (local.get $base) (i32.const 16)) (i32.shl (local.get $extra) (i32.const 8))))
      (local.set $base (i32.add (local.get $base) (i32.shl (i32.const 1) (local.get $extra))))
      (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
      (br_if $distances (i32.lt_u (local.get $symbol) (i32.const 30))))
    (i32.store (i32.const 0x4f8) (i32.const 0x4000))
    (i32.store (i32.const 0x4fc) (i32.const 0x4000))
    (local.set $symbol (i32.const 0))
    (loop $codeLengths
      (i32.store offset=0x500 (i32.shl (local.get $symbol) (i32.const 2))
        (i32.shl (local.get $symbol) (i32.const 16)))
      (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
      (br_if $codeLengths (i32.lt_u (local.get $symbol) (i32.const 16))))
    (i32.store (i32.const 0x540) (i32.const 0x100200))
    (i32.store (i32.const 0x544) (i32.const 0x110300))
    (i32.store (i32.const 0x548) (i32.const 0x120700))
    ;; Fixed codes (RFC 1951 section 3.2.6).
    (local.set $symbol (i32.const 0))
    (local.set $base (i32.const 0x700))
    (loop $fixed
      (local.set $extra
        (i32.add (i32.const 8)
          (i32.sub (i32.ge_u (local.get $symbol) (i32.const 144)) (i32.ge_u (local.get $symbol) (i32.const 280)))))
      (if
        (i32.and (i32.ge_u (local.get $symbol) (i32.const 256)) (i32.lt_u (local.get $symbol) (i32.const 280)))
        (then (local.set $extra (i32.const 7))))
      (local.set $base
        (call $note (local.get $base) (i32.const 0x600) (local.get $symbol) (local.get $extra)))
      (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
      (br_if $fixed (i32.lt_u (local.get $symbol) (i32.const 288))))
    (drop
      (call $table (i32.const 0x700) (local.get $base) (i32.const 0x600) (i32.const 0) (i32.const 0x3000)
        (i32.const 9)))
    (local.set $symbol (i32.const 0))
    (local.set $base (i32.const 0x700))
    (loop $fixed
      (local.set $base
        (call $note (local.get $base) (i32.const 0x640) (local.get $symbol) (i32.const 5)))
      (local.set $symbol (i32.add (local.get $symbol) (i32.const 1)))
      (br_if $fixed (i32.lt_u (local.get $symbol) (i32.const 32))))
    (drop
      (call $table (i32.const 0x700) (local.get $base) (i32.const 0x640) (i32.const 0x480) (i32.const 0x3800)
        (i32.const 5))))
  (start $tables))
