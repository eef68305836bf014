import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openSite, openWindow, type Site } from './site';

let site: Site;

beforeAll(async () => {
  site = await openSite();
});

afterAll(() => site.close());

/** Opens the board of many offices. */
async function openBoard(offices: number, months: number): Promise<Page> {
  const page = await openWindow(site);
  await page.getByTestId('login-submit').waitFor();
  await page.evaluate(
    ([of, by]) => {
      window.todokeFake.signIn();
      window.todokeFake.setOffline(false);
      window.todokeFake.fillBoard(of ?? 0, by ?? 0);
    },
    [offices, months],
  );
  await page.getByTestId('nav-board').click();
  await page.getByTestId('board-row').first().waitFor();
  return page;
}

it('draws only the rows in sight of a thousand offices and keeps head, names and totals in place', async () => {
  const page = await openBoard(1000, 24);
  const box = page.getByTestId('board-box');
  const drawn = () => page.getByTestId('board-row').count();
  expect(await drawn()).toBeLessThan(45);
  expect(await page.getByTestId('board-total').textContent()).toMatch(/^[\d,]+$/);

  // To the far corner and back: the last office is there, head and totals stay in sight, few rows are drawn.
  await box.evaluate((element) => element.scrollTo(element.scrollWidth, element.scrollHeight));
  await page.locator('[data-testid="board-row"][data-office="9970000999"]').waitFor();
  expect(await drawn()).toBeLessThan(45);
  const inSight = await box.evaluate((element) => {
    const frame = element.getBoundingClientRect();
    const edges = (selector: string) => element.querySelector(selector)?.getBoundingClientRect();
    const [head, name, total] = [edges('thead th:nth-child(3)'), edges('tbody tr[data-row] th'), edges('tfoot th')];
    return {
      head: Math.abs((head?.top ?? 0) - frame.top) < 3,
      name: Math.abs((name?.left ?? 0) - frame.left) < 3,
      total: (total?.bottom ?? 0) <= frame.bottom + 1 && (total?.bottom ?? 0) > frame.bottom - 30,
    };
  });
  expect(inSight).toEqual({ head: true, name: true, total: true });
  await page.context().close();
});

it('is walked through by keyboard, also to rows that are not drawn yet', async () => {
  const page = await openBoard(1000, 24);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-cell') ?? '');
  await page.locator('[data-cell="0.0"]').focus();
  for (const [key, cell] of [
    ['ArrowRight', '0.1'],
    ['ArrowDown', '1.1'],
    ['End', '1.23'],
    ['Control+End', '999.23'],
    ['Home', '999.0'],
    ['ArrowUp', '998.0'],
    ['Control+Home', '0.0'],
  ] as const) {
    await page.keyboard.press(key);
    await expect.poll(focused).toBe(cell);
  }
  await page.keyboard.press('PageDown');
  const [row] = (await focused()).split('.').map(Number);
  expect(row).toBeGreaterThan(3);
  await page.keyboard.press('Enter');
  await page.getByTestId('waterfall').waitFor();
  await page.context().close();
});

it('prints a month with its chart beside its table, without frame and buttons', async () => {
  const page = await openBoard(3, 6);
  await page.getByTestId('board-cell').first().click();
  await page.getByTestId('waterfall-table').waitFor();
  await page.emulateMedia({ media: 'print' });
  const shown = (selector: string) => page.locator(selector).filter({ visible: true }).count();
  expect(await shown('nav, header, button')).toBe(0);
  const chart = await page.locator('main svg[role="img"]').first().boundingBox();
  const table = await page.getByTestId('waterfall-table').boundingBox();
  expect(chart && table && table.x >= chart.x + chart.width - 1 && table.y < chart.y + chart.height).toBe(true);
  // Nothing is cut off by a region that scrolls.
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll('main, main [role="region"]')].filter(
      (element) => element.scrollHeight > element.clientHeight + 1 && getComputedStyle(element).overflowY !== 'visible',
    ),
  );
  expect(cut).toEqual([]);
  const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  expect(paper.subarray(0, 4).toString()).toBe('%PDF');
  if (process.env.TODOKE_KEEP_PAPERS) {
    const { writeFile } = await import('node:fs/promises');
    await writeFile(`${process.env.TODOKE_KEEP_PAPERS}/month-printed.pdf`, paper);
    for (const [id, name] of [
      ['analysis', 'analysis'],
      ['receivables', 'roll'],
      ['deposits', 'deposit-day'],
    ] as const) {
      await page.emulateMedia({ media: null });
      await page.goto(`${site.url}#/board/${id}`);
      await page
        .getByTestId(id === 'analysis' ? 'aging' : name)
        .first()
        .waitFor();
      await writeFile(
        `${process.env.TODOKE_KEEP_PAPERS}/${id}-printed.pdf`,
        await page.pdf({ preferCSSPageSize: true }),
      );
    }
  }
  await page.context().close();
});
