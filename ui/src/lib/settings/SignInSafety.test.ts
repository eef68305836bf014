import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { expectAccessible, openAt } from '../../test/program';

it('begins the second factor with a picture and a code, and shows the recovery codes once', async () => {
  const { user, container } = await openAt('settings');
  await user.click(await screen.findByTestId('second-factor-begin'));
  expect(await screen.findByRole('img', { name: /QRコード/ })).toBeVisible();
  expect(screen.getByTestId('second-factor-secret')).toHaveTextContent('JBSW Y3DP');
  await user.type(screen.getByTestId('second-factor-code'), '999999{Enter}');
  expect(await screen.findByTestId('safety-problem')).toHaveTextContent('E-1109');
  await expectAccessible(container);
  await user.clear(screen.getByTestId('second-factor-code'));
  await user.type(screen.getByTestId('second-factor-code'), '123456{Enter}');
  const codes = await screen.findByTestId('recovery-codes');
  expect(within(codes).getAllByRole('listitem')).toHaveLength(10);
  await expectAccessible(container);
  await user.click(screen.getByTestId('recovery-noted'));
  expect(screen.queryByTestId('recovery-codes')).toBeNull();
  expect(screen.getByRole('heading', { name: '2段階認証：使っています' })).toBeVisible();
});

it('ends the second factor with a code of it only', async () => {
  const { user } = await openAt('settings', {
    before: (fake) => {
      void fake.setUpSecondFactor();
      void fake.confirmSecondFactor('123456');
    },
  });
  await user.click(await screen.findByTestId('second-factor-end'));
  await user.type(screen.getByTestId('second-factor-end-code'), '000000{Enter}');
  expect(await screen.findByTestId('safety-problem')).toHaveTextContent('E-1109');
  await user.clear(screen.getByTestId('second-factor-end-code'));
  await user.type(screen.getByTestId('second-factor-end-code'), 'hq4m-7tzx-9bka{Enter}');
  expect(await screen.findByRole('heading', { name: '2段階認証：使っていません' })).toBeVisible();
});

it('asks before it signs out the other computers', async () => {
  const { fake, user, container } = await openAt('settings');
  await user.click(await screen.findByTestId('leave-elsewhere'));
  expect(fake.calls).not.toContain('signOutElsewhere');
  await expectAccessible(container);
  await user.click(screen.getByTestId('leave-elsewhere-confirm'));
  expect(await screen.findByText(/ほかのパソコンのログインを終わらせました/)).toBeVisible();
  expect(fake.calls).toContain('signOutElsewhere');
});

it('gives a one-time code for an ID of an office', async () => {
  const { user, container } = await openAt('settings');
  const row = await screen.findByTestId('office-id-j0015');
  await user.click(within(row).getByTestId('issue-code'));
  expect(await within(row).findByTestId('issued-code')).toHaveTextContent('abcd-efgh-jkmn');
  expect(within(row).getByTestId('issued-code')).toHaveTextContent('60分のあいだ、1回だけ');
  await expectAccessible(container);
});
