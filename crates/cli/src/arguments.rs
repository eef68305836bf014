use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::values;

/// とどけ：介護の請求を確かめて送り、返戻を追いかけます。
#[derive(Debug, Parser)]
#[command(name = "todoke", version, propagate_version = true)]
pub struct Arguments {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Args)]
pub struct Options {
    /// データのフォルダー（なければ、このパソコンのいつもの場所）
    #[arg(long, global = true, env = "TODOKE_DATA")]
    pub data: Option<PathBuf>,
    /// 中継サーバーのアドレス
    #[arg(long, global = true, env = "TODOKE_RELAY")]
    pub relay: Option<String>,
    /// 鍵とパスワードをキーチェーンの代わりにこのファイルへしまう（無人のパソコン用）
    #[arg(long, global = true)]
    pub key_file: Option<PathBuf>,
    /// 出力の形
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// 今日の日付の代わりに使う日（YYYY-MM-DD）
    #[arg(long, global = true)]
    pub today: Option<chrono::NaiveDate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// 読むための文章
    Text,
    /// スクリプトのためのJSON
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 請求ファイルを確かめる（何も保存しない）
    Check {
        /// 確かめるファイル
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// 請求や通知のファイルの中身を、項目の名前をつけて表示する（何も保存しない）
    Inspect {
        /// 表示するファイル
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// 二つの請求ファイルの違いを、人と金額と項目で表示する（何も保存しない）
    Compare {
        /// 前のファイル
        before: PathBuf,
        /// 後のファイル
        after: PathBuf,
    },
    /// 事業所の地域区分を表示する、決める
    Region {
        /// 決める事業所の事業所番号（なければ、すべての事業所を表示する）
        office: Option<String>,
        /// 地域区分（1級地〜7級地、その他）。「なし」で取り消す
        #[arg(long, requires = "office")]
        set: Option<String>,
        /// いつのサービスから使うか（YYYY-MM。なければ今月から）
        #[arg(long, requires = "set")]
        from: Option<String>,
    },
    /// 中継サーバーにログインする（パスワードは標準入力か、きかれたとき）
    Login {
        /// 法人番号
        #[arg(long)]
        corporation: String,
        /// ID
        #[arg(long)]
        id: String,
        /// 2段階認証の6桁の数字か予備コード（E-1108のとき）
        #[arg(long)]
        code: Option<String>,
    },
    /// ログアウトする（パスワードを忘れる。ファイルは残る）
    Logout {
        /// このパソコンではなく、ほかのパソコンすべてのログインを終わらせる
        #[arg(long)]
        elsewhere: bool,
    },
    /// 終わった送信を一覧から消す（ファイルと履歴は残る）
    Hide {
        /// 送信の番号（SHA-256。はじめの数けたでもよい）
        id: String,
    },
    /// 一覧から消した送信を戻す
    Restore {
        /// 送信の番号（SHA-256。はじめの数けたでもよい）
        id: String,
    },
    /// 使い捨てコードで新しいパスワードを決めてログインする（コード、新しいパスワードの順に、標準入力か、きかれたとき）
    ResetPassword {
        /// 法人番号
        #[arg(long)]
        corporation: String,
        /// ID
        #[arg(long)]
        id: String,
    },
    /// 2段階認証
    #[command(subcommand)]
    SecondFactor(SecondFactorCommand),
    /// 法人のID
    #[command(subcommand)]
    Ids(IdsCommand),
    /// パスワードを変える（新しいパスワードは標準入力か、きかれたとき）
    Password,
    /// だれとしてログインしているか
    Whoami,
    /// 請求ファイルを送る
    Send {
        /// 送るファイル
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// 中継サーバーに届くまで待つ秒数（0は待たずに送信待ちに入れる）
        #[arg(long, default_value_t = 60)]
        wait: u32,
        /// 国保連の受付完了まで待つ（秒数は --wait）
        #[arg(long)]
        until_accepted: bool,
    },
    /// 外部エラーか取消完了で終わった送信を、同じファイルのままもう一度送る
    SendAgain {
        /// 送信の番号（SHA-256。はじめの数けたでもよい）
        id: String,
        /// 中継サーバーに届くまで待つ秒数（0は待たずに送信待ちに入れる）
        #[arg(long, default_value_t = 60)]
        wait: u32,
        /// 国保連の受付完了まで待つ（秒数は --wait）
        #[arg(long)]
        until_accepted: bool,
    },
    /// 送ったファイルがどうなったか
    Status,
    /// これまでに送ったものすべて。中継サーバーには聞かず、このパソコンの記録から
    History,
    /// 送ったファイルや届いた通知を、もとのまま（1バイトも変えずに）書き出す
    Original {
        /// 送信や通知の番号（SHA-256。はじめの数けたでもよい）
        id: String,
        /// 書き出すファイル（なければ、「ドキュメント」の「とどけ」）
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// まだ届いていないファイルの送信をやめる（送信待ちと、断られたもの）
    Withdraw {
        /// 送信の番号（SHA-256。はじめの数けたでもよい）
        id: String,
    },
    /// 中継サーバーに届かないとき、CD-Rで出すもの（ディスクのイメージと送付書）を作る
    Rescue {
        /// 書き出すフォルダー（なければ、書類のフォルダーに作る）
        #[arg(long, conflicts_with = "handed_in")]
        out: Option<PathBuf>,
        /// CD-Rで出し終えた送信の番号。もう送られず、請求したものとして数えられる
        #[arg(long, value_name = "番号", num_args = 1..)]
        handed_in: Vec<String>,
    },
    /// 送った請求を取り消す（国保連が受け付けている間、10日まで）
    Cancel {
        /// 送信の番号（SHA-256。はじめの数けたでもよい）
        id: String,
    },
    /// 受領書（PDF）を作る
    Receipt {
        /// 送信の番号（SHA-256。はじめの数けたでもよい）
        id: String,
        /// 書き出すファイル
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 通知を受け取り、送ったものの状態を確かめる
    Sync,
    /// ファイルやフォルダーから請求と通知を取り込む
    Import {
        /// ファイルまたはフォルダー
        #[arg(required_unless_present = "resume")]
        paths: Vec<PathBuf>,
        /// 途中で止まった前の取り込みを、続きから行う
        #[arg(long, conflicts_with = "paths")]
        resume: bool,
        /// 何が取り込まれるかを見るだけで、何も保存しない
        #[arg(long)]
        preview: bool,
    },
    /// 返戻・保留・査定・過誤の一覧
    Returns(Returns),
    /// 届いていない通知や、つじつまの合わないこと
    Alarms,
    /// 返戻などの担当・期日・メモ・用紙
    Work {
        #[command(subcommand)]
        command: Work,
    },
    /// 返戻などを、請求しないと決めて終わりにする
    Close {
        /// 請求の鍵（returns に出るもの）
        key: String,
        /// 理由（必ず書く。空では終わりにできない）
        #[arg(long)]
        reason: String,
        /// 金額をあきらめることを、もう一度確かめた。ないときは「あきらめる候補」になる
        #[arg(long)]
        give_up: bool,
    },
    /// 終わりにしたものを元に戻す
    Reopen {
        /// 請求の鍵（returns に出るもの）
        key: String,
    },
    /// 事業所と月ごとの請求と支払
    Balance {
        /// 事業所番号
        #[arg(long, value_parser = values::office)]
        office: Option<String>,
        /// 処理対象年月（YYYY-MM）
        #[arg(long, value_parser = values::month)]
        month: Option<String>,
        /// 書き出すファイル（.xlsx、.csv、.pdf）。月を選んでいても、すべての月を書き出す
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 本部の表：事業所と月ごとの金額
    Board {
        /// 見る金額（unpaid 未収、claimed 請求、returned 返戻、held 保留、assessed 査定、released 保留復活、decided 決定、kago 過誤、payable 支払、paid 振込、unexplained 説明できない差額）
        #[arg(long, default_value = "unpaid", value_parser = values::one_of(app::choices::figures()), hide_possible_values = true)]
        figure: String,
        /// 書き出すファイル（.xlsx、.csv、.pdf）
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 事業所の1か月：請求から振込まで
    Month {
        /// 事業所番号
        office: String,
        /// 処理対象年月（YYYY-MM）
        month: String,
        /// 書き出すファイル（.xlsx、.csv、.pdf）
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 入金の予定（確定、決定、見込み）
    Deposits {
        /// 事業所番号
        #[arg(long, value_parser = values::office)]
        office: Option<String>,
        /// 照らし合わせる通帳の入出金明細（CSV）
        #[arg(long)]
        bank: Option<PathBuf>,
        /// 書き出すファイル（.xlsx、.csv、.pdf）
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 未収の年齢、返戻の傾向、取り戻しの成績
    Analysis {
        /// 事業所番号
        #[arg(long, value_parser = values::office)]
        office: Option<String>,
        /// 書き出すファイル（.xlsx、.csv、.pdf）
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 月を締める（あとで変わった数字は「締めたあとの変更」に出る）
    CloseMonth {
        /// 処理対象年月（YYYY-MM）
        month: String,
        /// 事業所番号（なければ、その月のある事業所すべて）
        #[arg(long, value_parser = values::office)]
        office: Option<String>,
        /// どこまで締めるか（claims 請求、payment 入金）
        #[arg(long, default_value = "payment", value_parser = values::one_of(app::choices::stages()), hide_possible_values = true)]
        stage: String,
    },
    /// 締めた月を開く
    ReopenMonth {
        /// 処理対象年月（YYYY-MM）
        month: String,
        /// 事業所番号
        #[arg(long)]
        office: String,
        /// 理由（必ず書く）
        #[arg(long)]
        reason: String,
    },
    /// 事業未収金の増減
    Roll {
        /// 事業所番号
        #[arg(long, value_parser = values::office)]
        office: Option<String>,
        /// 返戻の扱い（keep 未収のまま残す、reverse 売上を取り消す）
        #[arg(long, default_value = "keep", value_parser = values::one_of(app::choices::styles()), hide_possible_values = true)]
        style: String,
        /// 書き出すファイル（.xlsx、.csv、.pdf）
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 仕訳を書き出す
    Journal {
        /// 書き出すファイル（.csv、.xlsx、.pdf）
        #[arg(long)]
        out: PathBuf,
        /// 事業所番号
        #[arg(long, value_parser = values::office)]
        office: Option<String>,
        /// 月（YYYY-MM）。なければすべて
        #[arg(long)]
        month: Option<String>,
        /// 返戻の扱い（keep 未収のまま残す、reverse 売上を取り消す）
        #[arg(long, default_value = "keep", value_parser = values::one_of(app::choices::styles()), hide_possible_values = true)]
        style: String,
    },
    /// 通知の一覧
    Notices,
    /// 通知の中身
    Notice {
        /// 通知の番号（SHA-256。はじめの数けたでもよい）
        id: String,
        /// 書き出すファイル（.pdf は用紙、.csv は届いたままの中身）
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 利用開始の日程を、はじめて請求する月か申し込む日から計算する
    Plan {
        /// 申し込む日（YYYY-MM-DD）
        #[arg(long, conflicts_with = "first_claim", required_unless_present = "first_claim")]
        apply: Option<chrono::NaiveDate>,
        /// はじめて請求する月（YYYY-MM）
        #[arg(long)]
        first_claim: Option<String>,
        /// カレンダーのファイル（.ics）にも書き出す
        #[arg(long)]
        ics: Option<PathBuf>,
    },
    /// 申し込みのファイルから委任状と送付一覧（PDF）を作る
    Poa {
        /// 申し込みの内容（JSON）
        #[arg(long)]
        application: PathBuf,
        /// 書き出すフォルダー
        #[arg(long)]
        out: PathBuf,
    },
    /// 利用開始がどこまで進んでいるか
    Start {
        /// 予定をカレンダーのファイル（.ics）に書き出す
        #[arg(long)]
        ics: Option<PathBuf>,
        /// 申し込んだ事業所の委任状と送付一覧を、このフォルダーに書き出す
        #[arg(long)]
        poa: Option<PathBuf>,
        /// 入力した内容を、このファイル（JSON）のものにする
        #[arg(long)]
        draft: Option<PathBuf>,
        /// 入力した内容で申し込む
        #[arg(long)]
        apply: bool,
        /// 押印した委任状の写真を残す（事業所番号とファイル。何度でも）
        #[arg(long, num_args = 2, value_names = ["OFFICE", "FILE"])]
        photo: Vec<PathBuf>,
        /// 残した写真を、控えの紙（PDF）にする
        #[arg(long)]
        photos: Option<PathBuf>,
        /// 予定を1枚の紙（PDF）にする
        #[arg(long)]
        plan: Option<PathBuf>,
        /// この事業所のテスト送信をする
        #[arg(long)]
        test: Option<String>,
        /// 終わったことの控え（PDF）を作る
        #[arg(long)]
        done: Option<PathBuf>,
    },
    /// 問い合わせ票（電話で聞かれることを1枚にしたPDF）を作る
    Enquiry {
        /// 困っていることの番号（E-1301 など）
        #[arg(long, default_value = "")]
        problem: String,
        /// 何をして、どうなったか
        #[arg(long, default_value = "")]
        what: String,
        /// 名前
        #[arg(long, default_value = "")]
        name: String,
        /// 折り返しの電話番号
        #[arg(long, default_value = "")]
        phone: String,
        /// 書き出すファイル（.pdf）
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 復旧キー（データの鍵の控え）
    Recovery {
        #[command(subcommand)]
        command: Recovery,
    },
    /// 鍵・記録・ディスク・時計・中継サーバー・プロキシが使えるかを確かめる
    Health,
    /// サポート用資料（zip）を作る。名前や番号など、人のわかるものは入らない
    Support {
        /// 書き出すファイル（なければ、「ドキュメント」の「とどけ」）
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 記録の控え（新しい版にする前に作ったもの）
    Copies {
        #[command(subcommand)]
        command: Option<Copies>,
    },
    /// 練習の時計を進める
    Advance {
        /// 進める先（RFC 3339）。なければ次の節目
        to: Option<String>,
    },
}

/// 一覧の絞りこみ。何もつけないと、解決したものも含めて全部
#[derive(Debug, Default, Args)]
pub struct Returns {
    /// 事業所番号
    #[arg(long, value_parser = values::office)]
    pub office: Option<String>,
    /// 状態（open, held, reclaimed, settled, closed, lapsed）
    #[arg(long, value_parser = values::one_of(app::choices::states()), hide_possible_values = true)]
    pub state: Vec<String>,
    /// すること（fix_now, wait, ask_care_manager, ask_insurer, kago, ask_vendor, give_up, read_and_choose）
    #[arg(long, value_parser = values::one_of(app::choices::routes()), hide_possible_values = true)]
    pub route: Vec<String>,
    /// 理由のコード（12PA など）
    #[arg(long)]
    pub code: Vec<String>,
    /// 担当の名前（空の文字は、担当なし）
    #[arg(long)]
    pub owner: Option<String>,
    /// この金額（円）から
    #[arg(long)]
    pub min_yen: Option<i64>,
    /// この金額（円）まで
    #[arg(long)]
    pub max_yen: Option<i64>,
    /// 通知からこの月数がたったもの
    #[arg(long)]
    pub min_age: Option<u32>,
    /// 画面のタブ（mine, fix, wait, limitation, forgotten, unfinished, all）
    #[arg(long, value_parser = values::one_of(app::TABS), hide_possible_values = true)]
    pub tab: Option<String>,
    /// 書き出すファイル（.xlsx、.csv、.pdf）
    #[arg(long)]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Work {
    /// 1件のくわしい内容
    Show {
        /// 請求の鍵（returns に出るもの）
        key: String,
    },
    /// 担当を決める
    Assign {
        /// 請求の鍵
        #[arg(required = true)]
        keys: Vec<String>,
        /// 担当の名前（空の文字は、担当なし）
        #[arg(long)]
        to: String,
    },
    /// 期日を決める
    Due {
        /// 請求の鍵
        #[arg(required = true)]
        keys: Vec<String>,
        /// 日付（YYYY-MM-DD）。つけないと、もとの期日に戻す
        #[arg(long)]
        on: Option<String>,
    },
    /// メモを書く
    Note {
        /// 請求の鍵
        key: String,
        /// メモ
        #[arg(long)]
        text: String,
    },
    /// 次にすることを選ぶ
    Route {
        /// 請求の鍵
        #[arg(required = true)]
        keys: Vec<String>,
        /// すること（fix_now など）。つけないと、コードの表に戻す
        #[arg(long)]
        to: Option<String>,
    },
    /// あきらめる候補から外す
    Keep {
        /// 請求の鍵
        #[arg(required = true)]
        keys: Vec<String>,
    },
    /// 操作を元に戻す
    Undo {
        /// 操作の番号（show の履歴に出るもの）
        #[arg(required = true)]
        ids: Vec<u32>,
    },
    /// このパソコンを使う人の名前を決める
    Me {
        /// 名前
        name: String,
    },
    /// 電話とFAXの用紙を、相手ごとに1枚ずつ作る（PDF）
    Calls {
        /// 事業所番号
        #[arg(long, value_parser = values::office)]
        office: Option<String>,
        /// 書き出すフォルダー
        #[arg(long)]
        out: PathBuf,
    },
    /// 送った請求をさがし、それぞれを取り下げる道を見る（支払われたものも）
    Sent {
        /// 事業所番号
        #[arg(value_parser = values::office)]
        office: String,
        /// 送った月（処理対象年月、YYYY-MM）
        #[arg(long, value_parser = values::month)]
        month: Option<String>,
        /// 被保険者番号（終わりの数けたでもよい）
        #[arg(long)]
        insured: Option<String>,
    },
    /// 保険者ごとの、過誤申立てのしめ切りを記録する（前の記録と入れ替える。何もつけないと消す）
    KagoDays {
        /// 保険者番号
        insurer: String,
        /// 通常過誤のしめ切りの日（1から31、月末は31）
        #[arg(long)]
        ordinary: Option<u32>,
        /// 同月過誤のしめ切りの日（1から31、月末は31）
        #[arg(long)]
        same_month: Option<u32>,
        /// 同月過誤を受けない
        #[arg(long, conflicts_with = "same_month")]
        no_same_month: bool,
    },
    /// 請求を取り下げる用紙を作る（道は一つに決まる）
    Withdraw {
        /// 請求の鍵（returns か sent に出るもの）
        key: String,
        /// 書き出すファイル（.pdf）
        #[arg(long)]
        out: PathBuf,
    },
    /// 今月の請求で直すものの確認表を作る
    Checklist {
        /// 事業所番号
        #[arg(long, value_parser = values::office)]
        office: Option<String>,
        /// 書き出すファイル（.pdf、.xlsx、.csv）
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Copies {
    /// 控えを記録の代わりに置く（いまの記録は aside に残る。とどけを閉じてから行う）
    Restore {
        /// 控えの名前（copies に出るもの）
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Recovery {
    /// 復旧キーを表示する（紙に控えて、鍵のかかる所へ）
    Show,
    /// 控えた復旧キーを標準入力から読み、キーチェーンへ戻す
    Restore,
}

#[derive(Debug, Subcommand)]
pub enum SecondFactorCommand {
    /// 使いはじめる用意をして、認証アプリに入れる文字を表示する
    Begin,
    /// 認証アプリの6桁の数字で使いはじめ、予備コードを表示する（一度だけ）
    Confirm {
        /// 6桁の数字
        code: String,
    },
    /// やめる
    End {
        /// 6桁の数字か予備コード
        code: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum IdsCommand {
    /// 法人のIDの一覧（法人用IDで）
    List,
    /// 事業所用IDの方に伝える使い捨てコードを出す（法人用IDで。60分、1回だけ）
    Code {
        /// 事業所用ID
        id: String,
    },
}
