import { screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { expectAccessible, openAt } from '../../test/program';

it('shows what the federation tells a whole prefecture, and keeps what is attached as it came', async () => {
  const { fake, user, container } = await openAt('notices');
  fake.advanceMinutes(60 * 24 * 47);
  const rows = () => screen.queryAllByTestId('notice-row').filter((row) => row.dataset.exchange === '');
  await expect.poll(() => rows().length).toBe(2);
  expect(rows()[0]).toHaveTextContent('国保連からのお知らせ');
  expect(rows()[0]).toHaveTextContent('県内のすべての事業所');
  await user.click(rows()[0] as HTMLElement);
  expect(await screen.findByText(/８月請求分の受付期間は/)).toBeVisible();
  await expectAccessible(container);

  await user.click(screen.getByText('通知の一覧へ'));
  await expect.poll(() => rows().length).toBe(2);
  await user.click(rows()[1] as HTMLElement);
  expect(await screen.findByText(/ここでは開けません/)).toBeVisible();
  await user.click(screen.getByTestId('original-button'));
  expect(await screen.findByTestId('original-saved')).toHaveTextContent('別紙_20260721_f2f2f2f2.pdf');
  expect(fake.calls).not.toContain('noticePaper');
});
