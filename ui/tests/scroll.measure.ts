import { expect, it } from 'vitest';

import { openSignedIn, site } from './site';

interface TraceEvent {
  name: string;
  ph: string;
  dur?: number;
  /** Time on the processor, without what other programs took meanwhile. */
  tdur?: number;
}

/** Most time that the page may work on one step of scrolling: a frame at 60 per second. */
const FRAME = 1000 / 60;

/**
 * Turns the wheel through 100,000 items and reads from Chromium's own trace how long the page worked in one piece. What is
 * longer than a frame would be seen as a jump.
 */
it('scrolls 100,000 items', async () => {
  const page = await openSignedIn();
  await page.evaluate(() => window.todokeFake.startLarge(100_000));
  await page.getByTestId('nav-returns').click();
  await page.getByTestId('filter-all').click();
  await page.getByTestId('returns-total').filter({ hasText: '100,000件' }).waitFor();
  const region = page.getByTestId('work-region');
  await region.hover();
  // The fake sorts everything anew for each piece; the real program keeps the order. Only the page is looked at here.
  await page.evaluate(async () => {
    const fake = window.todokeFake;
    const whole = { states: [], kinds: [], routes: [], codes: [], owner: null, text: null, office: null };
    const first = await fake.worklist(
      { ...whole, tab: 'all', min_yen: null, max_yen: null, min_age: null, sort: 'due', descending: false },
      0,
      50,
    );
    fake.worklist = async (_query, offset) => {
      const rows = first.rows.map((row, index) => ({ ...row, id: `${offset + index}`, insured: `${offset + index}` }));
      return { ...first, offset, rows };
    };
  });
  await page.mouse.wheel(0, 4000);
  await page.waitForTimeout(300);

  await site.browser.startTracing(page, { categories: ['devtools.timeline', 'toplevel'] });
  for (let turn = 0; turn < 120; turn += 1) {
    await page.mouse.wheel(0, 240);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  }
  const trace = JSON.parse((await site.browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const work = trace.traceEvents
    .filter(
      (event) =>
        event.ph === 'X' &&
        ['FunctionCall', 'EventDispatch', 'UpdateLayoutTree', 'Layout', 'FireAnimationFrame'].includes(event.name),
    )
    .map((event) => (event.tdur ?? event.dur ?? 0) / 1000);
  const longest = Math.max(...work);
  const over = work.filter((milliseconds) => milliseconds > FRAME).length;
  process.stdout.write(
    `longest piece of work ${longest.toFixed(1)} ms; longer than a frame: ${over} of ${work.length}\n`,
  );
  expect(over).toBe(0);
  expect(await region.evaluate((element) => element.scrollTop)).toBeGreaterThan(20_000);
  // To the very end and back.
  await region.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.locator('[data-testid="return-row"]').last().waitFor();
  expect(await page.getByTestId('return-row').count()).toBeLessThan(80);
  await page.context().close();
});
