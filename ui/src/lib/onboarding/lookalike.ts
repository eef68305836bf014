const NAMES: Record<string, string> = {
  '0': 'ゼロ',
  O: '大オー',
  o: '小オー',
  '1': 'いち',
  l: '小エル',
  L: '大エル',
  I: '大アイ',
  i: '小アイ',
  q: '小キュー',
};

/** Letters that look the same small and large. */
const SAME_SHAPE = 'CKPSUVWXYZ';

/** Names a character that is easily taken for another one; `undefined` for the others. */
export function lookalike(character: string): string | undefined {
  const upper = character.toUpperCase();
  if (SAME_SHAPE.includes(upper) && /[a-z]/i.test(character)) return character === upper ? '大文字' : '小文字';
  return NAMES[character];
}
