import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { expectAccessible, openAt, type Program } from '../../test/program';

const CLEAN = '/fake/KK260601.CSV';

async function stageOffline({ fake, user }: Program) {
  fake.setOffline(true);
  fake.drop([CLEAN]);
  const card = within(await screen.findByTestId('file-card'));
  await user.click(card.getByTestId('send-button'));
  await user.click(card.getByTestId('send-confirm'));
}

it('offers a disc only while the relay cannot be reached and something waits', async () => {
  const program = await openAt('send');
  expect(screen.queryByTestId('rescue')).toBeNull();
  await stageOffline(program);
  expect(await screen.findByTestId('rescue')).toHaveTextContent('送信待ちの請求が1件あります');
  program.fake.setOffline(false);
  await expect.poll(() => screen.queryByTestId('rescue')).toBeNull();
});

it('says what to do, asks once more, and then never sends it again', async () => {
  const program = await openAt('send');
  const { fake, user, container } = program;
  await stageOffline(program);
  await user.click(await screen.findByTestId('rescue-make'));
  const kit = within(await screen.findByTestId('rescue-kit'));
  expect(kit.getByText('架空県国民健康保険団体連合会')).toBeVisible();
  expect(kit.getByText(/CD-R_2026-06-05_1015/)).toBeVisible();
  await expectAccessible(container);
  await user.click(kit.getByTestId('rescue-handed-in'));
  expect(fake.calls).not.toContain('handedInOnDisc');
  await user.click(kit.getByTestId('rescue-confirm'));
  await expect.poll(() => screen.queryByTestId('rescue')).toBeNull();
  expect(fake.calls).toContain('handedInOnDisc');
});
