import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { openAt, expectAccessible } from '../../test/program';

const persons = () => screen.queryAllByTestId('return-row').map((row) => row.dataset.insured);
const row = (insured: string) =>
  screen.getAllByTestId('return-row').find((found) => found.dataset.insured === insured) as HTMLElement;

async function open(options: Parameters<typeof openAt>[1] = {}) {
  const program = await openAt('returns', options);
  await screen.findByTestId('filter-all');
  return program;
}

async function afterMonthEnd() {
  return open({
    before: (fake) => {
      void fake.stage('/fake/KK260601.CSV', '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5');
      fake.advanceMinutes(60 * 24 * 26);
    },
  });
}

it('shows the returned and the held person with reason, yen and what to do', async () => {
  const { container } = await afterMonthEnd();
  expect(row('0000000101')).toHaveTextContent(
    /返戻.*要介護認定の結果が国保連にまだ届いていません。.*12PA.*57,351円.*待ってから請求/s,
  );
  expect(row('0000000202')).toHaveAttribute('data-kind', 'held');
  expect(row('0000000202')).toHaveTextContent(/63,903円.*請求しない/s);
  await expectAccessible(container);
});

it('adds up what a tab shows', async () => {
  const { user } = await open();
  await user.click(screen.getByTestId('filter-fix'));
  await expect.poll(() => screen.getByTestId('returns-total').textContent).toMatch(/3件\s*合計\s*255,380円/);
  await user.click(screen.getByTestId('filter-limitation'));
  await expect.poll(persons).toEqual(['0000000745']);
  expect(screen.getByTestId('risk')).toHaveTextContent(/90日以内\s*118,400円/);
});

it('opens the story, takes the focus there, and gives it back', async () => {
  const { user, container } = await afterMonthEnd();
  await user.click(screen.getByRole('button', { name: /テスト ジロウ/ }));
  const panel = within(await screen.findByTestId('return-panel'));
  expect(await panel.findByText('請求 63,903円')).toBeVisible();
  expect(panel.getByRole('heading', { level: 2 })).toHaveFocus();
  expect(panel.getByTestId('limitation')).toHaveTextContent('令和10年7月31日（月）まで あと2年1か月');
  expect(panel.getByText(/再請求すると、二重の請求として返戻になります/)).toBeVisible();
  expect(panel.queryByText('次に請求できる月')).toBeNull();
  expect(panel.queryByTestId('route')).toBeNull();
  await expectAccessible(container);
  await user.keyboard('{Escape}');
  expect(screen.queryByTestId('return-panel')).toBeNull();
  await expect.poll(() => document.activeElement).toBe(screen.getByRole('button', { name: /テスト ジロウ/ }));
});

it('prints the paper of the only road by which a claim is taken back, and none where none is needed', async () => {
  const { user } = await afterMonthEnd();
  await user.click(screen.getByRole('button', { name: /テスト ジロウ/ }));
  await user.click(await screen.findByText(/取り下げるとき/));
  await user.click(screen.getByTestId('print-withdrawal'));
  expect(await screen.findByTestId('withdrawal-saved')).toHaveTextContent('保留分取下げ書');
  await user.keyboard('{Escape}');
  await user.click(screen.getByRole('button', { name: /テスト イチロウ/ }));
  await user.click(await screen.findByText(/取り下げるとき/));
  expect(screen.queryByTestId('print-withdrawal')).toBeNull();
});

it('walks through the rows by arrows and opens by Enter', async () => {
  const { user } = await open();
  const names = within(screen.getByRole('table')).getAllByRole('button', { name: /\d{10}/ });
  names[0]?.focus();
  await user.keyboard('{ArrowDown}');
  await expect.poll(() => document.activeElement).toBe(names[1]);
  await user.keyboard('{End}');
  await expect.poll(() => document.activeElement).toBe(names.at(-1));
  await user.keyboard('{Home}');
  await expect.poll(() => document.activeElement).toBe(names[0]);
  await user.keyboard('{Enter}');
  expect(await screen.findByTestId('return-panel')).toBeVisible();
});

it('sorts by a column and says so', async () => {
  const { user } = await open();
  await user.click(screen.getByTestId('filter-all'));
  const head = () => screen.getByRole('columnheader', { name: /金額/ });
  expect(head()).not.toHaveAttribute('aria-sort');
  await user.click(within(head()).getByRole('button'));
  await expect.poll(() => persons()[0]).toBe('0000000745');
  expect(head()).toHaveAttribute('aria-sort', 'descending');
  await user.click(within(head()).getByRole('button'));
  await expect.poll(() => persons()[0]).toBe('0000000826');
  expect(head()).toHaveAttribute('aria-sort', 'ascending');
});

it('looks at one office when one is chosen', async () => {
  const { user } = await open();
  await user.selectOptions(screen.getByTestId('office-select'), 'ひいらぎ居宅介護支援');
  await expect.poll(persons).toEqual(['0000000618']);
});

it('says when there is nothing, and when something will come', async () => {
  const { container } = await open({ before: (fake) => fake.startEmpty() });
  expect(await screen.findByTestId('empty')).toHaveTextContent(/自分と未割当のものはありません.*月の終わりごろ/s);
  await expectAccessible(container);
});

it('says why the list cannot be read, and reads it when asked again', async () => {
  const { user, fake } = await open();
  fake.failNext('worklist', { code: 'E-1505', message: 'データがほかの処理で使われています。', retryable: true });
  await user.click(screen.getByTestId('filter-all'));
  expect(await screen.findByTestId('problem')).toHaveTextContent(/使われています。.*E-1505/);
  await user.click(screen.getByRole('button', { name: 'もう一度' }));
  await expect.poll(() => screen.queryByTestId('problem')).toBeNull();
  expect(persons().length).toBeGreaterThan(0);
});

it('narrows by code and text, and keeps a filter under a name', async () => {
  const { user } = await open();
  await user.click(screen.getByTestId('more-filters'));
  await user.selectOptions(screen.getByTestId('filter-code'), 'ANN4');
  await expect.poll(persons).toEqual(['0000000537']);
  await user.type(screen.getByTestId('filter-name'), '重複');
  await user.click(screen.getByTestId('filter-save'));
  await user.click(screen.getByText('絞りこみをやめる'));
  await expect.poll(() => persons().length).toBeGreaterThan(1);
  await user.click(await screen.findByTestId('saved-filter'));
  await expect.poll(persons).toEqual(['0000000537']);
  await user.type(screen.getByTestId('work-search'), 'カリ');
  await expect.poll(() => screen.queryAllByTestId('return-row').length).toBe(0);
});

it('gives marked items to one person, and takes it back', async () => {
  const { user, container } = await open();
  const before = persons();
  await user.click(screen.getByTestId('mark-all'));
  expect(screen.getByTestId('bulk')).toHaveTextContent(`${before.length}件を選んでいます`);
  await expectAccessible(container);
  await user.click(screen.getByTestId('bulk-mine'));
  expect(await screen.findByTestId('decided')).toHaveTextContent(`${before.length}件の担当を山田さんにしました。`);
  expect(row(before[0] ?? '')).toHaveTextContent('山田');
  await user.click(screen.getByTestId('undo'));
  await expect.poll(() => row(before[0] ?? '').textContent).toContain('未割当');
});

it('gives money up only after a second look', async () => {
  const { user } = await open();
  await user.click(screen.getByRole('button', { name: /ミホン ハナコ/ }));
  await user.click(await screen.findByTestId('close'));
  await user.type(screen.getByTestId('close-reason'), '自費で精算した');
  await user.click(screen.getByTestId('close-submit'));
  const proposal = await screen.findByTestId('proposal');
  expect(proposal).toHaveTextContent(/自費で精算した.*84,120円を受け取らない/s);
  await user.click(screen.getByTestId('confirm-close'));
  expect(await screen.findByTestId('problem')).toHaveTextContent('E-1712');
  await user.click(screen.getByTestId('looked-twice'));
  await user.click(screen.getByTestId('confirm-close'));
  const panel = within(screen.getByTestId('return-panel'));
  expect(await panel.findByTestId('reopen')).toBeVisible();
  await user.click(panel.getByTestId('reopen'));
  await expect.poll(() => panel.queryByTestId('close')).not.toBeNull();
});

it('keeps owner, day and notes, with a history', async () => {
  const { user } = await open();
  await user.click(screen.getByRole('button', { name: /ミホン ハナコ/ }));
  const panel = within(await screen.findByTestId('return-panel'));
  await user.type(await panel.findByTestId('owner'), '佐藤');
  await user.click(panel.getByTestId('owner-save'));
  await user.type(await panel.findByTestId('note'), '市役所へ電話した');
  await user.click(panel.getByTestId('note-save'));
  expect(await panel.findByTestId('written')).toHaveTextContent(/市役所へ電話した.*山田/s);
  expect(panel.getByTestId('history')).toHaveTextContent(/履歴（2件）.*市役所へ電話した.*担当：佐藤/s);
});

it('shows what was sent as the paper form', async () => {
  const { user, container } = await open();
  await user.click(screen.getByRole('button', { name: /ミホン ハナコ/ }));
  await user.click(await screen.findByText(/送った請求（1回）/));
  await user.click(screen.getByTestId('sheet-open'));
  const sheet = await screen.findByTestId('sent-sheet');
  expect(sheet).toHaveTextContent(/令和8年5月に送った請求.*57,?351/s);
  await expectAccessible(container);
});

it('looks through a folder before it takes it in, and tells what was forgotten', async () => {
  const { user, container } = await open();
  await user.click(screen.getByTestId('import-open'));
  await user.click(screen.getByTestId('import-folder'));
  expect(await screen.findByTestId('import-preview')).toHaveTextContent(/新しいもの 118件.*まだ何も保存していません/s);
  await expectAccessible(container);
  await user.click(screen.getByTestId('import-take'));
  expect(await screen.findByTestId('import-result')).toHaveTextContent('118件を取り込みました');
  await user.click(await screen.findByTestId('show-forgotten'));
  await expect.poll(persons).toContain('0000000933');
});

it('offers to go on with an import that was cut off', async () => {
  const { user } = await open({ before: (fake) => fake.cutImport(['/fake/過去のファイル']) });
  expect(await screen.findByTestId('unfinished-import')).toHaveTextContent('途中で止まっています');
  await user.click(screen.getByRole('button', { name: '続きから取り込む' }));
  expect(await screen.findByTestId('import-result')).toBeVisible();
});

it('names what is missing, office by office', async () => {
  const { user } = await open({
    before: (fake) =>
      fake.alarm([
        {
          office: '9970000015',
          office_name: 'さくらデイサービス',
          month: '2026-05',
          kind: 'missing_notice',
          text: '支払決定額内訳書（7521）が届いていません。',
          action: '通知を受け取り直すか、届いたファイルを取り込んでください。',
          yen: null,
          key: null,
        },
      ]),
  });
  await user.click(await screen.findByText('気をつけること 1件'));
  expect(screen.getByTestId('alarm')).toHaveTextContent(/令和8年5月審査.*7521.*取り込んでください/s);
});

it('keeps few rows in the page, however many there are', async () => {
  const { user } = await open({ before: (fake) => fake.startLarge(20_000) });
  await user.click(screen.getByTestId('filter-all'));
  await expect.poll(() => screen.getByTestId('returns-total').textContent).toContain('20,000件');
  expect(screen.getAllByTestId('return-row').length).toBeLessThan(80);
  expect(screen.getByRole('table')).toHaveAttribute('aria-rowcount', '20001');
});
