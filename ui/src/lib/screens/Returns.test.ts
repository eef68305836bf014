import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { openAt, expectAccessible } from '../../test/program';

const persons = () => screen.queryAllByTestId('return-row').map((row) => row.dataset.insured);

async function afterMonthEnd() {
  return openAt('returns', {
    before: (fake) => {
      void fake.stage('/fake/KK260601.CSV', '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5');
      fake.advanceMinutes(60 * 24 * 26);
    },
  });
}

it('shows the returned and the held person with reason, yen and what to do', async () => {
  const { container } = await afterMonthEnd();
  const row = (insured: string) =>
    screen.getAllByTestId('return-row').find((found) => found.dataset.insured === insured) as HTMLElement;
  expect(row('0000000101')).toHaveTextContent(
    /返戻.*要介護認定の結果が国保連にまだ届いていません。.*12PA.*57,351円.*直さずに待ち/s,
  );
  expect(row('0000000202')).toHaveAttribute('data-kind', 'held');
  expect(row('0000000202')).toHaveTextContent(/63,903円.*再請求しないでください/s);
  await expectAccessible(container);
});

it('adds up what a tab shows', async () => {
  const { user } = await openAt('returns');
  await user.click(screen.getByTestId('filter-fix'));
  expect(screen.getByTestId('returns-total')).toHaveTextContent('3件 合計 255,380円');
  await user.click(screen.getByTestId('filter-limitation'));
  expect(persons()).toEqual(['0000000745']);
});

it('opens the story, takes the focus there, and gives it back', async () => {
  const { user, container } = await afterMonthEnd();
  await user.click(screen.getByRole('button', { name: /テスト ジロウ/ }));
  const panel = within(await screen.findByTestId('return-panel'));
  expect(panel.getByRole('heading', { level: 2 })).toHaveFocus();
  expect(panel.getByText('請求 63,903円')).toBeVisible();
  expect(panel.getByTestId('limitation')).toHaveTextContent('令和10年7月31日（月）まで あと2年1か月');
  expect(panel.getByText(/再請求すると、二重の請求として返戻になります/)).toBeVisible();
  expect(panel.queryByText('次に請求できる月')).toBeNull();
  await expectAccessible(container);
  await user.keyboard('{Escape}');
  expect(screen.queryByTestId('return-panel')).toBeNull();
  await expect.poll(() => document.activeElement).toBe(screen.getByRole('button', { name: /テスト ジロウ/ }));
});

it('walks through the rows by arrows and opens by Enter', async () => {
  const { user } = await openAt('returns');
  const names = within(screen.getByRole('table')).getAllByRole('button', { name: /\d{10}/ });
  names[0]?.focus();
  await user.keyboard('{ArrowDown}');
  expect(names[1]).toHaveFocus();
  await user.keyboard('{End}{ArrowDown}');
  expect(names.at(-1)).toHaveFocus();
  await user.keyboard('{Home}{Enter}');
  expect(await screen.findByTestId('return-panel')).toBeVisible();
});

it('sorts by a column and says so', async () => {
  const { user } = await openAt('returns');
  const head = () => screen.getByRole('columnheader', { name: /金額/ });
  expect(head()).not.toHaveAttribute('aria-sort');
  await user.click(within(head()).getByRole('button'));
  expect(head()).toHaveAttribute('aria-sort', 'descending');
  expect(persons()[0]).toBe('0000000745');
  await user.click(within(head()).getByRole('button'));
  expect(head()).toHaveAttribute('aria-sort', 'ascending');
  expect(persons()[0]).toBe('0000000618');
});

it('looks at one office when one is chosen', async () => {
  const { user } = await openAt('returns');
  await user.selectOptions(screen.getByTestId('office-select'), 'ひいらぎ居宅介護支援');
  expect(persons()).toEqual(['0000000618']);
});

it('says when there is nothing, and when something will come', async () => {
  const { container } = await openAt('returns', { before: (fake) => fake.startEmpty() });
  expect(screen.getByTestId('empty')).toHaveTextContent(/未解決のものはありません.*月の終わりごろ/s);
  await expectAccessible(container);
});

it('says why the list cannot be read, and reads it when asked again', async () => {
  const { user } = await openAt('returns', {
    before: (fake) =>
      fake.failNext('returns', { code: 'E-1505', message: 'データがほかの処理で使われています。', retryable: true }),
  });
  expect(await screen.findByTestId('problem')).toHaveTextContent(/使われています。.*E-1505/);
  await user.click(screen.getByRole('button', { name: 'もう一度' }));
  expect((await screen.findAllByTestId('return-row')).length).toBeGreaterThan(0);
  expect(screen.queryByTestId('problem')).toBeNull();
});
