import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';

import { openSignedIn, site } from './site';

declare global {
  interface Window {
    /** Offices that stood in the page when it was laid out for paper. */
    onPaper?: number;
  }
}

/** Opens the board of many offices. */
async function openBoard(offices: number, months: number): Promise<Page> {
  const page = await openSignedIn();
  await page.evaluate(([of, by]) => window.todokeFake.fillBoard(of ?? 0, by ?? 0), [offices, months]);
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
  // On the way back no cell hides behind the names, which stay in place.
  await page.keyboard.press('End');
  for (let steps = 0; steps < 12; steps += 1) {
    await page.keyboard.press('ArrowLeft');
    await expect.poll(focused).toBe(`0.${22 - steps}`);
    const gap = await page.evaluate(() => {
      const cell = document.activeElement;
      const name = cell?.closest('tr')?.querySelector('th');
      return (cell?.getBoundingClientRect().left ?? 0) - (name?.getBoundingClientRect().right ?? 0);
    });
    expect(gap).toBeGreaterThanOrEqual(0);
  }
  await page.keyboard.press('PageDown');
  const [row] = (await focused()).split('.').map(Number);
  expect(row).toBeGreaterThan(3);
  await page.keyboard.press('Enter');
  await page.getByTestId('waterfall').waitFor();
  await page.context().close();
});

it('is entered by the Tab key where it is scrolled to', async () => {
  const page = await openBoard(1000, 24);
  await page.getByTestId('board-box').evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
  await page.locator('[data-testid="board-row"][data-office="9970000500"]').waitFor();
  await page.locator('th button').last().focus();
  await page.keyboard.press('Tab');
  const [row, column] = await page.evaluate(() =>
    (document.activeElement?.getAttribute('data-cell') ?? '').split('.').map(Number),
  );
  expect(row).toBeGreaterThan(480);
  expect(row).toBeLessThan(520);
  expect(column).toBe(0);
  await page.context().close();
});

it('gives every row the height it counts with and every figure its room, at each display size', async () => {
  for (const size of ['100', '200']) {
    const page = await openSignedIn();
    await page.evaluate(async (chosen) => {
      document.documentElement.dataset.size = chosen;
      const fake = window.todokeFake;
      fake.fillBoard(200, 24);
      const board = await fake.board('claimed');
      const large = -1_234_567_890;
      const rows = board.rows.map((row) => ({
        ...row,
        cells: row.cells.map((cell) => cell && { ...cell, yen: large }),
        total: large * 24,
      }));
      fake.board = async () => ({ ...board, rows });
    }, size);
    await page.getByTestId('nav-board').click();
    await page.getByTestId('board-row').first().waitFor();
    const { heights, cut, rows } = await page.getByTestId('board-box').evaluate((box) => ({
      heights: [...new Set([...box.querySelectorAll('tr[data-row]')].map((row) => row.getBoundingClientRect().height))],
      cut: [...box.querySelectorAll('td, [data-cell]')].filter((cell) => cell.scrollWidth > cell.clientWidth).length,
      rows: box.querySelectorAll('tr[data-row]').length,
    }));
    expect(heights).toEqual([(Number(size) / 100) * 56]);
    expect(cut).toBe(0);
    // At 200 % the window is a short one, whose page scrolls as a whole: the table stays no higher than the window.
    expect(rows).toBeLessThan(45);
    await page.context().close();
  }
});

it('prints every office, the totals below the last', async () => {
  const page = await openBoard(60, 6);
  expect(await page.getByTestId('board-row').count()).toBeLessThan(45);
  await page.evaluate(() => {
    const rows = () => document.querySelectorAll('[data-testid="board-row"]').length;
    window.addEventListener('beforeprint', () => (window.onPaper = rows()));
  });
  // The names of the columns are buttons that sort; on paper they stay as names, and what else can be pressed goes.
  await page.emulateMedia({ media: 'print' });
  const pressed = page.locator('button').filter({ visible: true });
  expect((await pressed.allTextContents()).slice(0, 3).map((name) => name.trim())).toEqual([
    '事業所',
    '合計',
    '令和8年6月',
  ]);
  expect(await pressed.count()).toBe(8);
  await page.emulateMedia({ media: null });
  const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  expect(await page.evaluate(() => window.onPaper)).toBe(60);
  await expect.poll(() => page.getByTestId('board-row').count()).toBeLessThan(45);
  if (process.env.TODOKE_KEEP_PAPERS) {
    const { writeFile } = await import('node:fs/promises');
    await writeFile(`${process.env.TODOKE_KEEP_PAPERS}/board-printed.pdf`, paper);
  }
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
