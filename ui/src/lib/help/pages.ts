import { once } from '../once';
import { parseMarkdown, wordsOf, type Block } from './markdown';

/** A page of the user guide. */
export interface GuidePage {
  /** File name without its ending; stands in the address. */
  id: string;
  title: string;
  blocks: Block[];
}

/** A chapter of a page in which something was found. */
export interface Found {
  page: GuidePage;
  /** Heading under which it stands. */
  heading: string;
  /** The words around it. */
  excerpt: string;
}

const TEXTS = import.meta.glob<string>('../../../../docs/guide/*.md', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const PICTURES = import.meta.glob<string>('../../../../docs/images/*.png', {
  query: '?url',
  import: 'default',
  eager: true,
});

/** The order in which the pages are read. 困ったとき has a place of its own in ヘルプ. */
const ORDER = [
  'はじめに',
  '練習',
  '利用開始',
  '送る',
  'rules',
  '直すところ',
  '返戻',
  '通知',
  '本部',
  'パソコンで使う',
  'キー操作',
  '端末（コマンド）',
];
const APART = ['README', '困ったとき'];

function nameOf(path: string): string {
  return (path.split('/').pop() ?? path).replace(/\.\w+$/, '').normalize('NFC');
}

/** All pages, in the order in which they are read; pages that are new come last. */
export const pages: () => readonly GuidePage[] = once(() =>
  Object.entries(TEXTS)
    .map(([path, text]): GuidePage => {
      const blocks = parseMarkdown(text);
      const first = blocks[0];
      return { id: nameOf(path), title: first ? wordsOf(first) : nameOf(path), blocks: blocks.slice(1) };
    })
    .filter((page) => !APART.includes(page.id))
    .sort((a, b) => place(a.id) - place(b.id)),
);

function place(id: string): number {
  const index = ORDER.indexOf(id);
  return index < 0 ? ORDER.length : index;
}

/** Returns the address of a picture that a page shows, or `undefined` when it is not part of the program. */
export function pictureOf(source: string): string | undefined {
  return Object.entries(PICTURES).find(([path]) => path.endsWith(`/${source.split('/').pop()}`))?.[1];
}

/** Returns the page that a link of the guide leads to; `undefined` for anything outside. */
export function pageOf(link: string): GuidePage | undefined {
  const id = nameOf(decodeURI(link.split('#')[0] ?? ''));
  return pages().find((page) => page.id === id);
}

/** Reads a place of the guide from the address: a page and, where it leads to a chapter, the heading. */
export function placeOf(item: string | null): { page: GuidePage | undefined; heading: string } {
  const [id = '', heading = ''] = (item ?? '').split('#');
  return { page: pages().find((page) => page.id === id), heading };
}

/** Writes a place of the guide for the address. */
export function itemOf(page: string, heading: string): string {
  return `${page}#${heading}`;
}

/** Finds words in the pages, whatever their width or case: at most one place per heading. */
export function search(words: string): Found[] {
  const wanted = fold(words);
  if (wanted === '') return [];
  const found: Found[] = [];
  for (const page of pages()) {
    let heading = page.title;
    let taken = '';
    for (const block of page.blocks) {
      const text = wordsOf(block);
      if (block.kind === 'heading') heading = text;
      const at = fold(text).indexOf(wanted);
      if (at < 0 || taken === heading) continue;
      taken = heading;
      const from = Math.max(0, at - 20);
      const excerpt = `${from > 0 ? '…' : ''}${text.slice(from, at + 60)}${text.length > at + 60 ? '…' : ''}`;
      found.push({ page, heading, excerpt });
    }
  }
  return found;
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim();
}
