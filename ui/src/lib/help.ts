import guide from '../../../docs/guide/困ったとき.md?raw';

/** What to do about one problem code, from the user guide. */
export interface Advice {
  code: string;
  title: string;
  /** Heading of the chapter that it stands in. */
  chapter: string;
  paragraphs: { name: string; text: string }[];
}

/** Reads the guide: chapters `## 通信（E-13）`, headings `### E-1301 …`, then lines that begin with a name in bold. */
export function parseGuide(text: string): Advice[] {
  const advice: Advice[] = [];
  let chapter = '';
  for (const line of text.split('\n')) {
    const paragraph = /^\*\*(.+?)\*\*\s*(.+)$/.exec(line.trim());
    if (line.startsWith('## ')) chapter = line.slice(3).replace(/（.*$/, '').trim();
    else if (line.startsWith('### ')) {
      const [code = '', ...title] = line.slice(4).trim().split(/\s+/);
      advice.push({ code, title: title.join(' '), chapter, paragraphs: [] });
    } else if (paragraph) {
      const [, name = '', said = ''] = paragraph;
      advice.at(-1)?.paragraphs.push({ name, text: said.replaceAll(/\*\*|`/g, '') });
    }
  }
  return advice;
}

export const ADVICE: readonly Advice[] = parseGuide(guide);

/** Words of the trade in everyday words. */
export const TERMS: readonly { term: string; meaning: string }[] = [
  { term: '国保連（こくほれん）', meaning: '国民健康保険団体連合会。請求を受け付け、審査し、お金を払うところです。' },
  { term: '中継サーバー', meaning: '事業所のファイルを預かり、証明書を使って国保連へ送るところです。' },
  { term: '提供月・処理対象年月', meaning: 'サービスをした月と、その請求を送る月。ふつうは1か月ちがいます。' },
  {
    term: '到達・受付',
    meaning: '国保連にファイルが届いたことと、形に問題がなく受け取られたこと。審査はこのあとです。',
  },
  { term: '返戻（へんれい）', meaning: '請求が差し戻されること。直して、もう一度請求します。' },
  {
    term: '保留（ほりゅう）',
    meaning: 'ケアマネジャーの給付管理票を国保連が待っていること。再請求してはいけません。',
  },
  { term: '査定（さてい）', meaning: '計画より多い分などが減らされて支払われること。' },
  { term: '過誤（かご）', meaning: '支払いが決まった請求を取り下げること。保険者（市町村）に申し立てます。' },
  { term: '時効（じこう）', meaning: '請求できる期限。介護給付は2年、総合事業は5年です。' },
];
