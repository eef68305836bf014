import { screen, within } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { openAt, expectAccessible } from '../../test/program';

const persons = () => screen.queryAllByTestId('return-row').map((row) => row.dataset.insured);
const row = (insured: string) =>
  screen.getAllByTestId('return-row').find((found) => found.dataset.insured === insured) as HTMLElement;

async function open(options: Parameters<typeof openAt>[1] = {}) {
  const program = await openAt('returns', options);
  await screen.findByTestId('filter-all');
  return program;
}

async function afterMonthEnd() {
  return open({
    before: (fake) => {
      void fake.stage('/fake/KK260601.CSV', '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5');
      fake.advanceMinutes(60 * 24 * 26);
    },
  });
}

it('shows the returned and the held person with reason, yen and what to do', async () => {
  const { container } = await afterMonthEnd();
  expect(row('0000000101')).toHaveTextContent(
    /返戻.*要介護認定の結果が国保連にまだ届いていません。.*12PA.*57,351円.*待ってから請求/s,
  );
  expect(row('0000000202')).toHaveAttribute('data-kind', 'held');
  expect(row('0000000202')).toHaveTextContent(/63,903円.*請求しない/s);
  await expectAccessible(container);
});

it('adds up what a tab shows', async () => {
  const { user } = await open();
  await user.click(screen.getByTestId('filter-fix'));
  await expect.poll(() => screen.getByTestId('returns-total').textContent).toMatch(/3件\s*合計\s*255,380円/);
  await user.click(screen.getByTestId('filter-limitation'));
  await expect.poll(persons).toEqual(['0000000745']);
  expect(screen.getByTestId('risk')).toHaveTextContent(/90日以内\s*118,400円/);
});

it('opens the story, takes the focus there, and gives it back', async () => {
  const { user, container } = await afterMonthEnd();
  await user.click(screen.getByRole('button', { name: /テスト ジロウ/ }));
  const panel = within(await screen.findByTestId('return-panel'));
  expect(await panel.findByText('請求 63,903円')).toBeVisible();
  expect(panel.getByRole('heading', { level: 2 })).toHaveFocus();
  expect(panel.getByTestId('limitation')).toHaveTextContent('令和10年7月31日（月）まで あと2年1か月');
  expect(panel.getByText(/再請求すると、二重の請求として返戻になります/)).toBeVisible();
  expect(panel.queryByText('次に請求できる月')).toBeNull();
  expect(panel.queryByTestId('route')).toBeNull();
  await expectAccessible(container);
  await user.keyboard('{Escape}');
  expect(screen.queryByTestId('return-panel')).toBeNull();
  await expect.poll(() => document.activeElement).toBe(screen.getByRole('button', { name: /テスト ジロウ/ }));
});

it('prints the paper of the only road by which a claim is taken back, and none where none is needed', async () => {
  const { user } = await afterMonthEnd();
  await user.click(screen.getByRole('button', { name: /テスト ジロウ/ }));
  await user.click(await screen.findByText(/取り下げるとき/));
  await user.click(screen.getByTestId('print-withdrawal'));
  expect(await screen.findByTestId('withdrawal-saved')).toHaveTextContent('保留分取下げ書');
  await user.keyboard('{Escape}');
  await user.click(screen.getByRole('button', { name: /テスト イチロウ/ }));
  await user.click(await screen.findByText(/取り下げるとき/));
  expect(screen.queryByTestId('print-withdrawal')).toBeNull();
});

describe('taking back what was sent', () => {
  const sent = () => screen.queryAllByTestId('sent-claim').map((claim) => claim.dataset.insured);
  const claim = (insured: string) =>
    screen.getAllByTestId('sent-claim').find((found) => found.dataset.insured === insured) as HTMLElement;

  async function search(user: UserEvent, insured: string, office = 'さくらデイサービス') {
    await user.selectOptions(screen.getByTestId('withdraw-office'), office);
    await user.clear(screen.getByTestId('withdraw-insured'));
    await user.type(screen.getByTestId('withdraw-insured'), `${insured}{Enter}`);
    await expect.poll(() => screen.queryByText('読み込んでいます…')).toBeNull();
  }

  async function openPanel(options: Parameters<typeof openAt>[1] = {}) {
    const program = await open(options);
    await program.user.click(screen.getByTestId('withdraw-open'));
    return program;
  }

  it('finds by the end of a number what was paid and has no item, and prints the form of that claim', async () => {
    const { user, fake, container } = await openPanel();
    expect(screen.getByTestId('withdraw-open')).toHaveAttribute('aria-expanded', 'true');
    expect(fake.calls).not.toContain('sentClaims');
    await search(user, '１０００４０');
    expect(sent()).toEqual(['0000100040']);
    expect(claim('0000100040')).toHaveTextContent(
      /氏名の記載なし.*令和8年4月.*請求明細書.*令和8年5月.*円.*支払いが決まった.*過誤の申立て/s,
    );
    expect(within(claim('0000100040')).queryByTestId('sent-item')).toBeNull();
    const opener = within(claim('0000100040')).getByTestId('sent-open');
    expect(opener).toHaveAttribute('aria-expanded', 'false');
    await user.click(opener);
    expect(opener).toHaveAttribute('aria-expanded', 'true');
    await expectAccessible(container);
    const asked = vi.spyOn(fake, 'withdrawalPaper');
    await user.click(screen.getByTestId('print-withdrawal'));
    expect(await screen.findByTestId('withdrawal-saved')).toHaveTextContent(
      '介護給付費過誤申立書_9970000015_0000100040_2026-04.pdf',
    );
    expect(asked).toHaveBeenCalledExactlyOnceWith('9970000015/990010/0000100040/2026-04/7131');
    await user.click(opener);
    expect(screen.queryByTestId('withdrawal')).toBeNull();
  });

  it('narrows to the month in which it was claimed, and leads to the item where there is one', async () => {
    const { user } = await openPanel();
    await user.selectOptions(screen.getByTestId('withdraw-month'), '令和8年5月');
    await search(user, '412');
    expect(sent()).toEqual(['0000000412']);
    expect(claim('0000000412')).toHaveTextContent(/ミホン ハナコ.*84,120円.*手元に戻っている.*取り下げはいりません/s);
    await user.click(within(claim('0000000412')).getByTestId('sent-open'));
    expect(screen.queryByTestId('print-withdrawal')).toBeNull();
    await user.click(within(claim('0000000412')).getByTestId('sent-item'));
    expect(await within(await screen.findByTestId('return-panel')).findByText('返戻（10QF）')).toBeVisible();
    await user.selectOptions(screen.getByTestId('withdraw-month'), '令和8年4月');
    await search(user, '412');
    expect(sent()).toEqual([]);
  });

  it('offers the months of two years up to the next one', async () => {
    await openPanel();
    const months = within(screen.getByTestId('withdraw-month')).getAllByRole('option');
    expect(months.map((month) => month.textContent)).toHaveLength(26);
    expect(months[1]).toHaveTextContent('令和8年7月');
    expect(months.at(-1)).toHaveTextContent('令和6年7月');
  });

  it('says what can be done when nothing is found, and opens the import', async () => {
    const { user, container } = await openPanel();
    await search(user, '9999999999');
    expect(within(screen.getByTestId('withdraw-panel')).getByTestId('empty')).toHaveTextContent(
      /見つかりませんでした.*取り込むと出ます/s,
    );
    await expectAccessible(container);
    await user.click(screen.getByTestId('withdraw-import'));
    expect(await screen.findByTestId('import-panel')).toBeVisible();
  });

  it('asks for the office where there are several, and takes the one looked at', async () => {
    const { user, fake } = await openPanel();
    expect(screen.getByTestId('withdraw-office')).toHaveValue('');
    await user.click(screen.getByTestId('withdraw-search'));
    expect(fake.calls).not.toContain('sentClaims');
    await user.selectOptions(screen.getByTestId('office-select'), 'もみじ訪問介護');
    expect(screen.getByTestId('withdraw-office')).toHaveValue('9970000023');
    await user.click(screen.getByTestId('withdraw-search'));
    await expect.poll(() => screen.queryByTestId('withdraw-total')?.textContent).toMatch(/もみじ訪問介護が送った請求/);
    // What was sent in the open window can still be cancelled.
    await expect.poll(() => claim('0000200000').dataset['road']).toBe('cancel');
    expect(claim('0000200000')).toHaveTextContent('令和8年6月10日（水）まで');
  });

  it('asks for no office where there is only one', async () => {
    const { user } = await openPanel({
      before: (fake) => {
        const frame = fake.frame.bind(fake);
        fake.frame = async () => {
          const { account, ...rest } = await frame();
          return { ...rest, account: account && { ...account, offices: account.offices.slice(0, 1) } };
        };
      },
    });
    expect(screen.queryByTestId('withdraw-office')).toBeNull();
    await user.type(screen.getByTestId('withdraw-insured'), '412');
    await user.click(screen.getByTestId('withdraw-search'));
    await expect.poll(sent).toEqual(['0000000412']);
  });

  it('records the days of an insurer, which then stand beside all its claims', async () => {
    const { user, container } = await openPanel();
    await search(user, '100040');
    await user.click(screen.getByTestId('sent-open'));
    expect(screen.getByTestId('kago-days')).toHaveTextContent(
      /通常過誤\s*記録がありません.*同月過誤\s*記録がありません/s,
    );
    await user.click(screen.getByTestId('kago-record'));
    await user.type(screen.getByTestId('kago-ordinary'), '１５日');
    await user.click(screen.getByTestId('kago-takes-yes'));
    await user.type(screen.getByTestId('kago-same-month'), '6');
    await expectAccessible(container);
    await user.click(screen.getByTestId('kago-save'));
    // 6 June 2026 is a Saturday.
    const days =
      /通常過誤\s*次は令和8年6月15日（月）まで（毎月15日）.*同月過誤\s*次は令和8年6月5日（金）まで（毎月6日）/s;
    await expect.poll(() => screen.getByTestId('kago-days').textContent).toMatch(days);
    await expect.poll(() => document.activeElement).toBe(screen.getByTestId('kago-record'));
    await search(user, '100041');
    await user.click(screen.getByTestId('sent-open'));
    expect(screen.getByTestId('kago-days').textContent).toMatch(days);
    await user.click(screen.getByTestId('kago-record'));
    expect(screen.getByTestId('kago-ordinary')).toHaveValue('15');
    await user.click(screen.getByTestId('kago-takes-no'));
    await user.click(screen.getByTestId('kago-save'));
    await expect.poll(() => screen.getByTestId('kago-days').textContent).toMatch(/同月過誤\s*受けていません/);
  });

  it('says what is wrong with a day, keeps what was typed and changes nothing', async () => {
    const { user } = await openPanel();
    await search(user, '100040');
    await user.click(screen.getByTestId('sent-open'));
    await user.click(screen.getByTestId('kago-record'));
    for (const wrong of ['32', '0', '十五']) {
      await user.clear(screen.getByTestId('kago-ordinary'));
      await user.type(screen.getByTestId('kago-ordinary'), wrong);
      await user.click(screen.getByTestId('kago-save'));
      expect(await screen.findByTestId('problem')).toHaveTextContent(/日は1から31（月末は31）で入れてください.*E-1719/);
      expect(screen.getByTestId('kago-ordinary')).toHaveValue(wrong);
    }
    await user.click(screen.getByRole('button', { name: 'やめる' }));
    expect(screen.getByTestId('kago-days')).toHaveTextContent(/通常過誤\s*記録がありません/);
  });

  it('shows the newest answer, follows what changes, and says why it could not look', async () => {
    const { user, fake } = await openPanel();
    const real = fake.sentClaims.bind(fake);
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let late: Promise<unknown> = Promise.resolve();
    fake.sentClaims = (query) => {
      if (query.insured !== '412') return real(query);
      const answer = released.then(() => real(query));
      late = answer;
      return answer;
    };
    await user.selectOptions(screen.getByTestId('withdraw-office'), 'さくらデイサービス');
    await user.type(screen.getByTestId('withdraw-insured'), '412{Enter}');
    await user.clear(screen.getByTestId('withdraw-insured'));
    await user.type(screen.getByTestId('withdraw-insured'), '303{Enter}');
    expect(await within(screen.getByTestId('withdraw-panel')).findByTestId('empty')).toBeVisible();
    release();
    await late;
    // Whatever the answer sets off is over after this.
    await new Promise((done) => setTimeout(done));
    expect(sent()).toEqual([]);

    await fake.stage('/fake/KK260601.CSV', '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5');
    fake.advanceMinutes(10);
    await expect.poll(sent).toEqual(['0000000303']);
    expect(claim('0000000303')).toHaveTextContent('送信の取消');
    fake.advanceMinutes(60 * 24 * 50);
    await expect.poll(() => claim('0000000303').dataset['road']).toBe('kago');

    fake.failNext('sentClaims', { code: 'E-1505', message: 'データがほかの処理で使われています。', retryable: true });
    await user.click(screen.getByTestId('withdraw-search'));
    expect(await screen.findByTestId('problem')).toHaveTextContent('E-1505');
    await user.click(screen.getByRole('button', { name: 'もう一度' }));
    await expect.poll(sent).toEqual(['0000000303']);
  });

  it('says how many there are when not all are shown', async () => {
    const { user, fake } = await openPanel();
    const real = fake.sentClaims.bind(fake);
    fake.sentClaims = async (query) => ({ ...(await real(query)), total: 1_200 });
    await search(user, '412');
    expect(screen.getByTestId('sent-more')).toHaveTextContent('全部で1,200件あります。はじめの1件を出しています。');
  });

  it('shows the days of the insurer in the story of a decided item, too', async () => {
    const { user } = await open();
    await user.click(screen.getByTestId('filter-all'));
    await user.click(await screen.findByRole('button', { name: /タメシ ヨウコ/ }));
    await user.click(await screen.findByText(/取り下げるとき：過誤の申立て/));
    await user.click(screen.getByTestId('kago-record'));
    await user.type(screen.getByTestId('kago-ordinary'), '31');
    await user.click(screen.getByTestId('kago-save'));
    await expect
      .poll(() => screen.getByTestId('kago-days').textContent)
      .toMatch(/次は令和8年6月30日（火）まで（毎月の終わりの日）/);
    await user.click(screen.getByTestId('print-withdrawal'));
    expect(await screen.findByTestId('withdrawal-saved')).toHaveTextContent('介護給付費過誤申立書');
  });
});

it('walks through the rows by arrows and opens by Enter', async () => {
  const { user } = await open();
  const names = within(screen.getByRole('table')).getAllByRole('button', { name: /\d{10}/ });
  names[0]?.focus();
  await user.keyboard('{ArrowDown}');
  await expect.poll(() => document.activeElement).toBe(names[1]);
  await user.keyboard('{End}');
  await expect.poll(() => document.activeElement).toBe(names.at(-1));
  await user.keyboard('{Home}');
  await expect.poll(() => document.activeElement).toBe(names[0]);
  await user.keyboard('{Enter}');
  expect(await screen.findByTestId('return-panel')).toBeVisible();
});

it('sorts by a column and says so', async () => {
  const { user } = await open();
  await user.click(screen.getByTestId('filter-all'));
  const head = () => screen.getByRole('columnheader', { name: /金額/ });
  expect(head()).not.toHaveAttribute('aria-sort');
  await user.click(within(head()).getByRole('button'));
  await expect.poll(() => persons()[0]).toBe('0000000745');
  expect(head()).toHaveAttribute('aria-sort', 'descending');
  await user.click(within(head()).getByRole('button'));
  await expect.poll(() => persons()[0]).toBe('0000000826');
  expect(head()).toHaveAttribute('aria-sort', 'ascending');
});

it('looks at one office when one is chosen', async () => {
  const { user } = await open();
  await user.selectOptions(screen.getByTestId('office-select'), 'ひいらぎ居宅介護支援');
  await expect.poll(persons).toEqual(['0000000618']);
});

it('says when there is nothing, and when something will come', async () => {
  const { container } = await open({ before: (fake) => fake.startEmpty() });
  expect(await screen.findByTestId('empty')).toHaveTextContent(/自分と未割当のものはありません.*月の終わりごろ/s);
  await expectAccessible(container);
});

it('says why the list cannot be read, and reads it when asked again', async () => {
  const { user, fake } = await open();
  fake.failNext('worklist', { code: 'E-1505', message: 'データがほかの処理で使われています。', retryable: true });
  await user.click(screen.getByTestId('filter-all'));
  expect(await screen.findByTestId('problem')).toHaveTextContent(/使われています。.*E-1505/);
  await user.click(screen.getByRole('button', { name: 'もう一度' }));
  await expect.poll(() => screen.queryByTestId('problem')).toBeNull();
  expect(persons().length).toBeGreaterThan(0);
});

it('narrows by code and text, and keeps a filter under a name', async () => {
  const { user } = await open();
  await user.click(screen.getByTestId('more-filters'));
  await user.selectOptions(screen.getByTestId('filter-code'), 'ANN4');
  await expect.poll(persons).toEqual(['0000000537']);
  await user.type(screen.getByTestId('filter-name'), '重複');
  await user.click(screen.getByTestId('filter-save'));
  await user.click(screen.getByText('絞りこみをやめる'));
  await expect.poll(() => persons().length).toBeGreaterThan(1);
  await user.click(await screen.findByTestId('saved-filter'));
  await expect.poll(persons).toEqual(['0000000537']);
  await user.type(screen.getByTestId('work-search'), 'カリ');
  await expect.poll(() => screen.queryAllByTestId('return-row').length).toBe(0);
});

it('gives marked items to one person, and takes it back', async () => {
  const { user, container } = await open();
  const before = persons();
  await user.click(screen.getByTestId('mark-all'));
  expect(screen.getByTestId('bulk')).toHaveTextContent(`${before.length}件を選んでいます`);
  await expectAccessible(container);
  await user.click(screen.getByTestId('bulk-mine'));
  expect(await screen.findByTestId('decided')).toHaveTextContent(`${before.length}件の担当を山田さんにしました。`);
  expect(row(before[0] ?? '')).toHaveTextContent('山田');
  await user.click(screen.getByTestId('undo'));
  await expect.poll(() => row(before[0] ?? '').textContent).toContain('未割当');
});

it('gives money up only after a second look', async () => {
  const { user } = await open();
  await user.click(screen.getByRole('button', { name: /ミホン ハナコ/ }));
  await user.click(await screen.findByTestId('close'));
  await user.type(screen.getByTestId('close-reason'), '自費で精算した');
  await user.click(screen.getByTestId('close-submit'));
  const proposal = await screen.findByTestId('proposal');
  expect(proposal).toHaveTextContent(/自費で精算した.*84,120円を受け取らない/s);
  await user.click(screen.getByTestId('confirm-close'));
  expect(await screen.findByTestId('problem')).toHaveTextContent('E-1712');
  await user.click(screen.getByTestId('looked-twice'));
  await user.click(screen.getByTestId('confirm-close'));
  const panel = within(screen.getByTestId('return-panel'));
  expect(await panel.findByTestId('reopen')).toBeVisible();
  await user.click(panel.getByTestId('reopen'));
  await expect.poll(() => panel.queryByTestId('close')).not.toBeNull();
});

it('keeps owner, day and notes, with a history', async () => {
  const { user } = await open();
  await user.click(screen.getByRole('button', { name: /ミホン ハナコ/ }));
  const panel = within(await screen.findByTestId('return-panel'));
  await user.type(await panel.findByTestId('owner'), '佐藤');
  await user.click(panel.getByTestId('owner-save'));
  await user.type(await panel.findByTestId('note'), '市役所へ電話した');
  await user.click(panel.getByTestId('note-save'));
  expect(await panel.findByTestId('written')).toHaveTextContent(/市役所へ電話した.*山田/s);
  expect(panel.getByTestId('history')).toHaveTextContent(/履歴（2件）.*市役所へ電話した.*担当：佐藤/s);
});

it('shows what was sent as the paper form', async () => {
  const { user, container } = await open();
  await user.click(screen.getByRole('button', { name: /ミホン ハナコ/ }));
  await user.click(await screen.findByText(/送った請求（1回）/));
  await user.click(screen.getByTestId('sheet-open'));
  const sheet = await screen.findByTestId('sent-sheet');
  expect(sheet).toHaveTextContent(/令和8年5月に送った請求.*57,?351/s);
  await expectAccessible(container);
});

it('looks through a folder before it takes it in, and tells what was forgotten', async () => {
  const { user, container } = await open();
  await user.click(screen.getByTestId('import-open'));
  await user.click(screen.getByTestId('import-folder'));
  expect(await screen.findByTestId('import-preview')).toHaveTextContent(/新しいもの 118件.*まだ何も保存していません/s);
  await expectAccessible(container);
  await user.click(screen.getByTestId('import-take'));
  expect(await screen.findByTestId('import-result')).toHaveTextContent('118件を取り込みました');
  await user.click(await screen.findByTestId('show-forgotten'));
  await expect.poll(persons).toContain('0000000933');
});

it('offers to go on with an import that was cut off', async () => {
  const { user } = await open({ before: (fake) => fake.cutImport(['/fake/過去のファイル']) });
  expect(await screen.findByTestId('unfinished-import')).toHaveTextContent('途中で止まっています');
  await user.click(screen.getByRole('button', { name: '続きから取り込む' }));
  expect(await screen.findByTestId('import-result')).toBeVisible();
});

it('names what is missing, office by office', async () => {
  const { user } = await open({
    before: (fake) =>
      fake.alarm([
        {
          office: '9970000015',
          office_name: 'さくらデイサービス',
          month: '2026-05',
          kind: 'missing_notice',
          text: '支払決定額内訳書（7521）が届いていません。',
          action: '通知を受け取り直すか、届いたファイルを取り込んでください。',
          yen: null,
          key: null,
        },
      ]),
  });
  await user.click(await screen.findByText('気をつけること 1件'));
  expect(screen.getByTestId('alarm')).toHaveTextContent(/令和8年5月審査.*7521.*取り込んでください/s);
});

it('keeps few rows in the page, however many there are', async () => {
  const { user } = await open({ before: (fake) => fake.startLarge(20_000) });
  await user.click(screen.getByTestId('filter-all'));
  await expect.poll(() => screen.getByTestId('returns-total').textContent).toContain('20,000件');
  expect(screen.getAllByTestId('return-row').length).toBeLessThan(80);
  expect(screen.getByRole('table')).toHaveAttribute('aria-rowcount', '20001');
});
