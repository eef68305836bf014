import type { FindingView } from '$lib/backend';

/** The findings of one person, or of the file as a whole. */
export interface FindingGroup {
  /** 被保険者番号; `null` for the file as a whole. */
  insured: string | null;
  findings: FindingView[];
  errors: number;
}

const ORDER: Record<string, number> = { error: 0, warning: 1, info: 2 };

/** Groups findings by person: persons with errors first, the file as a whole last, errors first in each. */
export function groupFindings(findings: FindingView[]): FindingGroup[] {
  const groups = new Map<string | null, FindingView[]>();
  for (const finding of findings) {
    const group = groups.get(finding.insured);
    if (group) group.push(finding);
    else groups.set(finding.insured, [finding]);
  }
  return [...groups]
    .map(([insured, list]) => ({
      insured,
      findings: list.toSorted((a, b) => (ORDER[a.severity] ?? 3) - (ORDER[b.severity] ?? 3)),
      errors: list.filter((finding) => finding.severity === 'error').length,
    }))
    .sort((a, b) => {
      if ((a.insured === null) !== (b.insured === null)) return a.insured === null ? 1 : -1;
      if (a.errors > 0 !== b.errors > 0) return a.errors > 0 ? -1 : 1;
      return (a.insured ?? '').localeCompare(b.insured ?? '');
    });
}
