import type { FindingView, PartView } from '$lib/backend';

/** What the list beside the form shows: one person, or the file as a whole, with everything that was found there. */
export interface Group {
  /** 被保険者番号; `null` for the file as a whole. */
  insured: string | null;
  /** Statements of the person; of the file as a whole its control record and 請求書. */
  parts: PartView[];
  /** Errors first, then in the order of the file. */
  findings: FindingView[];
  errors: number;
  warnings: number;
}

/** A line of the list. */
export type Row =
  { kind: 'group'; key: string; group: Group } | { kind: 'finding'; key: string; group: Group; finding: FindingView };

export type SeverityFilter = 'all' | 'error' | 'warning';

const SEVERITIES: Record<string, number> = { error: 0, warning: 1, info: 2 };

/** Returns the part in which a line stands. The parts of a file stand one after the other. */
export function partAt(parts: readonly PartView[], line: number): PartView | undefined {
  let low = 0;
  let high = parts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const part = parts[middle] as PartView;
    if (line < part.line) high = middle - 1;
    else if (line > part.last_line) low = middle + 1;
    else return part;
  }
  return undefined;
}

/**
 * Puts findings and statements under their persons: persons with errors first, those with something to look at next, and
 * those with whom all is well last; the file as a whole stands at the end of its kind.
 */
export function groups(parts: readonly PartView[], findings: readonly FindingView[]): Group[] {
  const found = new Map<string | null, Group>();
  const of = (insured: string | null): Group => {
    let group = found.get(insured);
    if (!group) {
      group = { insured, parts: [], findings: [], errors: 0, warnings: 0 };
      found.set(insured, group);
    }
    return group;
  };
  for (const part of parts) if (part.kind !== 'end') of(part.insured).parts.push(part);
  for (const finding of findings) {
    // Of a finding about a person the form decides on which the field stands: the number itself may be what is wrong.
    const part = finding.insured !== null && finding.line > 0 ? partAt(parts, finding.line) : undefined;
    const group = of(part?.insured ?? finding.insured);
    group.findings.push(finding);
    if (finding.severity === 'error') group.errors += 1;
    else if (finding.severity === 'warning') group.warnings += 1;
  }
  for (const group of found.values()) {
    group.findings.sort((a, b) => (SEVERITIES[a.severity] ?? 3) - (SEVERITIES[b.severity] ?? 3) || a.line - b.line);
  }
  const rank = (group: Group) =>
    (group.errors > 0 ? 0 : group.findings.length > 0 ? 2 : 4) + (group.insured === null ? 1 : 0);
  // Sorting keeps the order of the file among equals.
  return [...found.values()].sort((a, b) => rank(a) - rank(b));
}

/** Makes the lines of the list: what passes the filter, each group followed by its findings. */
export function rows(all: readonly Group[], severity: SeverityFilter, search: string): Row[] {
  const wanted = search.normalize('NFKC').trim().toLowerCase();
  const says = (text: string) => text.normalize('NFKC').toLowerCase().includes(wanted);
  const list: Row[] = [];
  for (const [index, group] of all.entries()) {
    const isNamed = wanted === '' || says(group.insured ?? 'ファイル全体');
    const shown = group.findings.filter(
      (finding) =>
        (severity === 'all' || finding.severity === severity) &&
        (isNamed || [finding.message, finding.item_name, finding.found, finding.rule, finding.hint].some(says)),
    );
    if (shown.length === 0 && (severity !== 'all' || !isNamed)) continue;
    list.push({ kind: 'group', key: `${index}`, group });
    for (const [at, finding] of shown.entries()) list.push({ kind: 'finding', key: `${index}.${at}`, group, finding });
  }
  return list;
}
