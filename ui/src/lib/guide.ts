import findings from '../../../docs/guide/直すところ.md?raw';
import trouble from '../../../docs/guide/困ったとき.md?raw';
import rules from '../../../docs/guide/rules.md?raw';

/** One heading of the third level of the user guide, for example `### E-1301 つながりません`, with what stands under it. */
export interface GuideEntry {
  /** First word of the heading: the code of a problem or of a rule. */
  code: string;
  title: string;
  /** Heading of the second level that it stands under, without what is in brackets. */
  chapter: string;
  /** Paragraphs; a name in bold at the beginning of one stands apart. */
  paragraphs: { name: string; text: string }[];
}

/** Reads what the guide says under each heading of the third level. */
export function parseGuide(guide: string): GuideEntry[] {
  const entries: GuideEntry[] = [];
  let chapter = '';
  let entry: GuideEntry | undefined;
  for (const line of guide.split('\n').map((raw) => raw.trim())) {
    if (line.startsWith('## ')) {
      chapter = line.slice(3).replace(/（.*$/, '').trim();
      entry = undefined;
    } else if (line.startsWith('### ')) {
      const [code = '', ...title] = line.slice(4).trim().split(/\s+/);
      entry = { code, title: title.join(' '), chapter, paragraphs: [] };
      entries.push(entry);
    } else if (line !== '') {
      const [, name = '', text = ''] = /^(?:\*\*(.+?)\*\*\s*)?(.*)$/.exec(line) ?? [];
      entry?.paragraphs.push({ name, text: text.replaceAll(/\*\*|`|\[|\]\([^)]*\)/g, '') });
    }
  }
  return entries;
}

/** What to do about each problem code. */
export const ADVICE: readonly GuideEntry[] = parseGuide(trouble);

const RULES = new Map([...parseGuide(rules), ...parseGuide(findings)].map((entry) => [entry.code, entry]));

/** Says why a rule exists and what usually breaks it; `undefined` for a rule that the guide does not know. */
export function ruleReason(rule: string): string | undefined {
  return RULES.get(rule)
    ?.paragraphs.map(({ text }) => text)
    .join('');
}
