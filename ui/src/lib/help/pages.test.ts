import { expect, it } from 'vitest';

import { parseInline, parseMarkdown, wordsOf } from './markdown';
import { itemOf, pages, pageOf, pictureOf, placeOf, search } from './pages';

it('reads what the guide is written in', () => {
  const text =
    '# 題\n\n前書き**太字**と`コード`。\n続き。\n\n> 注意\n\n- 一\n  続き\n- 二\n\n1. 甲\n2. 乙\n\n| 名 | 値 |\n|---|---|\n| あ | [行き先](送る.md) |\n\n```text\n$ a\n```\n![絵](../images/send.png)\n';
  const blocks = parseMarkdown(text);
  expect(blocks.map((block) => block.kind)).toEqual([
    'heading',
    'paragraph',
    'quote',
    'list',
    'list',
    'table',
    'code',
    'picture',
  ]);
  expect(blocks.map(wordsOf)).toEqual([
    '題',
    '前書き太字とコード。続き。',
    '注意',
    '一続き 二',
    '甲 乙',
    '名 値 あ 行き先',
    '$ a',
    '絵',
  ]);
  expect(parseInline('[端末（コマンド）](端末（コマンド）.md)を見る')).toEqual([
    { kind: 'link', text: '端末（コマンド）', to: '端末（コマンド）.md' },
    { kind: 'text', text: 'を見る' },
  ]);
});

it('holds every page of the guide, with every picture and every link inside it', () => {
  expect(pages().map((page) => page.id)).toEqual(
    expect.arrayContaining(['はじめに', '利用開始', '送る', '返戻', '通知']),
  );
  for (const page of pages()) {
    expect(page.blocks.length, page.id).toBeGreaterThan(2);
    for (const block of page.blocks) {
      if (block.kind === 'picture') expect(pictureOf(block.source), `${page.id} ${block.source}`).toBeDefined();
    }
  }
  expect(pageOf('利用開始.md')?.title).toBe('利用開始');
  expect(pageOf('https://example.com/')).toBeUndefined();
});

it('leads to a heading of a page, and to the page where there is no such heading', () => {
  const { page, heading } = placeOf(itemOf('rules', 'A5'));
  expect([page?.id, heading]).toEqual(['rules', 'A5']);
  expect(placeOf('送る')).toMatchObject({ page: { id: '送る' }, heading: '' });
  expect(placeOf(null).page).toBeUndefined();
  expect(placeOf('ない#A5').page).toBeUndefined();
});

it('finds words in any width, once per heading', () => {
  const found = search('ＩＣＳ');
  expect(found.map(({ page, heading }) => `${page.id} ${heading}`)).toContain('利用開始 はじめて請求する月を選ぶ');
  const keys = search('委任状').map(({ page, heading }) => `${page.id}/${heading}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(search('  ')).toEqual([]);
  expect(search('ありえないことば')).toEqual([]);
});
