import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { openSignedIn, openWindow } from './site';

const ID = '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5';
const PASSWORD = 'Sakura-no-ki-2026';
const SCREENS = ['home', 'send', 'returns', 'board', 'notices', 'onboarding', 'settings', 'help'];

/** A window of 1280 × 800 at 200%: half the space, twice the pixels. */
const DOUBLE = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };

let axe: string;

beforeAll(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});

declare global {
  interface Window {
    axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
  }
}

async function expectAccessible(page: Page, where: string): Promise<void> {
  // The policy of the window forbids inline scripts, not what the debugger evaluates.
  await page.evaluate(axe);
  // Colours in the middle of a transition are nobody's.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  const { violations } = await page.evaluate(() => window.axe.run());
  expect(
    violations.map(({ id, nodes }) => ({ id, at: nodes.map((node) => node.html) })),
    where,
  ).toEqual([]);
}

/** Nothing stands beside the window, and no text is cut off at its own edge. */
async function expectNothingLost(page: Page, where: string): Promise<void> {
  const lost = await page.evaluate(() => {
    const root = document.documentElement;
    const cut = [...document.querySelectorAll<HTMLElement>('main, main *, nav, nav *, header, header *')]
      .filter((element) => {
        const style = getComputedStyle(element);
        // Wide tables scroll inside a region of their own; what is a dot wide is only for screen readers.
        if (element.getAttribute('role') === 'region' || element.clientWidth <= 1) return false;
        return style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
      })
      .map((element) => element.outerHTML.slice(0, 120));
    return { beside: root.scrollWidth - root.clientWidth, cut };
  });
  expect(lost, where).toEqual({ beside: 0, cut: [] });
}

const press = (page: Page, id: string) => page.getByTestId(id).first().click();

const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? '');

/** Moves on until the thing has the focus, as somebody would who cannot point at it. */
async function tabTo(page: Page, id: string): Promise<void> {
  for (let presses = 0; presses < 60 && (await focused(page)) !== id; presses += 1) await page.keyboard.press('Tab');
  expect(await focused(page)).toBe(id);
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
  expect(outline, `${id} shows that it has the focus`).toBe('solid');
}

describe('the month of a clerk', () => {
  it('goes from the letter with the password to the person in the tracker', async () => {
    const page = await openWindow();
    await page.getByTestId('login-corporation').fill('9990010000015');
    await page.getByTestId('login-id').fill('H9900001');
    await page.getByTestId('login-password').fill('Kari-2026-0605');
    await expectAccessible(page, 'sign-in');
    await press(page, 'login-submit');
    await page.getByTestId('new-password').fill(PASSWORD);
    await page.getByTestId('new-password-repeat').fill(PASSWORD);
    await expectAccessible(page, 'forced change');
    await press(page, 'new-password-submit');

    await press(page, 'nav-send');
    await page.evaluate(() => window.todokeFake.drop(['/fake/KKBAD001.CSV', '/fake/KK260601.CSV']));
    const bad = page.locator('[data-testid="file-card"][data-file="KKBAD001.CSV"]');
    expect(await bad.getByTestId('send-button').count()).toBe(0);
    await bad.getByTestId('findings-button').click();
    await page.locator('[data-testid="marked-field"][data-line="4"][data-item="5"]').waitFor();
    expect(await page.getByTestId('finding-person').count()).toBe(3);
    await expectAccessible(page, 'findings');
    await expectNothingLost(page, 'findings');
    await press(page, 'back-to-send');
    await press(page, 'send-button');
    await expectAccessible(page, 'confirm');
    await press(page, 'send-confirm');

    const submission = page.locator(`[data-testid="submission"][data-id="${ID}"]`);
    await submission.waitFor();
    for (const [minutes, state] of [
      [3, 'transmitting'],
      [5, 'arrived'],
      [20, 'accepted'],
    ] as const) {
      await page.evaluate((by) => window.todokeFake.advanceMinutes(by), minutes);
      await page.locator(`[data-testid="submission"][data-id="${ID}"][data-state="${state}"]`).waitFor();
    }
    await submission.getByTestId('receipt-button').click();
    expect(await page.getByTestId('receipt-path').textContent()).toContain('.pdf');
    await expectAccessible(page, 'accepted');

    await page.getByTestId('demo-milestone').filter({ hasText: '6月審査の結果が届きます' }).click();
    await page.getByTestId('nav-notices').filter({ hasText: '2' }).click();
    await page.locator('[data-testid="notice-row"][data-exchange="7411"]').first().click();
    await page.getByTestId('notice-document').getByText('12PA').first().waitFor();
    await expectAccessible(page, 'notice');

    await press(page, 'nav-returns');
    const held = page.locator('[data-testid="return-row"][data-insured="0000000202"]');
    expect(await held.textContent()).toContain('待つ（請求しない）');
    expect(await page.locator('[data-testid="return-row"][data-insured="0000000101"]').textContent()).toContain(
      '57,351円',
    );
    await held.click();
    await page.getByTestId('return-panel').waitFor();
    await expectAccessible(page, 'story');
    await page.context().close();
  });

  it('works on without a line, and what was prepared goes out once when it is back', async () => {
    const page = await openSignedIn();
    await page.evaluate(() => window.todokeFake.setOffline(true));
    const band = page.getByTestId('offline-band');
    expect((await band.textContent())?.trim()).toBe(
      'いまオフラインです。確認と準備は続けられます。送信は接続が戻ると自動で行います。',
    );
    await page.evaluate(() => window.todokeFake.drop(['/fake/KK260601.CSV']));
    await press(page, 'send-button');
    await press(page, 'send-confirm');
    await page.locator(`[data-id="${ID}"][data-state="ready"]`).waitFor();
    await expectAccessible(page, 'offline');
    await page.evaluate(() => window.todokeFake.setOffline(false));
    await page.locator(`[data-id="${ID}"][data-state="at_relay"]`).waitFor();
    expect(await band.count()).toBe(0);
    expect(await page.locator(`[data-testid="submission"][data-id="${ID}"]`).count()).toBe(1);
    await page.context().close();
  });

  it('sends what did not reach 国保連 again, at 100% and at 200%', async () => {
    for (const options of [{}, DOUBLE]) {
      const page = await openSignedIn(options);
      await press(page, 'nav-send');
      await page.evaluate(() => window.todokeFake.drop(['/fake/KK260601.CSV']));
      await press(page, 'send-button');
      await press(page, 'send-confirm');
      const submission = page.locator(`[data-testid="submission"][data-id="${ID}"]`);
      await submission.waitFor();
      await page.evaluate((id) => window.todokeFake.breakLine(id), ID);
      await submission.getByTestId('again-button').click();
      await expectAccessible(page, 'asked whether to send again');
      await expectNothingLost(page, 'asked whether to send again');
      await submission.getByTestId('again-confirm').click();
      await submission.getByTestId('round').waitFor();
      await submission.locator('summary').click();
      await submission.getByTestId('earlier-rounds').getByText('外部エラー').waitFor();
      await expectAccessible(page, 'sent again');
      await expectNothingLost(page, 'sent again');
      await page.context().close();
    }
  });

  it('needs no mouse', async () => {
    const page = await openWindow();
    await page.getByTestId('login-submit').waitFor();
    await tabTo(page, 'login-corporation');
    await page.keyboard.type('9990010000015');
    await tabTo(page, 'login-id');
    await page.keyboard.type('H9900001');
    await tabTo(page, 'login-password');
    await page.keyboard.type('Kari-2026-0605');
    await page.keyboard.press('Enter');
    await page.getByTestId('new-password').waitFor();
    await tabTo(page, 'new-password');
    await page.keyboard.type(PASSWORD);
    await tabTo(page, 'new-password-repeat');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByTestId('nav-send').waitFor();
    await tabTo(page, 'nav-send');
    await page.keyboard.press('Enter');
    await tabTo(page, 'choose-files');
    await page.keyboard.press('Enter');
    await page.getByTestId('send-button').waitFor();
    await tabTo(page, 'send-button');
    await page.keyboard.press('Enter');
    await tabTo(page, 'send-confirm');
    await page.keyboard.press('Enter');
    await page.locator(`[data-testid="submission"][data-id="${ID}"]`).waitFor();
    expect(await focused(page)).toBe('submission');
    await tabTo(page, 'receipt-button');
    await page.keyboard.press('Enter');
    await page.getByTestId('receipt-path').waitFor();
    await page.context().close();
  });
});

it('opens the account menu by keyboard and signs out from it', async () => {
  const page = await openSignedIn();
  await page.getByTestId('account-menu').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  await expectAccessible(page, 'account menu');
  await page.keyboard.press('Escape');
  expect(await page.getByRole('menu').count()).toBe(0);
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: '設定' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByTestId('login-submit').waitFor();
  await page.context().close();
});

describe('taking back what was sent', () => {
  for (const [name, options] of [
    ['100%', {}],
    ['200%', DOUBLE],
  ] as const) {
    it(`needs no mouse, and is accessible and whole at ${name}`, async () => {
      const page = await openSignedIn(options);
      await press(page, 'nav-returns');
      await tabTo(page, 'withdraw-open');
      await page.keyboard.press('Enter');
      await tabTo(page, 'withdraw-office');
      await page.getByTestId('withdraw-office').selectOption('さくらデイサービス');
      await tabTo(page, 'withdraw-insured');
      await page.keyboard.type('100040');
      await page.keyboard.press('Enter');
      await page.getByTestId('sent-claim').waitFor();
      await tabTo(page, 'sent-open');
      await page.keyboard.press('Enter');
      await tabTo(page, 'kago-record');
      await page.keyboard.press('Enter');
      await expect.poll(() => focused(page)).toBe('kago-ordinary');
      await page.keyboard.type('32');
      await tabTo(page, 'kago-takes-unknown');
      await page.keyboard.press('ArrowDown');
      await tabTo(page, 'kago-same-month');
      await page.keyboard.type('20');
      await page.keyboard.press('Enter');
      await page.getByTestId('withdrawal').getByTestId('problem').waitFor();
      await expectAccessible(page, 'days refused');
      await expectNothingLost(page, 'days refused');
      await page.getByTestId('kago-ordinary').fill('15');
      await page.keyboard.press('Enter');
      await page.getByTestId('kago-days').getByText('次は令和8年6月19日（金）まで').waitFor();
      expect(await focused(page)).toBe('kago-record');
      await tabTo(page, 'print-withdrawal');
      await page.keyboard.press('Enter');
      await page.getByTestId('withdrawal-saved').waitFor();
      await expectAccessible(page, 'paper saved');
      await expectNothingLost(page, 'paper saved');
      await page.context().close();
    });

    it(`lists everybody of a month at ${name}`, async () => {
      const page = await openSignedIn(options);
      await press(page, 'nav-board');
      await press(page, 'board-cell');
      await press(page, 'everybody-open');
      await press(page, 'sent-open');
      await page.getByTestId('withdrawal').waitFor();
      await expectAccessible(page, 'everybody');
      await expectNothingLost(page, 'everybody');
      if (name === '100%') {
        // Only the page within the frame scrolls, never the frame.
        const beyond = () => document.documentElement.scrollHeight - document.documentElement.clientHeight;
        expect(await page.evaluate(beyond)).toBe(0);
      }
      await page.context().close();
    });
  }
});

describe('what the check found', () => {
  const rowsInPage = (page: Page) => page.getByTestId('finding-list').getByRole('option').count();

  it('stays smooth with two thousand findings', async () => {
    const page = await openSignedIn();
    await page.evaluate(() => window.todokeFake.drop(['/fake/MANY.CSV']));
    await press(page, 'findings-button');
    await page.getByTestId('claim-sheet').waitFor();
    const list = page.getByTestId('finding-list');
    expect(await list.getAttribute('data-rows')).toBe('3001');
    expect(await rowsInPage(page)).toBeLessThan(40);
    // However far and fast somebody scrolls, what is seen is there, and little else.
    for (const share of [0.5, 0.123, 1, 0.77, 0]) {
      await list.evaluate((element, to) => {
        element.scrollTop = (element.scrollHeight - element.clientHeight) * to;
      }, share);
      await expect
        .poll(() =>
          list.evaluate((element) => {
            const box = element.getBoundingClientRect();
            const rows = [...element.querySelectorAll('[role=option]')].map((row) => row.getBoundingClientRect());
            const top = Math.min(...rows.map((row) => row.top));
            const bottom = Math.max(...rows.map((row) => row.bottom));
            return { covered: top <= box.top + 1 && bottom >= box.bottom - 2, few: rows.length < 40 };
          }),
        )
        .toEqual({ covered: true, few: true });
    }
    await list.focus();
    await page.keyboard.press('End');
    await list.getByRole('option', { selected: true, name: /ファイル全体/ }).waitFor();
    expect(await rowsInPage(page)).toBeLessThan(40);
    await page.keyboard.press('PageUp');
    await page.locator('[data-testid="claim-sheet"]').getByText('0000000').first().waitFor();
    await page.context().close();
  });

  for (const [name, options] of [
    ['100%', {}],
    ['200%', DOUBLE],
  ] as const) {
    it(`is accessible and whole at ${name}`, async () => {
      const page = await openSignedIn(options);
      await page.evaluate(() => window.todokeFake.drop(['/fake/KKBAD001.CSV']));
      await press(page, 'findings-button');
      await page.getByTestId('marked-field').first().waitFor();
      await expectAccessible(page, `findings at ${name}`);
      await expectNothingLost(page, `findings at ${name}`);
      await page.context().close();
    });
  }
});

describe('every screen', () => {
  for (const [name, options] of [
    ['100%', {}],
    ['200%', DOUBLE],
  ] as const) {
    it(`is accessible and whole at ${name}`, async () => {
      const page = await openSignedIn(options);
      for (const screen of SCREENS) {
        await press(page, `nav-${screen}`);
        await page.locator('#page-title').waitFor();
        await expectAccessible(page, `${screen} at ${name}`);
        await expectNothingLost(page, `${screen} at ${name}`);
      }
      await page.context().close();
    });
  }

  it('is whole at the display size of 200% in a window of 1280 × 800', async () => {
    const page = await openSignedIn();
    await press(page, 'nav-settings');
    await page.getByTestId('size-200').check();
    for (const screen of SCREENS) {
      await press(page, `nav-${screen}`);
      await page.locator('#page-title').waitFor();
      await expectNothingLost(page, `${screen} at the display size of 200%`);
    }
    const size = await page.evaluate(() => getComputedStyle(document.body).fontSize);
    expect(size).toBe('32px');
    await page.reload();
    expect(await page.evaluate(() => document.documentElement.dataset.size)).toBe('200');
    await page.context().close();
  });

  it('does not move for those who asked for less motion', async () => {
    const page = await openSignedIn({ reducedMotion: 'reduce' });
    await page.evaluate(() => window.todokeFake.drop(['/fake/KK260601.CSV']));
    await press(page, 'send-button');
    await press(page, 'send-confirm');
    await page.locator(`[data-id="${ID}"]`).waitFor();
    const longest = await page.evaluate(() =>
      Math.max(0, ...document.getAnimations().map((animation) => Number(animation.effect?.getTiming().duration ?? 0))),
    );
    expect(longest).toBeLessThan(1);
    await page.context().close();
  });
});
