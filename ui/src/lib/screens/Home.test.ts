import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { openAt, expectAccessible } from '../../test/program';

it('counts what to send, what arrived and what to put right', async () => {
  const { container } = await openAt('home');
  await expect.poll(() => screen.getByTestId('card-send').textContent).toContain('2事業所');
  expect(screen.getByTestId('card-send')).toHaveTextContent('締切は6月10日（水）です');
  expect(screen.getByTestId('card-arrived')).toHaveTextContent('1件 受付完了');
  expect(screen.getByTestId('card-fix')).toHaveTextContent('255,380円');
  await expectAccessible(container);
});

it('leads from a line to the thing itself', async () => {
  const { user } = await openAt('home');
  const line = (await screen.findAllByTestId('today-line'))[0] as HTMLElement;
  expect(line).toHaveTextContent(/時効が近い.*カリ ノ タロウ.*118,400円/s);
  await user.click(within(line).getByRole('link', { name: '見る' }));
  const panel = await screen.findByTestId('return-panel');
  await expect.poll(() => panel.textContent).toContain('カリ ノ タロウ');
});

it('says that there is nothing to do, and when something will be', async () => {
  const { container } = await openAt('home', {
    before: (fake) => {
      fake.startEmpty();
      fake.advanceMinutes(60 * 24 * 7);
    },
  });
  await expect.poll(() => screen.queryByTestId('empty')?.textContent).toContain('いますることはありません');
  expect(screen.getByTestId('empty')).toHaveTextContent('次は令和8年7月1日（水）に、7月の請求を送れるようになります。');
  await expectAccessible(container);
});
