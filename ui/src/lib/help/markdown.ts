/** A stretch of text within a line. */
export type Inline = { kind: 'text' | 'bold' | 'code'; text: string } | { kind: 'link'; text: string; to: string };

/** A block of a page of the guide. */
export type Block =
  | { kind: 'heading'; level: number; inline: Inline[] }
  | { kind: 'paragraph' | 'quote'; inline: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'picture'; source: string; alt: string };

/** Reads the Markdown that the guide is written in: headings, paragraphs, lists of one level, tables, code and pictures. */
export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let index = 0;
  const next = () => lines[index] ?? '';
  while (index < lines.length) {
    const line = next();
    const heading = /^(#{1,4}) (.*)$/.exec(line);
    const picture = /^!\[(.*)\]\((.*)\)$/.exec(line.trim());
    if (line.trim() === '') index += 1;
    else if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, inline: parseInline(heading[2] ?? '') });
      index += 1;
    } else if (picture) {
      blocks.push({ kind: 'picture', alt: picture[1] ?? '', source: picture[2] ?? '' });
      index += 1;
    } else if (line.startsWith('```')) {
      const code: string[] = [];
      for (index += 1; index < lines.length && !next().startsWith('```'); index += 1) code.push(next());
      index += 1;
      blocks.push({ kind: 'code', text: code.join('\n') });
    } else if (line.startsWith('|')) {
      const rows: Inline[][][] = [];
      for (; next().startsWith('|'); index += 1)
        if (!/^\|[-| :]+\|$/.test(next().trim())) rows.push(cells(next()).map(parseInline));
      blocks.push({ kind: 'table', head: rows[0] ?? [], rows: rows.slice(1) });
    } else if (/^\s*([-*]|\d+\.) /.test(line)) {
      const ordered = /^\s*\d/.test(line);
      const items: string[] = [];
      for (; /^\s*([-*]|\d+\.) |^\s+\S/.test(next()); index += 1) {
        const item = /^\s*(?:[-*]|\d+\.) (.*)$/.exec(next())?.[1];
        if (item === undefined) items.push(`${items.pop() ?? ''}${next().trim()}`);
        else items.push(item);
      }
      blocks.push({ kind: 'list', ordered, items: items.map(parseInline) });
    } else {
      const quote = line.startsWith('> ');
      let paragraph = '';
      for (; next().trim() !== '' && !/^(#|\||```|\s*[-*] |\s*\d+\. |!\[)/.test(next()); index += 1) {
        if (next().startsWith('> ') !== quote) break;
        paragraph += next().replace(/^> /, '');
      }
      blocks.push({ kind: quote ? 'quote' : 'paragraph', inline: parseInline(paragraph) });
    }
  }
  return blocks;
}

function cells(line: string): string[] {
  return line
    .trim()
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}

/** Reads bold, code and links. */
export function parseInline(text: string): Inline[] {
  const found: Inline[] = [];
  const pattern = /\*\*(.+?)\*\*|`(.+?)`|\[(.+?)\]\((\S+?\.md\S*|\S+?)\)/g;
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) found.push({ kind: 'text', text: text.slice(from, match.index) });
    if (match[1] !== undefined) found.push({ kind: 'bold', text: match[1] });
    else if (match[2] !== undefined) found.push({ kind: 'code', text: match[2] });
    else found.push({ kind: 'link', text: match[3] ?? '', to: match[4] ?? '' });
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push({ kind: 'text', text: text.slice(from) });
  return found;
}

/** Returns the words of a block, for searching. */
export function wordsOf(block: Block): string {
  const words = (inline: Inline[]) => inline.map((part) => part.text).join('');
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
    case 'quote':
      return words(block.inline);
    case 'code':
      return block.text;
    case 'list':
      return block.items.map(words).join(' ');
    case 'table':
      return [block.head, ...block.rows].map((row) => row.map(words).join(' ')).join(' ');
    case 'picture':
      return block.alt;
  }
}
