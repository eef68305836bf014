import { screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { openAt, expectAccessible } from '../../test/program';

it('ヘルプ finds advice by number, in whatever width it is typed, and by word', async () => {
  const { user, container } = await openAt('help');
  await expectAccessible(container);
  const codes = () => screen.getAllByTestId('advice').map((advice) => advice.dataset.code);
  await user.type(screen.getByTestId('help-search'), '１３０１');
  expect(codes()).toEqual(['E-1301']);
  expect(screen.getByText('どうするか')).toBeVisible();
  await user.clear(screen.getByTestId('help-search'));
  await user.type(screen.getByTestId('help-search'), 'Excel');
  expect(codes()).toContain('E-1004');
  expect(codes()).not.toContain('E-1301');
});

it('ヘルプ shows the guide, finds words in it and says whom to call', async () => {
  const { user, container } = await openAt('help');
  expect(await screen.findByText('0120-000-000')).toBeVisible();
  await user.type(screen.getByTestId('help-search'), '委任状');
  expect(screen.getAllByTestId('guide-found').length).toBeGreaterThan(1);
  await user.click(screen.getByTestId('guide-利用開始'));
  expect(await screen.findByTestId('guide-page')).toHaveAttribute('data-page', '利用開始');
  expect(screen.getByText('二つの請求のしかた')).toBeVisible();
  await expectAccessible(container);
});

it('ヘルプ writes the sheet that a desk asks for, and says what cannot be printed', async () => {
  const { user, fake, container } = await openAt('help');
  await user.type(screen.getByTestId('enquiry-problem'), '1301');
  await user.type(screen.getByTestId('enquiry-what'), '送信を押した😀');
  await user.click(screen.getByTestId('enquiry-print'));
  expect(await screen.findByTestId('problem')).toHaveTextContent('印刷できない文字があります');
  await user.clear(screen.getByTestId('enquiry-what'));
  await user.click(screen.getByTestId('enquiry-print'));
  expect(await screen.findByTestId('enquiry-saved')).toHaveTextContent('問い合わせ票');
  expect(fake.calls.filter((call) => call === 'enquiryPaper')).toHaveLength(2);
  await expectAccessible(container);
});

it('設定 changes the display size at once and remembers it', async () => {
  const { user, container } = await openAt('settings');
  await expectAccessible(container);
  await user.click(screen.getByTestId('size-150'));
  expect(document.documentElement.dataset.size).toBe('150');
  expect(localStorage.getItem('todoke.display-size')).toBe('150');
});

it('設定 changes the password and says that it need not be typed', async () => {
  const { user, fake } = await openAt('settings');
  await user.click(screen.getByRole('button', { name: 'パスワードを変える' }));
  await user.type(screen.getByTestId('new-password'), 'Momiji-no-ha-2026');
  await user.type(screen.getByTestId('new-password-repeat'), 'Momiji-no-ha-2026');
  await user.click(screen.getByTestId('new-password-submit'));
  expect(await screen.findByText(/新しいパスワードにしました。このパソコンでは/)).toBeVisible();
  expect(fake.calls).toContain('changePassword');
});

it('設定 asks before signing out, then shows the sign-in page', async () => {
  const { user, fake } = await openAt('settings');
  await user.click(screen.getByTestId('logout'));
  expect(screen.getByText(/送信待ちのファイルと通知は残ります/)).toBeVisible();
  expect(fake.calls).not.toContain('logOut');
  await user.click(screen.getByTestId('logout-confirm'));
  expect(await screen.findByTestId('login-submit')).toBeVisible();
});
