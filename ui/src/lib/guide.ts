import findings from '../../../docs/guide/直すところ.md?raw';
import trouble from '../../../docs/guide/困ったとき.md?raw';
import rules from '../../../docs/guide/rules.md?raw';

import { once } from './once';

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
export const advice: () => readonly GuideEntry[] = once(() => parseGuide(trouble));

/** What the guide says of a rule. */
export interface RuleEntry {
  /** Page of the guide in which it stands. */
  page: string;
  title: string;
  /** Why the rule exists, what usually breaks it, what to do. */
  reason: string;
}

const ruleEntries = once(
  () =>
    new Map(
      Object.entries({ rules, 直すところ: findings }).flatMap(([page, text]) =>
        parseGuide(text).map(({ code, title, paragraphs }): [string, RuleEntry] => [
          code,
          { page, title, reason: paragraphs.map((paragraph) => paragraph.text).join('') },
        ]),
      ),
    ),
);

/** Finds a rule in the guide; `undefined` for one that the guide does not know. */
export function ruleEntry(rule: string): RuleEntry | undefined {
  return ruleEntries().get(rule);
}
