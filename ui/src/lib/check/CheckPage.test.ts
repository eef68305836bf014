import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { expectAccessible, openAt, type Program } from '../../test/program';

async function open(path: string): Promise<Program> {
  const program = await openAt('send');
  program.fake.drop([path]);
  const file = path.split('/').at(-1);
  await expect.poll(() => screen.queryAllByTestId('file-card').some((card) => card.dataset.file === file)).toBe(true);
  const card = screen.getAllByTestId('file-card').find((found) => found.dataset.file === file) as HTMLElement;
  await program.user.click(within(card).queryByTestId('findings-button') ?? within(card).getByTestId('details-button'));
  await screen.findByTestId('claim-sheet');
  return program;
}

const listed = () => within(screen.getByTestId('finding-list'));
const option = () => listed().getByRole('option', { selected: true });
const marked = () =>
  screen.getAllByTestId('marked-field').map((field) => `${field.dataset.line}.${field.dataset.item}`);

it('opens at the first thing to put right, with its field marked on the form', async () => {
  const { container } = await open('/fake/KKBAD001.CSV');
  expect(document.getElementById('page-title')).toHaveTextContent('3人中3人に直すところがあります');
  expect(option()).toHaveTextContent('生年月日が入っていません。');
  expect(marked()).toEqual(['4.5', '4.13']);
  const field = screen.getByRole('button', { name: '直す：生年月日 何も入っていません' });
  expect(field).toHaveTextContent('（なし）');
  const sheet = within(screen.getByTestId('claim-sheet'));
  for (const title of ['被保険者', '給付費明細欄', '請求額集計欄', '請求額の合計']) {
    expect(sheet.getAllByText(title)[0]).toBeVisible();
  }
  const note = screen.getAllByTestId('finding-note').find((found) => found.dataset.rule === 'CD1') as HTMLElement;
  for (const text of ['00990011', '00990010', '介護保険証を見て、保険者番号を直してください。', 'なぜ']) {
    expect(within(note).getByText(text)).toBeVisible();
  }
  await expectAccessible(container);
});

it('walks through persons and findings by keyboard', async () => {
  const { user } = await open('/fake/KKBAD001.CSV');
  screen.getByTestId('finding-list').focus();
  await user.keyboard('{Home}');
  expect(option()).toHaveTextContent('0000000101');
  await user.keyboard('{ArrowDown}{ArrowDown}');
  expect(option()).toHaveTextContent('保険者番号の最後の1けたが合いません');
  await user.keyboard('{F8}');
  expect(option()).toHaveTextContent('明細の単位数の合計と、集計の単位数が合いません。');
  await expect.poll(marked).toEqual(['11.8', '14.10', '14.14', '14.16']);
  await user.keyboard('{Shift>}{F8}{/Shift}');
  expect(option()).toHaveTextContent('保険者番号の最後の1けた');
  await user.keyboard('{Enter}');
  expect(screen.getByRole('region', { name: '明細書' })).toHaveFocus();
  await user.keyboard('{Escape}');
  expect(screen.getByTestId('finding-list')).toHaveFocus();
  await user.keyboard('{End}{ArrowUp}');
  expect(option()).toHaveTextContent('請求書の費用合計が、明細書の合計と合いません。');
  await expect.poll(marked).toEqual(['2.9']);
});

it('filters by kind and by words', async () => {
  const { user } = await open('/fake/KKBAD001.CSV');
  await user.click(screen.getByTestId('severity-warning'));
  expect(screen.getAllByTestId('finding-row').map((row) => row.textContent)).toEqual([
    expect.stringContaining('同じサービスコードが二重に入っています。'),
  ]);
  await user.click(screen.getByTestId('severity-all'));
  await user.type(screen.getByTestId('findings-search'), '処理対象年月');
  expect(screen.getAllByTestId('finding-row')).toHaveLength(1);
  await user.type(screen.getByTestId('findings-search'), 'ではないもの');
  expect(screen.getByText('当てはまるものはありません。')).toBeVisible();
});

it('opens the persons of a clean file too', async () => {
  const { user, container } = await open('/fake/KK260601.CSV');
  expect(screen.getAllByTestId('finding-person').map((row) => row.dataset.insured)).toEqual([
    '0000000101',
    '0000000202',
    '0000000303',
  ]);
  await user.click(screen.getAllByTestId('finding-person')[2] as HTMLElement);
  await expect.poll(() => screen.getByTestId('claim-sheet').textContent).toContain('9,324');
  expect(screen.queryByTestId('marked-field')).toBeNull();
  await expectAccessible(container);
});

it('prints the findings and one claim, and makes a table of them', async () => {
  const { fake, user } = await open('/fake/KKBAD001.CSV');
  for (const [button, method, file] of [
    ['findings-print', 'printFindings', '.pdf'],
    ['findings-csv', 'exportFindings', '.csv'],
    ['sheet-print', 'printSheet', '明細書_0000000101_4行'],
  ] as const) {
    await user.click(screen.getByTestId(button));
    await expect.poll(() => screen.getByTestId('saved-path').textContent).toContain(file);
    expect(fake.calls).toContain(method);
  }
});

it('says so when the file has changed meanwhile', async () => {
  const program = await openAt('send');
  program.fake.drop(['/fake/KKBAD001.CSV']);
  program.fake.failNext('fileParts', {
    code: 'E-1011',
    message: '確認したあとでファイルが変わりました。',
    retryable: false,
  });
  await program.user.click(await screen.findByTestId('findings-button'));
  expect(await screen.findByText(/確認したあとでファイルが変わりました/)).toBeVisible();
});

it('keeps two thousand findings out of the page until they are seen', async () => {
  const { user } = await open('/fake/MANY.CSV');
  const list = screen.getByTestId('finding-list');
  expect(list.dataset.rows).toBe('3001');
  expect(listed().getAllByRole('option').length).toBeLessThan(40);
  list.focus();
  await user.keyboard('{End}');
  expect(option()).toHaveTextContent('ファイル全体');
  expect(listed().getAllByRole('option').length).toBeLessThan(40);
});
