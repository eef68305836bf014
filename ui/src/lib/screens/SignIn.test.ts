import { fireEvent, screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { expectAccessible, openSignedOut } from '../../test/program';

async function type(user: Awaited<ReturnType<typeof openSignedOut>>['user'], password: string) {
  await user.clear(screen.getByTestId('login-corporation'));
  await user.type(screen.getByTestId('login-corporation'), '９９９００１０００００１５');
  await user.clear(screen.getByTestId('login-id'));
  await user.type(screen.getByTestId('login-id'), 'H9900001');
  await user.clear(screen.getByTestId('login-password'));
  await user.type(screen.getByTestId('login-password'), password);
}

it('names the fields that cannot be right and asks nobody', async () => {
  const { fake, user } = await openSignedOut();
  await user.type(screen.getByTestId('login-corporation'), '999');
  await user.click(screen.getByTestId('login-submit'));
  expect(screen.getByTestId('login-corporation')).toHaveAccessibleDescription(
    /法人番号は4けたから13けたの数字です。いま3けた入っています。/,
  );
  expect(screen.getByTestId('login-password')).toBeInvalid();
  expect(screen.getByTestId('login-corporation')).toHaveFocus();
  expect(fake.calls).not.toContain('logIn');
});

it('says how many attempts are left and keeps what was typed', async () => {
  const { user, container } = await openSignedOut();
  await type(user, 'wrong');
  await user.click(screen.getByTestId('login-submit'));
  const problem = await screen.findByTestId('login-problem');
  expect(problem).toHaveAttribute('role', 'alert');
  expect(problem).toHaveTextContent('あと4回まちがえると、しばらくログインできません。');
  expect(problem).toHaveTextContent('E-1101');
  expect(screen.getByTestId('login-id')).toHaveValue('H9900001');
  await expectAccessible(container);
});

it('leads through the forced change to the home screen, and the password is never typed again', async () => {
  const { fake, user, container } = await openSignedOut();
  await type(user, 'Kari-2026-0605');
  await user.keyboard('{Enter}');
  const password = await screen.findByTestId('new-password');
  await expectAccessible(container);
  await user.type(password, 'short');
  await user.click(screen.getByTestId('new-password-submit'));
  expect(password).toHaveAccessibleDescription(/いま5文字入っています。/);
  await user.clear(password);
  await user.type(password, 'Sakura-no-ki-2026');
  await user.type(screen.getByTestId('new-password-repeat'), 'Sakura-no-ki-2025');
  await user.click(screen.getByTestId('new-password-submit'));
  expect(screen.getByTestId('new-password-repeat')).toHaveAccessibleDescription(/同じではありません/);
  expect(fake.calls).not.toContain('changePassword');
  await user.clear(screen.getByTestId('new-password-repeat'));
  await user.type(screen.getByTestId('new-password-repeat'), 'Sakura-no-ki-2026{Enter}');
  expect(await screen.findByTestId('nav-home')).toHaveAttribute('aria-current', 'page');
  expect(container).not.toHaveTextContent('Sakura-no-ki-2026');
});

it('does not send the form when Enter only confirms a conversion', async () => {
  const { fake, user } = await openSignedOut();
  await type(user, 'Kari-2026-0605');
  const allowed = await fireEvent.keyDown(screen.getByTestId('login-id'), { key: 'Enter', isComposing: true });
  expect(allowed).toBe(false);
  expect(fake.calls).not.toContain('logIn');
});

it('shows the password only while asked, and warns of Caps Lock', async () => {
  const { user } = await openSignedOut();
  const password = screen.getByTestId('login-password');
  expect(password).toHaveAttribute('type', 'password');
  await user.click(screen.getByRole('button', { name: 'パスワードを表示する' }));
  expect(password).toHaveAttribute('type', 'text');
  await user.click(screen.getByRole('button', { name: 'パスワードを表示する' }));
  expect(password).toHaveAttribute('type', 'password');
  await fireEvent.keyDown(password, { key: 'A', modifierCapsLock: true });
  expect(await screen.findByText(/Caps Lock/)).toBeVisible();
  await fireEvent.keyUp(password, { key: 'A', modifierCapsLock: false });
  expect(screen.queryByText(/Caps Lock/)).toBeNull();
});

it('asks for the address of the relay when none is known', async () => {
  const { fake, user } = await openSignedOut({ before: (backend) => void backend.setRelay('https://old.example') });
  await user.click(screen.getByTestId('login-relay-change'));
  const relay = screen.getByTestId('login-relay');
  expect(relay).toHaveValue('https://old.example');
  await user.clear(relay);
  await user.type(relay, 'https://relay.todoke.example');
  await type(user, 'Kari-2026-0605');
  await user.click(screen.getByTestId('login-submit'));
  await screen.findByTestId('new-password');
  expect((await fake.frame()).relay_url).toBe('https://relay.todoke.example');
});

it('says that the relay does not answer', async () => {
  const { user } = await openSignedOut({ before: (fake) => fake.setOffline(true) });
  await type(user, 'Kari-2026-0605');
  await user.click(screen.getByTestId('login-submit'));
  expect(within(await screen.findByTestId('login-problem')).getByText(/中継サーバーにつながりません/)).toBeVisible();
});

it('asks for the code of the second factor only when the relay does', async () => {
  const { fake, user, container } = await openSignedOut();
  await fake.setUpSecondFactor();
  await fake.confirmSecondFactor('123456');
  await type(user, 'Kari-2026-0605');
  expect(screen.queryByTestId('login-code')).toBeNull();
  await user.click(screen.getByTestId('login-submit'));
  const code = await screen.findByTestId('login-code');
  expect(code).toHaveFocus();
  expect(screen.queryByTestId('login-problem')).toBeNull();
  await user.type(code, '000000{Enter}');
  expect(await screen.findByTestId('login-problem')).toHaveTextContent('E-1109');
  await expectAccessible(container);
  await user.clear(code);
  await user.type(code, '１２３４５６{Enter}');
  expect(await screen.findByTestId('new-password')).toBeVisible();
});

it('sets a new password with a one-time code', async () => {
  const { fake, user, container } = await openSignedOut();
  await user.click(screen.getByTestId('login-forgotten'));
  await user.click(await screen.findByTestId('forgotten-submit'));
  expect(screen.getByTestId('forgotten-code')).toBeInvalid();
  expect(fake.calls).not.toContain('resetPassword');
  await user.clear(screen.getByTestId('forgotten-corporation'));
  await user.type(screen.getByTestId('forgotten-corporation'), '9990010000015');
  await user.clear(screen.getByTestId('forgotten-id'));
  await user.type(screen.getByTestId('forgotten-id'), 'H9900001');
  await user.type(screen.getByTestId('forgotten-code'), 'wrong-code');
  await user.type(screen.getByTestId('forgotten-password'), 'Sakura-no-ki-2026');
  await user.click(screen.getByTestId('forgotten-submit'));
  expect(await screen.findByTestId('forgotten-problem')).toHaveTextContent('E-1109');
  await expectAccessible(container);
  await user.clear(screen.getByTestId('forgotten-code'));
  await user.type(screen.getByTestId('forgotten-code'), 'abcdefghjkmn{Enter}');
  expect(await screen.findByTestId('nav-home')).toHaveAttribute('aria-current', 'page');
});
