use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// 中継サーバーにログインする（パスワードは標準入力か、きかれたとき）
    Login {
        /// 法人番号
        #[arg(long)]
        corporation: String,
        /// ID
        #[arg(long)]
        id: String,
    },
    /// ログアウトする（パスワードを忘れる。ファイルは残る）
    Logout,
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
    /// 送ったファイルがどうなったか
    Status,
    /// まだ届いていないファイルの送信をやめる（送信待ちと、断られたもの）
    Withdraw {
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
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// 返戻・保留・査定・過誤の一覧
    Returns,
    /// 返戻などを、請求しないと決めて終わりにする
    Close {
        /// 請求の鍵（returns に出るもの）
        key: String,
        /// 理由（必ず書く。空では終わりにできない）
        #[arg(long)]
        reason: String,
    },
    /// 終わりにしたものを元に戻す
    Reopen {
        /// 請求の鍵（returns に出るもの）
        key: String,
    },
    /// 事業所と月ごとの請求と支払
    Balance {
        /// 事業所番号
        #[arg(long)]
        office: Option<String>,
        /// 処理対象年月（YYYY-MM）
        #[arg(long)]
        month: Option<String>,
    },
    /// 通知の一覧
    Notices,
    /// 通知の中身
    Notice {
        /// 通知の番号（SHA-256。はじめの数けたでもよい）
        id: String,
    },
    /// 復旧キー（データの鍵の控え）
    Recovery {
        #[command(subcommand)]
        command: Recovery,
    },
    /// 練習の時計を進める
    Advance {
        /// 進める先（RFC 3339）。なければ次の節目
        to: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Recovery {
    /// 復旧キーを表示する（紙に控えて、鍵のかかる所へ）
    Show,
    /// 控えた復旧キーを標準入力から読み、キーチェーンへ戻す
    Restore,
}
