import type { CheckView, DifferenceView, FindingView, OfficeAreaView, PartView, SheetView } from './bindings';
import sheets from './fake-sheets.json';

/** What stands in the fake files. Written by a test of the Rust side, so that it is what the real program shows. */
const REAL = sheets as unknown as {
  files: Record<string, { parts: PartView[]; sheets: Record<string, SheetView> }>;
  difference: DifferenceView;
};

/** How the clean file differs from the same one with another person. */
export const DIFFERENCE: DifferenceView = REAL.difference;

/** Persons of the large fake file, each with two findings. */
export const MANY_PERSONS = 1000;
export const MANY_SHA256 = 'a'.repeat(64);

const LINES_PER_PERSON = 6;
const HEAD_LINES = 3;

const number = (index: number) => String(index + 1).padStart(10, '0');
const firstLine = (index: number) => HEAD_LINES + 1 + index * LINES_PER_PERSON;

/** The parts of a fake file; `undefined` for a content that the fake does not know. */
export function partsOf(sha256: string): PartView[] | undefined {
  if (sha256 !== MANY_SHA256) return REAL.files[sha256]?.parts;
  const [control, totals, person] = bad().parts as [PartView, PartView, PartView];
  return [
    control,
    totals,
    ...Array.from({ length: MANY_PERSONS }, (_, index) => ({
      ...person,
      insured: number(index),
      line: firstLine(index),
      last_line: firstLine(index) + LINES_PER_PERSON - 1,
    })),
  ];
}

/** The form of the part in which `line` stands. */
export function sheetOf(sha256: string, line: number): SheetView | undefined {
  const part = partsOf(sha256)?.find((candidate) => candidate.line <= line && line <= candidate.last_line);
  if (!part) return undefined;
  if (sha256 !== MANY_SHA256 || part.insured === null) {
    return REAL.files[sha256 === MANY_SHA256 ? BAD : sha256]?.sheets[part.line];
  }
  const pattern = bad().sheets[4] as SheetView;
  const by = part.line - pattern.part.line;
  const named = (text: string) => (text === pattern.part.insured ? (part.insured as string) : text);
  return {
    ...pattern,
    part,
    blocks: pattern.blocks.map((block) => ({
      ...block,
      rows: block.rows.map((row) => ({
        ...row,
        line: row.line + by,
        cells: row.cells.map((cell) => ({ ...cell, value: named(cell.value), text: named(cell.text) })),
      })),
    })),
  };
}

/** The check of the large fake file: every person has the two findings of `pattern`. */
export function manyOf(clean: CheckView, pattern: FindingView[]): CheckView {
  const findings = Array.from({ length: MANY_PERSONS }, (_, index) =>
    pattern.map((finding) => ({ ...finding, insured: number(index), line: firstLine(index) })),
  ).flat();
  return {
    ...clean,
    file: 'MANY.CSV',
    path: '/fake/MANY.CSV',
    persons: MANY_PERSONS,
    persons_with_errors: MANY_PERSONS,
    claims: MANY_PERSONS,
    sha256: MANY_SHA256,
    sendable: false,
    findings,
  };
}

const BAD = 'ea05877bb8a11e69e281dec6fb918d01525bbb44bf76953b69019a856f44d62a';

function bad() {
  return REAL.files[BAD] as (typeof REAL.files)[string];
}

export const AREAS = ['1級地', '2級地', '3級地', '4級地', '5級地', '6級地', '7級地', 'その他'];

/** What one unit is worth in each grade: by the labour shares of 70, 55 and 45 %. */
const AREA_PRICES = [
  ['11.40', '11.10', '10.90'],
  ['11.12', '10.88', '10.72'],
  ['11.05', '10.83', '10.68'],
  ['10.84', '10.66', '10.54'],
  ['10.70', '10.55', '10.45'],
  ['10.42', '10.33', '10.27'],
  ['10.21', '10.17', '10.14'],
  ['10.00', '10.00', '10.00'],
].map((yen, index) => ({
  area: AREAS[index] ?? '',
  prices: [
    '訪問介護、訪問看護、居宅介護支援など',
    '通所リハビリ、小規模多機能、ショートステイなど',
    '通所介護、グループホーム、特養など',
  ].map((services, kind) => ({ services, yen: `${yen[kind]}円` })),
}));

/** The offices of the fake with what they were paid; none has set its grade yet. */
export function areasBefore(offices: { number: string; name: string }[]): OfficeAreaView[] {
  return offices.map(({ number: office, name }, index) => ({
    office,
    office_name: name,
    area: null,
    history: [],
    paid:
      index === 0
        ? {
            service_month: '2026-04',
            fitting: ['5級地'],
            rows: 2,
            message: '令和8年4月分は5級地の単価で支払われています。',
          }
        : null,
    choices: AREAS,
    prices: AREA_PRICES,
  }));
}
