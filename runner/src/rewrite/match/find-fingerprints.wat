;; Places at which one of up to 256 fingerprints may stand, 16 bytes at a time. After Teddy (Geoffrey Langdale, in
;; Hyperscan): each fingerprint is in one of eight groups, a bit each; a table for each half of each of its four bytes
;; says which groups have such a byte there, and all eight answers together leave few groups. What is left is looked
;; up by a hash of the four bytes. On the way it sees whether the text has control bytes.
(module
  ;; 0: tables, low half of the first byte, high half of the first byte, low half of the second …, 16 bytes each.
  ;; 128: two such tables for control bytes. 160: 8 KB, a bit for each hash. 8352: not 0 where the last text, or the
  ;; bytes behind it, have control bytes. Where the caller says: the text with 16 bytes behind it, and the places.
  (memory (export "memory") 21)
  ;; $from, $to: the text. $out: takes the places, relative to $from, 4 bytes each. $mask: the bytes of a fingerprint.
  ;; Returns how many there are. Some may be beyond $to.
  (func (export "find") (param $from i32) (param $to i32) (param $out i32) (param $mask i32) (result i32)
    (local $at i32) (local $next i32) (local $bits i32) (local $place i32) (local $hash i32)
    (local $bytes v128) (local $groups v128) (local $low v128)
    (local $low0 v128) (local $low1 v128) (local $low2 v128) (local $low3 v128)
    (local $high0 v128) (local $high1 v128) (local $high2 v128) (local $high3 v128)
    (local $lowControl v128) (local $highControl v128) (local $seen v128)
    (local.set $low (i8x16.splat (i32.const 0x0f)))
    (local.set $low0 (v128.load (i32.const 0)))
    (local.set $high0 (v128.load (i32.const 16)))
    (local.set $low1 (v128.load (i32.const 32)))
    (local.set $high1 (v128.load (i32.const 48)))
    (local.set $low2 (v128.load (i32.const 64)))
    (local.set $high2 (v128.load (i32.const 80)))
    (local.set $low3 (v128.load (i32.const 96)))
    (local.set $high3 (v128.load (i32.const 112)))
    (local.set $lowControl (v128.load (i32.const 128)))
    (local.set $highControl (v128.load (i32.const 144)))
    (local.set $at (local.get $from))
    (local.set $next (local.get $out))
    (block $done
      (loop $blocks
        (br_if $done (i32.ge_u (local.get $at) (local.get $to)))
        (local.set $bytes (v128.load (local.get $at)))
        (local.set $groups (v128.and
          (i8x16.swizzle (local.get $low0) (v128.and (local.get $bytes) (local.get $low)))
          (i8x16.swizzle (local.get $high0) (i8x16.shr_u (local.get $bytes) (i32.const 4)))))
        (local.set $seen (v128.or (local.get $seen) (v128.and
          (i8x16.swizzle (local.get $lowControl) (v128.and (local.get $bytes) (local.get $low)))
          (i8x16.swizzle (local.get $highControl) (i8x16.shr_u (local.get $bytes) (i32.const 4))))))
        (local.set $bytes (v128.load offset=1 (local.get $at)))
        (local.set $groups (v128.and (local.get $groups) (v128.and
          (i8x16.swizzle (local.get $low1) (v128.and (local.get $bytes) (local.get $low)))
          (i8x16.swizzle (local.get $high1) (i8x16.shr_u (local.get $bytes) (i32.const 4))))))
        (local.set $bytes (v128.load offset=2 (local.get $at)))
        (local.set $groups (v128.and (local.get $groups) (v128.and
          (i8x16.swizzle (local.get $low2) (v128.and (local.get $bytes) (local.get $low)))
          (i8x16.swizzle (local.get $high2) (i8x16.shr_u (local.get $bytes) (i32.const 4))))))
        (local.set $bytes (v128.load offset=3 (local.get $at)))
        (local.set $groups (v128.and (local.get $groups) (v128.and
          (i8x16.swizzle (local.get $low3) (v128.and (local.get $bytes) (local.get $low)))
          (i8x16.swizzle (local.get $high3) (i8x16.shr_u (local.get $bytes) (i32.const 4))))))
        (if (v128.any_true (local.get $groups)) (then
          (local.set $bits (i32.xor
            (i8x16.bitmask (i8x16.eq (local.get $groups) (i8x16.splat (i32.const 0))))
            (i32.const 0xffff)))
          (loop $places
            (local.set $place (i32.add (local.get $at) (i32.ctz (local.get $bits))))
            (local.set $bits (i32.and (local.get $bits) (i32.sub (local.get $bits) (i32.const 1))))
            ;; As hashOf in fingerprints.ts.
            (local.set $hash (i32.shr_u
              (i32.mul
                (i32.or (i32.and (i32.load (local.get $place)) (local.get $mask)) (i32.const 0x20202020))
                (i32.const 0x9e3779b1))
              (i32.const 16)))
            (if (i32.and
                (i32.load8_u offset=160 (i32.shr_u (local.get $hash) (i32.const 3)))
                (i32.shl (i32.const 1) (i32.and (local.get $hash) (i32.const 7)))) (then
              (i32.store (local.get $next) (i32.sub (local.get $place) (local.get $from)))
              (local.set $next (i32.add (local.get $next) (i32.const 4)))))
            (br_if $places (local.get $bits)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $blocks)))
    (i32.store (i32.const 8352) (v128.any_true (local.get $seen)))
    (i32.shr_u (i32.sub (local.get $next) (local.get $out)) (i32.const 2))))
