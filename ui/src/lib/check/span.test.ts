import { expect, it } from 'vitest';

import { Column } from './span';

const column = new Column([2, 3, 3, 2, 3]);

it('knows where rows stand', () => {
  expect(column.height).toBe(13);
  expect([0, 1, 4, 5].map((row) => column.top(row))).toEqual([0, 2, 10, 13]);
  expect(new Column([]).height).toBe(0);
});

it('finds the rows that are seen', () => {
  expect(column.within(0, 4, 0)).toEqual([0, 2]);
  expect(column.within(5, 3, 0)).toEqual([2, 4]);
  expect(column.within(5, 3, 1)).toEqual([1, 5]);
  expect(column.within(100, 3, 0)).toEqual([4, 5]);
  expect(new Column([]).within(0, 10)).toEqual([0, 0]);
});

it('scrolls no further than needed', () => {
  expect(column.reveal(1, 0, 6)).toBe(0);
  expect(column.reveal(3, 0, 6)).toBe(4);
  expect(column.reveal(0, 5, 6)).toBe(0);
});
