import { screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { expect, it } from 'vitest';

import { hasCheckDigit } from '$lib/backend/fake-onboarding';
import { lookalike } from '$lib/onboarding/lookalike';

import { expectAccessible, openAt, openSignedOut, type Program } from '../../test/program';

/** Leaves the sign-in page for 利用開始. */
async function begin(): Promise<Program> {
  const program = await openSignedOut();
  await program.user.click(screen.getByTestId('start'));
  await screen.findByTestId('step-route');
  return program;
}

const title = () => screen.getByTestId('step-title').textContent;

async function next({ user }: Program, expected: string) {
  await user.click(screen.getByTestId('step-next'));
  await expect.poll(title).toBe(expected);
}

async function type({ user }: Program, field: string, text: string) {
  const input = screen.getByTestId(field);
  await user.clear(input);
  await user.type(input, text);
  await user.tab();
}

/** Goes from the choice of the way to the corporation, with one office of the invented prefecture. */
async function toCorporation(program: Program) {
  const { user } = program;
  await user.click(screen.getByTestId('route-proxy'));
  await user.click(screen.getByTestId('present-new'));
  await next(program, '国保連に電話する');
  await user.selectOptions(screen.getByTestId('prefecture'), '99');
  await next(program, '国保連に届け出る');
  await type(program, 'filed.99', '令和8年6月1日');
  await user.click(screen.getByTestId('step-next'));
  await user.click(screen.getByTestId('step-user_ids'));
  await user.click(screen.getByTestId('add-office'));
  await type(program, 'offices.0.number', '9970000015');
  await type(program, 'offices.0.user_id', 'KJ999970000015');
  await type(program, 'offices.0.user_id_again', 'KJ999970000015');
  await next(program, '法人と事業所を入れる');
}

it('asks one thing at a time and stays where something is missing', async () => {
  const program = await begin();
  const { user, container } = program;
  expect(title()).toBe('請求のしかたを選ぶ');
  await expectAccessible(container);
  await user.click(screen.getByTestId('step-next'));
  expect(await screen.findByText(/請求のしかたを選んでください/)).toBeVisible();
  expect(title()).toBe('請求のしかたを選ぶ');
  await toCorporation(program);
  expect(screen.getByTestId('step-user_ids')).toHaveAttribute('data-state', 'done');
  await expectAccessible(container);
});

it('keeps a choice that an older answer overtakes', async () => {
  const { user, fake } = await begin();
  const old = await fake.onboarding();
  await user.click(screen.getByTestId('route-proxy'));
  await user.click(screen.getByTestId('present-new'));
  let asked = false;
  const inTime = fake.onboarding.bind(fake);
  fake.onboarding = () => {
    asked = true;
    fake.onboarding = inTime;
    return Promise.resolve(old);
  };
  fake.tellFrame();
  await expect.poll(() => asked).toBe(true);
  await tick();
  expect(screen.getByTestId('present-new')).toBeChecked();
  await user.click(screen.getByTestId('step-next'));
  await expect.poll(title).toBe('国保連に電話する');
});

it('names bad input where it is typed and loses nothing on the way back', async () => {
  const program = await begin();
  const { user, fake } = program;
  await user.click(screen.getByTestId('route-proxy'));
  await user.click(screen.getByTestId('present-new'));
  await next(program, '国保連に電話する');
  await user.selectOptions(screen.getByTestId('prefecture'), '99');
  await next(program, '国保連に届け出る');
  await type(program, 'filed.99', '令和8年2月30日');
  expect(await screen.findByText(/その日は暦にありません/)).toBeVisible();
  await user.click(screen.getByTestId('step-user_ids'));
  await user.click(await screen.findByTestId('add-office'));
  await type(program, 'offices.0.number', '9970000014');
  expect(await screen.findByText(/検査数字が合いません/)).toBeVisible();
  expect(screen.getByTestId('offices.0.number')).toHaveAttribute('aria-invalid', 'true');
  await type(program, 'offices.0.number', '9970000015');
  await type(program, 'offices.0.user_id', 'KJ99997OOOOO15');
  expect(await screen.findByText('KJ999970000015 と読みました。')).toBeVisible();
  await user.click(screen.getByTestId('step-corporation'));
  await type(program, 'corporation.postal_code', '999-000A');
  expect(await screen.findByText(/郵便番号に「A」が入っています/)).toBeVisible();
  await type(program, 'corporation.email', 'jimu＠sakura.example');
  expect(await screen.findByText(/全角の「＠」を半角に直しました/)).toBeVisible();
  await user.click(screen.getByTestId('step-filing'));
  expect(screen.getByTestId('filed.99')).toHaveValue('令和8年2月30日');
  expect(fake.calls).toContain('saveOnboarding');
  // To the sign-in page and back again.
  await user.click(screen.getByTestId('have-id'));
  await user.click(await screen.findByTestId('start'));
  await user.click(await screen.findByTestId('step-corporation'));
  expect(await screen.findByTestId('corporation.postal_code')).toHaveValue('999-000A');
});

it('takes a hundred rows of a spreadsheet', async () => {
  const program = await begin();
  const { user } = program;
  await user.click(screen.getByTestId('route-proxy'));
  await user.click(screen.getByTestId('step-user_ids'));
  await user.click(await screen.findByTestId('paste-open'));
  const digit = (body: string) => '0123456789'.split('').find((last) => hasCheckDigit(body + last)) ?? '';
  const rows = Array.from({ length: 100 }, (_, index) => `99700${String(index).padStart(4, '0')}`)
    .map((body) => body + digit(body))
    .map((number) => `${number}\tとどけ\tKJ99${number}\tKJ99${number}`);
  await user.click(screen.getByTestId('paste-text'));
  await user.paste(`事業所番号\t名称\tID\tID\n${rows.join('\n')}\nどこにもない行\n`);
  await user.click(screen.getByTestId('paste'));
  const answer = await screen.findByTestId('pasted');
  expect(answer).toHaveTextContent('新しい事業所を100件加え');
  expect(answer).toHaveTextContent('どこにもない行');
  expect(screen.getByText(/4回に分けて/)).toBeVisible();
  expect(screen.getByTestId('offices.99.user_id')).toHaveValue(`KJ99${rows[99]?.slice(0, 10) ?? ''}`);
});

it('goes from the form over the application and the papers to the sign-in', async () => {
  const program = await begin();
  const { user, fake, container } = program;
  await toCorporation(program);
  for (const [field, text] of [
    ['corporation.name', '社会福祉法人さくら会'],
    ['corporation.postal_code', '9990001'],
    ['corporation.address', '架空県架空市1-2'],
    ['corporation.title', '理事長'],
    ['corporation.representative', '架空 花子'],
    ['corporation.contact', '見本 太郎'],
    ['corporation.phone', '099-000-0000'],
    ['corporation.email', 'jimu@sakura.example'],
    ['corporation.email_again', 'jimu@sakura.example'],
    ['offices.0.name', 'さくらデイサービス'],
  ] as const)
    await type(program, field, text);
  await next(program, 'はじめて請求する月を選ぶ');
  expect(screen.getByTestId('month-2026-07')).toBeDisabled();
  await user.click(screen.getByTestId('month-2026-08'));
  expect(screen.getAllByTestId('plan-item').length).toBeGreaterThan(4);
  await user.click(screen.getByTestId('plan-print'));
  expect(await screen.findByTestId('saved')).toHaveTextContent('利用開始の予定');
  await next(program, '確かめて申し込む');
  await expectAccessible(container);
  await user.type(screen.getByTestId('onboarding-relay'), 'https://relay.example');
  await user.click(screen.getByTestId('onboarding-connect'));
  // What is agreed to stands there to be read, with its version.
  expect(await screen.findByTestId('terms')).toHaveTextContent(/利用規約\s*（2026-04版）\s*第1条/);
  expect(screen.getByTestId('privacy')).toHaveTextContent('使うもの');
  await expectAccessible(container);
  await user.click(screen.getByTestId('agreed_terms'));
  await user.click(screen.getByTestId('agreed_privacy'));
  await user.click(screen.getByTestId('apply'));
  await expect.poll(title).toBe('委任状に印を押す');
  await user.click(screen.getByTestId('poa-print'));
  expect(await screen.findByTestId('saved')).toHaveTextContent('委任状_送付一覧.pdf');
  // Nothing is posted without a look at whether each paper was sealed.
  await user.click(screen.getByTestId('tick-sealed'));
  await expect.poll(title).toBe('委任状を郵送する');
  expect(screen.getByTestId('without-photo')).toHaveTextContent('写真のない委任状が1枚あります');
  await user.click(screen.getByTestId('step-power_of_attorney'));
  const photo = await screen.findByTestId('photo-9970000015');
  await user.click(within(photo).getByTestId('photo-choose'));
  expect(await within(photo).findByTestId('photo-picture')).toHaveAttribute(
    'src',
    expect.stringContaining('data:image/'),
  );
  expect(screen.getByTestId('sealed-photos')).toHaveTextContent('1 / 1枚');
  await expectAccessible(container);
  await user.click(screen.getByTestId('photos-print'));
  expect(await screen.findByText(/押印した委任状の写し/)).toBeVisible();
  await user.click(screen.getByTestId('step-post'));
  await expect.poll(title).toBe('委任状を郵送する');
  expect(screen.queryByTestId('without-photo')).toBeNull();
  expect(screen.getByTestId('post-to')).toHaveTextContent('〒999-0000');
  await user.click(screen.getByTestId('tick-posted'));
  expect(await screen.findByTestId('waits')).toHaveTextContent('届くのを待っています');
  fake.setPoa('defective', '印が届けと違います');
  await expect.poll(title).toBe('委任状に印を押す');
  expect(screen.getByTestId('defective')).toHaveTextContent('印が届けと違います');
  fake.setPoa('accepted');
  await expect.poll(title).toBe('ログインする');
  await user.click(screen.getByTestId('letters-fetch'));
  const letter = await screen.findByTestId('letter');
  expect(within(letter).getByText(/法人用ID/)).toBeVisible();
  await expectAccessible(container);
  await user.click(screen.getByTestId('letter-login'));
  expect(await screen.findByTestId('new-password')).toBeVisible();
});

it('adds many offices later, names each bad row, and keeps them on the way back', async () => {
  const { user, container, fake } = await openAt('onboarding');
  await user.click(await screen.findByTestId('step-done'));
  await user.click(await screen.findByTestId('change-open-add_offices'));
  await user.click(await screen.findByTestId('change-paste-open'));
  await expectAccessible(container);
  const digit = (body: string) => '0123456789'.split('').find((last) => hasCheckDigit(body + last)) ?? '';
  const rows = Array.from({ length: 31 }, (_, index) => `99710${String(index).padStart(4, '0')}`)
    .map((body) => body + digit(body))
    .map((number) => `${number}\tとどけ\tKJ99${number}\tKJ99${number}`);
  rows[7] = rows[7]?.replace(/KJ99(\d+)$/, 'KJ13$1') ?? '';
  await user.click(screen.getByTestId('change-paste-text'));
  await user.paste(rows.join('\n'));
  await user.click(screen.getByTestId('change-paste'));
  expect(await screen.findByTestId('change-pasted')).toHaveTextContent('新しい事業所を31件加え');
  expect(screen.getByText(/2回に分けて/)).toBeVisible();
  // The bad row is named where it stands, without sending anything.
  expect(screen.getByTestId('change-offices.7.user_id_again')).toHaveAttribute('aria-invalid', 'true');
  expect(screen.getByTestId('change-offices.6.user_id_again')).not.toHaveAttribute('aria-invalid');
  await user.click(screen.getByTestId('change-send'));
  expect(fake.calls).not.toContain('requestChange');
  // To another screen and back: the rows are there.
  await user.click(screen.getByTestId('nav-home'));
  await user.click(screen.getByTestId('nav-onboarding'));
  await user.click(await screen.findByTestId('step-done'));
  const again = await screen.findByTestId('change-offices.7.user_id_again');
  await user.clear(again);
  await user.type(again, rows[7].split('\t')[2] ?? '');
  await user.tab();
  await user.click(screen.getByTestId('change-send'));
  expect(await screen.findByTestId('change-sent')).toHaveTextContent('事業所を増やす');
  expect(screen.getByText('事業所の追加（31事業所）')).toBeVisible();
}, 60_000);

it('guides the own claim in five steps', async () => {
  const program = await begin();
  const { user } = program;
  await user.click(screen.getByTestId('route-own'));
  await expect.poll(() => screen.queryByTestId('step-own_certificate')).not.toBeNull();
  await next(program, 'パソコンを確かめる');
  await user.click(screen.getByTestId('tick-own_computer'));
  await expect.poll(title).toBe('国保連に届け出る');
});

it('names characters that look like others', () => {
  expect(['0', 'O', '1', 'l', 'C', 'c', 'L', 'a'].map(lookalike)).toEqual([
    'ゼロ',
    '大オー',
    'いち',
    '小エル',
    '大文字',
    '小文字',
    '大エル',
    undefined,
  ]);
});
