import { expect, it } from 'vitest';

import { ADVICE, parseGuide } from './help';

it('reads chapters, headings and named paragraphs', () => {
  const text =
    '# 表題\n\n前書き\n\n## 通信（E-13）\n\n### E-1301 つながりません\n**何が起きたか** 返事が`ありません`。\n**どうするか** 待ちます。\n';
  expect(parseGuide(text)).toEqual([
    {
      code: 'E-1301',
      title: 'つながりません',
      chapter: '通信',
      paragraphs: [
        { name: '何が起きたか', text: '返事がありません。' },
        { name: 'どうするか', text: '待ちます。' },
      ],
    },
  ]);
});

it('finds what happened and what to do for every code of the guide', () => {
  expect(ADVICE.length).toBeGreaterThan(40);
  for (const { code, title, paragraphs } of ADVICE) {
    expect(code).toMatch(/^E-\d{4}$/);
    expect(title, code).not.toBe('');
    expect(
      paragraphs.map(({ name }) => name),
      code,
    ).toEqual(['何が起きたか', 'どうするか']);
  }
});
