import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { expectAccessible, openAt } from '../../test/program';

it('sets the 地域区分 of an office, proposing what its payments tell', async () => {
  const { user, container } = await openAt('settings');
  const row = async (office: string) =>
    within((await screen.findAllByTestId('area-row')).find((found) => found.dataset.office === office) as HTMLElement);
  const first = await row('9970000015');
  expect(first.getByText('決まっていません')).toBeVisible();
  expect(first.getByText('令和8年4月分は5級地の単価で支払われています。')).toBeVisible();
  await user.click(first.getByTestId('area-edit'));
  expect(first.getByTestId('area-choice')).toHaveValue('5級地');
  expect(first.getByTestId('area-from')).toHaveValue('2026-06');
  await expectAccessible(container);
  await user.click(first.getByTestId('area-save'));
  await expect.poll(() => first.queryByTestId('area-name')?.textContent).toBe('5級地');
  expect((await row('9970000023')).getByText('決まっていません')).toBeVisible();
});
