// Seeded randomness (sfc32): the same seed gives the same streams on every machine.
// SPDX-License-Identifier: MIT

export class Random {
  constructor(seed, stream) {
    this.a = seed | 0;
    this.b = stream | 0;
    this.c = Math.floor(stream / 4294967296) | 0;
    this.d = 1;
    for (let i = 0; i < 12; ++i) this.next();
  }

  /// 32 random bits.
  next() {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t | 0;
    return t >>> 0;
  }

  /// An integer in [0, n).
  below(n) {
    return Math.floor((this.next() / 4294967296) * n);
  }

  chance(p) {
    return this.next() < p * 4294967296;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /// Picks a key of [[key, weight], ...].
  weighted(table) {
    let total = 0;
    for (const [, weight] of table) total += weight;
    let at = this.below(total);
    for (const [key, weight] of table) {
      at -= weight;
      if (at < 0) return key;
    }
    return table[0][0];
  }
}
