import { expect, it } from 'vitest';

import { advice, parseGuide, ruleEntry } from './guide';

it('reads chapters, headings and paragraphs', () => {
  const text =
    '# 表題\n\n前書き\n\n## 通信（E-13）\n\n章の前書き\n\n### E-1301 つながりません\n**何が起きたか** 返事が`ありません`。\n[説明](a.md)を見ます。\n\n## そのほか\n\n後書き\n';
  expect(parseGuide(text)).toEqual([
    {
      code: 'E-1301',
      title: 'つながりません',
      chapter: '通信',
      paragraphs: [
        { name: '何が起きたか', text: '返事がありません。' },
        { name: '', text: '説明を見ます。' },
      ],
    },
  ]);
});

it('finds what happened and what to do for every problem code', () => {
  expect(advice().length).toBeGreaterThan(40);
  for (const { code, title, paragraphs } of advice()) {
    expect(code).toMatch(/^E-\d{4}$/);
    expect(title, code).not.toBe('');
    expect(
      paragraphs.map(({ name }) => name),
      code,
    ).toEqual(expect.arrayContaining(['何が起きたか', 'どうするか']));
  }
});

it('says why a rule exists', () => {
  expect(ruleEntry('F2')?.reason).toContain('左から2番目の数字は');
  expect(ruleEntry('F2')?.page).toBe('rules');
  expect(ruleEntry('R1')?.page).toBe('直すところ');
  expect(ruleEntry('Z99')).toBeUndefined();
});
