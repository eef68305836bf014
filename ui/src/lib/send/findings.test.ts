import { expect, it } from 'vitest';

import type { FindingView } from '$lib/backend';

import { groupFindings } from './findings';

function finding(insured: string | null, severity: string, rule: string): FindingView {
  return {
    rule,
    severity,
    line: 0,
    record: '',
    item: 0,
    item_name: '',
    insured,
    found: '',
    expected: '',
    message: '',
    hint: '',
  };
}

it('puts persons with errors first, the file last, and errors first in each', () => {
  const groups = groupFindings([
    finding(null, 'error', 'F2'),
    finding('0000000303', 'warning', 'C8'),
    finding('0000000202', 'warning', 'C8'),
    finding('0000000202', 'error', 'A2'),
    finding('0000000101', 'error', 'C1'),
  ]);
  expect(groups.map((group) => [group.insured, group.errors, group.findings.map(({ rule }) => rule)])).toEqual([
    ['0000000101', 1, ['C1']],
    ['0000000202', 1, ['A2', 'C8']],
    ['0000000303', 0, ['C8']],
    [null, 1, ['F2']],
  ]);
});
