import { expect, it } from 'vitest';

import type { FindingView, PartView } from '$lib/backend';

import { groups, partAt, rows, type Row } from './groups';

function finding(line: number, insured: string | null, severity: string, message = ''): FindingView {
  return {
    rule: 'C1',
    severity,
    line,
    record: '',
    item: 1,
    item_name: '',
    insured,
    found: '',
    expected: '',
    message,
    hint: '',
  };
}

function part(kind: string, insured: string | null, line: number, last_line: number): PartView {
  return { kind, title: '', exchange_id: '7131', insured, insurer: '', service_month: null, yen: 0, line, last_line };
}

const PARTS = [
  part('control', null, 1, 1),
  part('totals', null, 2, 3),
  part('person', '101', 4, 8),
  part('person', '202', 9, 13),
  part('person', '303', 14, 18),
  part('end', null, 19, 19),
];

const order = (list: Row[]) =>
  list.map((row) => (row.kind === 'group' ? `# ${row.group.insured}` : `${row.finding.severity} ${row.finding.line}`));

it('puts persons with errors first, then what else asks for a look, then the rest', () => {
  const all = groups(PARTS, [
    finding(2, null, 'error'),
    finding(10, '202', 'warning'),
    finding(16, '303', 'info'),
    finding(15, '303', 'error'),
  ]);
  expect(order(rows(all, 'all', ''))).toEqual([
    '# 303',
    'error 15',
    'info 16',
    '# null',
    'error 2',
    '# 202',
    'warning 10',
    '# 101',
  ]);
});

it('finds the form of a finding by its line, whatever number the finding names', () => {
  const all = groups(PARTS, [
    finding(10, '0000000202', 'error'),
    finding(0, '404', 'error'),
    finding(5, null, 'error'),
    finding(1, '101', 'error'),
  ]);
  expect(all.filter((group) => group.errors > 0).map((group) => group.insured)).toEqual(['101', '202', '404', null]);
  expect([0, 1, 3, 8, 19, 20].map((line) => partAt(PARTS, line)?.kind)).toEqual([
    undefined,
    'control',
    'totals',
    'person',
    'end',
    undefined,
  ]);
});

it('filters by kind and by words, full-width or not', () => {
  const all = groups(PARTS, [finding(4, '101', 'error', '生年月日が入っていません。'), finding(10, '202', 'warning')]);
  expect(order(rows(all, 'warning', ''))).toEqual(['# 202', 'warning 10']);
  expect(order(rows(all, 'all', '生年'))).toEqual(['# 101', 'error 4']);
  expect(order(rows(all, 'all', '２０２'))).toEqual(['# 202', 'warning 10']);
  expect(order(rows(all, 'all', '303'))).toEqual(['# 303']);
  expect(rows(all, 'error', '202')).toEqual([]);
});
