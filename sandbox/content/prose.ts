import { type Random } from './random.js';

const words =
  `stage light curtain rehearsal lead understudy script scene prompt applause orchestra balcony ticket velvet
   mirror costume dialogue encore matinee overture wings tragedy comedy chorus backdrop gallery programme interval
   Straße Überraschung Café naïve façade œuvre Ελλάδα Москва 東京 舞台 🎭 😀 ñandú Øresund ﬁn`.split(/\s+/);

/** Paragraphs are made once and used again: making text is slower than loading it. */
export class Prose {
  private readonly paragraphs: readonly [string, ...string[]];

  constructor(random: Random, count = 400) {
    const make = (): string => {
      const picked = Array.from(
        { length: 60 + random.below(80) },
        () => words[random.below(words.length)] ?? '',
      );
      const text = picked.join(' ');
      return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
    };
    this.paragraphs = [make(), ...Array.from({ length: count - 1 }, make)];
  }

  paragraph(random: Random): string {
    return random.pick(this.paragraphs);
  }

  /** About `length` characters. */
  text(random: Random, length: number): string {
    let text = this.paragraph(random);
    while (text.length < length) text += ` ${this.paragraph(random)}`;
    return text;
  }

  title(random: Random): string {
    return this.paragraph(random).split(' ').slice(0, 5).join(' ');
  }
}
