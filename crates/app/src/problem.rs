//! What can go wrong, as a stable code with a Japanese sentence: what happened, then what to do.
//!
//! Inside, failures are detailed and typed; here they become what a screen needs. A code exists only where a person must
//! act differently. `docs/guide/困ったとき.md` has one paragraph per code, which a test compares with [`Code::ALL`].

use std::fmt;

use crate::views::ProblemView;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $retry:ident, $text:literal;)+) => {
        /// Stable code of a problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)+ }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Returns the code as shown, for example `E-1301`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// Finds the code written as `text`.
            pub fn find(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }

            /// Returns whether trying again later can help without anything being changed.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => codes!(@$retry),)+ }
            }

            /// Returns what happened and what to do; `{}` stands where a detail goes.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
    (@again) => { true };
    (@final) => { false };
}

codes! {
    /// The file holds nothing.
    EmptyFile = "E-1001", final, "このファイルは空です。介護ソフトで請求ファイルを作り直してください。";
    /// Not an interchange file at all.
    NotInterchange = "E-1002", final, "国保連へ送る請求ファイルではないようです。介護ソフトが作ったCSVファイルを選んでください。{}";
    /// UTF-8 instead of Shift_JIS.
    Utf8File = "E-1003", final, "文字コードがUTF-8になっています。ほかのソフトで開いて保存し直した可能性があります。介護ソフトが作った元のファイルを選んでください。";
    /// Saved by a spreadsheet.
    SpreadsheetFile = "E-1004", final, "Excelで保存し直したファイルのようです。番号の先頭の0が消えていて送れません。Excelで開かずに、介護ソフトが作った元のファイルを選んでください。";
    /// The end is missing.
    CutFile = "E-1005", final, "ファイルが途中で切れています。コピーや保存が最後まで終わっていない可能性があります。介護ソフトで作り直すか、コピーし直してください。{}";
    /// 障害者総合支援 claims are not supported (C20).
    DisabilityFile = "E-1006", final, "障害福祉サービスの請求ファイルです。とどけは介護保険の請求だけを送れます。障害福祉の請求は、国保連の障害者総合支援の受付へ送ってください。";
    /// Larger than any claim file.
    TooLargeFile = "E-1007", final, "ファイルが大きすぎます（上限は100MBです）。請求ファイルではない可能性があります。選んだファイルを確かめてください。";
    /// A folder where a file was expected.
    Folder = "E-1008", final, "フォルダーが置かれました。中の請求ファイル（CSV）を選んで置いてください。";
    /// The file cannot be opened.
    Unreadable = "E-1009", final, "ファイルを開けませんでした。ほかのソフトで開いていないか、USBメモリーが抜けていないかを確かめて、もう一度選んでください。{}";
    /// Bytes that are no Shift_JIS.
    BrokenText = "E-1010", final, "読めない文字があります。{}介護ソフトで外字や特殊な文字を使っていないか確かめ、作り直してください。";
    /// Changed between check and sending.
    ChangedFile = "E-1011", final, "確認したあとでファイルが変わりました。もう一度ファイルを置いて、内容を確認してから送ってください。";
    /// The check found errors.
    FileHasErrors = "E-1012", final, "直すところがあるため送れません。介護ソフトで直し、作り直したファイルを置いてください。";
    /// A notice or an unknown kind cannot be sent.
    NotSendable = "E-1013", final, "請求ファイルではないため送れません。国保連の通知は「通知」の画面から取り込めます。";
    /// The page asked for a file that nobody laid down.
    UnknownFile = "E-1014", final, "このファイルは、いま確認したファイルの中にありません。もう一度ファイルを置いて、確認してください。";

    /// ID or password is wrong.
    WrongCredentials = "E-1101", final, "法人番号、ID、パスワードのどれかが違います。0（ゼロ）とO（オー）、1（いち）とl（エル）、大文字と小文字を確かめてください。{}";
    /// Too many wrong passwords.
    LockedOut = "E-1102", final, "まちがいが続いたため、しばらくログインできません。{}待ってから、もう一度お試しください。";
    /// Temporary password.
    PasswordChangeRequired = "E-1103", final, "いまのパスワードは仮のものです。新しいパスワードを決めると、すべての操作ができるようになります。";
    /// New password not accepted.
    WeakPassword = "E-1104", final, "このパスワードは使えません。12文字以上128文字までで、いまのパスワードやIDと違うものにしてください。";
    /// The relay no longer knows the password on this computer.
    SignInAgain = "E-1105", final, "もう一度ログインしてください。パスワードがほかのパソコンで変えられた可能性があります。送信待ちのファイルは残っています。";
    /// The ID may not act for this office.
    OtherOffice = "E-1106", final, "このIDでは、事業所{}の請求を扱えません。ファイルの事業所番号と、ログインしているIDを確かめてください。";
    /// Nobody signed in on this computer.
    NotSignedIn = "E-1107", final, "まだログインしていません。最初に、中継サーバーから届いた法人番号、ID、パスワードでログインしてください。";

    /// The password is right; a code is needed.
    SecondFactorRequired = "E-1108", final, "2段階認証のコードがいります。スマートフォンの認証アプリに出ている6桁の数字か、控えておいた予備コードを入れてください。";
    /// A code of the second factor or a one-time code is wrong.
    WrongCode = "E-1109", final, "コードが違うか、もう使えません。認証アプリの数字は30秒で変わります。いま出ている数字を入れてください。使い捨てコードは1回だけ、60分以内に使えます。";

    /// No keychain service.
    NoKeychain = "E-1201", final, "パスワードを安全にしまう場所（OSのキーチェーン）が見つかりません。Windowsでは資格情報マネージャーのサービス、Linuxでは秘密情報サービス（gnome-keyringなど）を動かしてから、とどけを開き直してください。";
    /// The keychain is locked.
    KeychainLocked = "E-1202", again, "OSのキーチェーンに鍵がかかっています。パソコンにログインし直すか、キーチェーンの鍵を開けてから「もう一度」を押してください。";
    /// The keychain does not answer.
    KeychainSilent = "E-1203", again, "OSのキーチェーンから返事がありません。鍵を開ける小さな窓がほかの窓の後ろに出ていないか確かめてから「もう一度」を押してください。";
    /// The database is there but its key is not.
    KeyMissing = "E-1204", final, "データの鍵がキーチェーンにありません。データは消えていません。別のユーザーでパソコンに入っていないか確かめてください。復旧キーの控えがあれば todoke recovery restore で元に戻せます。";
    /// Any other failure of the keychain.
    KeychainFailed = "E-1205", again, "OSのキーチェーンを使えませんでした。パソコンを再起動してから、もう一度お試しください。";

    /// No line, or nobody answers.
    Unreachable = "E-1301", again, "中継サーバーにつながりません。ファイルはこのパソコンに残っています。接続が戻ると自動で送ります。";
    /// An answer takes too long.
    SlowAnswer = "E-1302", again, "中継サーバーの返事に時間がかかっています。ファイルはこのパソコンに残っています。少し待って自動でもう一度送ります。二重に送られることはありません。";
    /// The line broke in the middle.
    LineCut = "E-1303", again, "通信が途中で切れました。届いたかどうかを中継サーバーに確かめてから、必要なら自動でもう一度送ります。二重に送られることはありません。";
    /// The relay has a fault.
    RelayFault = "E-1304", again, "中継サーバーで不具合が起きています。ファイルはこのパソコンに残っています。直ると自動で送ります。急ぐときは中継サーバーの運営者へ電話してください。";
    /// Something else answers at that address.
    NotARelay = "E-1305", final, "このアドレスは、とどけの中継サーバーではないようです。設定で中継サーバーのアドレスを確かめてください。";
    /// Asked to slow down.
    TooManyRequests = "E-1306", again, "中継サーバーがこみあっています。少し待って自動でもう一度送ります。";
    /// Not https.
    UnsafeAddress = "E-1307", final, "中継サーバーのアドレスは https:// で始まるものだけ使えます。案内の紙にあるアドレスを確かめてください。";
    /// The certificate cannot be trusted.
    Untrusted = "E-1308", final, "中継サーバーの身元を確かめられないため、つなぎませんでした。パソコンの日付と時刻が正しいか確かめてください。正しいときは運営者へ電話してください。";
    /// No address was given.
    NoRelay = "E-1309", final, "中継サーバーのアドレスがまだありません。ログインの画面で、案内の紙にあるアドレスを入れてください。";

    /// The proxy on the way refuses without name and password.
    ProxySignIn = "E-1310", final, "プロキシが名前とパスワードを求めています。設定の「つなぎ方」で、ネットワークの管理者から聞いた名前とパスワードを入れてください。送信待ちのファイルは残っています。";
    /// Not an address of a proxy.
    WrongProxy = "E-1311", final, "プロキシのアドレスは、proxy.example.jp:8080 のように、名前とポートの番号を「:」でつないで入れてください。";
    /// Not a certificate that can be trusted.
    NotACertificate = "E-1312", final, "証明書のファイルとして読めません。ネットワークの管理者から受け取った、PEM形式（.pem か .crt）のルート証明書を選んでください。";

    /// Nothing waits that could go on a disc.
    NothingToRescue = "E-1416", final, "CD-Rで出すものがありません。送信待ちの請求があり、受付期間（1日から10日）のあいだだけ用意できます。";

    /// The practice could not begin.
    PracticeFailed = "E-1902", again, "練習を始められませんでした。練習の窓がもう開いていないか、ディスクに空きがあるかを確かめて、もう一度お試しください。";

    /// Another file for the same months is under way.
    AlreadyClaimed = "E-1401", final, "同じ事業所・同じ月の請求が、別の内容ですでに送られています。差し替えるときは、先に送った請求の取消が終わってから送ってください。";
    /// The relay knows this content under other facts.
    AnnouncedDifferently = "E-1402", final, "同じ内容のファイルが、違う情報ですでに登録されています。運営者へ電話してください。";
    /// The relay's check refused it.
    RelayRefusedFile = "E-1403", final, "中継サーバーの確認で送れないと判断されました。とどけを新しい版にしてから、もう一度ファイルを確認してください。";
    /// The bytes arrived broken.
    ContentMismatch = "E-1404", again, "送ったファイルが途中で壊れました。少し待って自動でもう一度送ります。";
    /// The window is not open yet.
    BeforeWindow = "E-1405", again, "受付期間の前です。{}から受け付けます。その日になると自動で送ります。";
    /// The window has closed.
    AfterWindow = "E-1406", final, "{}の受付期間は終わりました。介護ソフトで処理対象年月を次の月にして作り直してください。";
    /// No such submission here.
    UnknownSubmission = "E-1407", final, "この番号の送信や通知は、このパソコンにありません。一覧で番号を確かめてください。";
    /// 5C04.
    FormatError = "E-1408", final, "国保連で様式エラーになりました。何も受け付けられていません。介護ソフトで直して、10日までにもう一度送ってください。";
    /// 5C10 to 5C12.
    ExternalError = "E-1409", final, "国保連に届きませんでした。何も受け付けられていません。事業所番号と処理対象年月を確かめ、直すところがあれば直したファイルを、なければ「もう一度送る」で同じファイルを、10日までに送ってください。";
    /// A receipt exists only for what arrived.
    NoReceiptYet = "E-1410", again, "まだ中継サーバーに届いていないため、受領書はありません。届いてから印刷してください。";

    /// Too late to take a submission back.
    AlreadySent = "E-1411", final, "もう送りはじめているか、中継サーバーに届いているため、送信をやめられません。差し替えたいときは、すぐに運営者へ電話してください。";
    /// The contract with the relay does not cover the month.
    NotInService = "E-1412", final, "この月は、中継サーバーとの契約の期間に入っていません。利用開始月と処理対象年月を確かめてください。それより前の月は、いままでの方法で請求してください。";
    /// Only what 国保連 holds, within the window, can be cancelled.
    CannotCancel = "E-1413", final, "いまは取り消せません。取消ができるのは、国保連が受け付けている間（10日まで）です。{}";
    /// Under way, or not at the relay.
    CannotHide = "E-1415", final, "まだ終わっていない送信は、一覧から消せません。完了、様式エラー、外部エラー、取消完了になると消せます。";
    /// 国保連 has it, or may have it.
    CannotSendAgain = "E-1417", final, "いまの状態（{}）では、同じファイルをもう一度送れません。もう一度送れるのは、外部エラーか取消完了で終わったものだけです。";
    /// Cancelling failed.
    CancelFailed = "E-1414", final, "国保連で取消ができませんでした。この請求は生きています。同じ月の請求を別に送らないでください。";

    /// The database comes from a newer program.
    DatabaseTooNew = "E-1501", final, "このパソコンのデータは、もっと新しい版のとどけで作られています。とどけを新しい版にしてください。データには触れていません。";
    /// The key does not open the database.
    WrongKey = "E-1502", final, "データを開く鍵が合いません。データは消えていません。データのフォルダーを入れ替えていないか確かめてください。";
    /// The database is damaged.
    DatabaseDamaged = "E-1503", final, "データが壊れています。壊れたファイルは消さずに残しました。控えから戻すか、運営者へ電話してください。{}";
    /// The disk refuses.
    DiskFailed = "E-1504", again, "このパソコンのディスクに書けませんでした。空き容量を確かめてから、もう一度お試しください。";
    /// Another program holds the database.
    DatabaseBusy = "E-1505", again, "データがほかの処理で使われています。少し待ってから、もう一度お試しください。";
    /// An upgrade of the database failed.
    UpgradeFailed = "E-1506", final, "データを新しい版に合わせられませんでした。元のデータは控えとともに残っています。運営者へ電話してください。";

    /// No such copy of the database.
    UnknownCopy = "E-1507", final, "この名前の控えは、このパソコンにありません。控えの一覧から選び直してください。";

    /// A character that the font cannot print.
    MissingGlyph = "E-1601", final, "印刷できない文字があります。{}その文字を含む名前を、別の書き方にしてください。";
    /// The paper cannot be written.
    PaperFailed = "E-1602", again, "書類を保存できませんでした。保存先のフォルダーに書けるか確かめてください。{}";

    /// Only a demonstration has a clock to move.
    NotADemo = "E-1701", final, "時間を進められるのは練習のときだけです。";
    /// No such notice.
    UnknownNotice = "E-1702", final, "この通知は、このパソコンにありません。";
    /// No such case in the tracker, or one that needs no decision.
    UnknownReturn = "E-1703", final, "この請求は、返戻・保留・過誤の一覧にありません。一覧を見直して、もう一度選んでください。";
    /// A case is closed with a reason only.
    ReasonMissing = "E-1704", final, "終わりにする理由を書いてください。あとで見た人が、なぜ請求しないのかを分かるようにするためです。";

    /// The office is a customer of the relay already, or about to become one.
    OfficeTaken = "E-1801", final, "この事業所番号は、すでに登録されているか、別の申込みで手続き中です。番号が正しいか確かめてください。正しいときは運営者へ電話してください。";
    /// The month cannot be reached any more.
    TooEarly = "E-1802", final, "その月からは始められません。今日の申込みで間に合う最初の月を選び直してください。";
    /// The relay's own check of an application.
    RelayRefusedApplication = "E-1803", final, "お申込みの内容に、中継サーバーが受け付けられないところがあります。法人と事業所の欄を見直してください。直らないときは運営者へ電話してください。";
    /// The operator has already done too much for it.
    TooLate = "E-1804", final, "手続きが進んでいるため、この操作はもうできません。急ぐときは運営者へ電話してください。";
    /// Neither a claim nor a notice of this month, or the month is not closed.
    UnknownMonth = "E-1705", final, "この事業所のこの月には、請求も通知もないか、締められていません。本部の表を見直して、もう一度選んでください。";
    /// Notices are still to come.
    NotReadyToClose = "E-1706", final, "この月はまだ締められません。支払いの通知がそろっていないか、もう締めてあります。「通知」で足りない通知を確かめてください。";
    /// No such list, or a name that promises a form in which this is never written; the forms are the detail.
    UnknownExport = "E-1603", final, "この形では書き出せません。ファイルの名前の終わりを、書き出せる形{}にしてください。";
    /// The road by which a claim could be taken back needs no paper.
    NoWithdrawalForm = "E-1716", final, "この請求には、いま出せる取り下げの用紙がありません。{}";
    /// A claim that is in no file on hand and in no notice.
    UnknownClaim = "E-1718", final, "この請求は、このパソコンの請求ファイルにも通知にもありません。請求の鍵をもう一度確かめてください。";
    /// A 保険者番号 or a day of the month that cannot be one.
    WrongKagoDay = "E-1719", final, "保険者番号かしめ切りの日が読めません。保険者番号は6けた、日は1から31（月末は31）で入れてください。同月過誤を受けない保険者には、同月過誤の日を入れられません。";
    /// A file that is no bank statement.
    NotAStatement = "E-1717", final, "入出金明細のファイルとして読めません。銀行のサイトから、日付と入金額の列があるCSVをダウンロードして選んでください。";
    /// Another import of this program runs.
    ImportRuns = "E-1711", again, "いま、ほかの取り込みをしています。終わってから、もう一度お試しください。";
    /// Giving money up needs a second look.
    SecondLook = "E-1712", final, "金額をあきらめる前に、もう一度確かめてください。ほかの人に見てもらうか、「もう一度確かめました」に印をつけてください。";
    /// Not a date.
    WrongDate = "E-1713", final, "日付が読めません。2026-07-10 のように、年、月、日を数字で入れてください。";
    /// No such decision, or taken back before.
    UnknownDecision = "E-1714", final, "この操作は見つからないか、もう元に戻してあります。画面を開き直して、いまの状態を確かめてください。";
    /// A name is needed.
    NameMissing = "E-1715", final, "名前を入れてください。名前をつけた絞りこみは30個まで保存できます。";
    /// Neither one of the eight grades nor a month.
    UnknownArea = "E-1821", final, "地域区分は、1級地から7級地まで、または「その他」から選び、始まる月は 2026-04 のように書いてください。";
    /// A form of the application is not complete.
    DraftIncomplete = "E-1811", final, "まだ入れていないところか、直すところがあります（{}）。印の付いた段階を開いて、入れてください。";
    /// A rule forbids the month of the first claim.
    ForbiddenMonth = "E-1812", final, "その月からは請求を始められません。{}";
    /// The relay has not told whom the authority is given to.
    NoOperator = "E-1813", again, "運営者の名前と住所がまだ届いていません。中継サーバーにつながると、委任状を印刷できます。";
    /// No application stands.
    NothingApplied = "E-1814", final, "委任状のいる申し込みがありません。先に「確かめて申し込む」で申し込んでください。";
    /// No IDs can be fetched.
    NoLetters = "E-1815", final, "受け取れるIDがありません。まだ発行されていないか、もうログインに使われています。仮のパスワードが分からないときは運営者へ電話してください。";
    /// The key of an application is not in the keychain.
    ApplicationKeyMissing = "E-1816", final, "申し込みの控えの鍵が、このパソコンにありません。申し込んだパソコンとユーザーで開いてください。見つからないときは、受付番号を添えて運営者へ電話してください。";
    /// Something that was asked for later is not complete.
    ChangeIncomplete = "E-1817", final, "まだ申し込めません。{}";
    /// A paper that says that all is done is made when it is.
    NotDoneYet = "E-1818", final, "まだ終わっていない段階があります。テスト送信が受け付けられてから印刷してください。";
    /// A file given to `todoke poa` is none.
    NotAnApplication = "E-1819", final, "申し込みのファイル（JSON）として読めません。{}書き方は、ガイドの「端末（コマンド）」にあります。";
    /// Another account of this computer has no password in the keychain.
    UnknownAccount = "E-1820", final, "そのIDは、このパソコンに残っていません。ログインの画面から、IDとパスワードを入れてください。";
    /// Not a time of the day.
    WrongTime = "E-1731", final, "時刻は 20:00 のように入れてください。お知らせを始める日は、0日前から9日前までです。";
    /// The folder cannot be looked into.
    FolderAway = "E-1732", again, "フォルダーを開けません。ネットワークやUSBメモリーがつながっているかを確かめて、もう一度選んでください。";
    /// There is no newer version, or this program does not update itself.
    NoUpdate = "E-1911", final, "新しい版はありません。";
    /// The signature of a newer version is not the operator's.
    UpdateUntrusted = "E-1912", final, "新しい版の署名が確かめられないため、使いません。いまの版はそのまま使えます。運営者へ電話してください。";
    /// Something is being sent.
    UpdateWhileSending = "E-1913", again, "送信しているファイルがあります。送信が終わってから、もう一度お試しください。いまの版はそのまま使えます。";
    /// The installer cannot be started.
    UpdateFailed = "E-1914", again, "新しい版に入れ替えられませんでした。いまの版はそのまま使えます。空き容量を確かめて、もう一度お試しください。";
    /// The operator's terms have another wording by now.
    TermsChanged = "E-1805", final, "利用規約か個人情報の取り扱いが新しくなりました。「確かめて申し込む」でもう一度読み、同意の印を付け直してください。";
    /// A picture of a sealed paper that cannot be used.
    NotAPicture = "E-1822", final, "この写真は使えません。{}";
    /// No picture of this paper was kept.
    NoPicture = "E-1823", final, "押印した委任状の写真が、まだありません。「委任状に印を押す」で写真を選んでください。";
    /// Neither an existing office nor one that is applied for.
    UnknownPaper = "E-1824", final, "その事業所の委任状は、いま手続きの中にありません。一覧を開き直して、もう一度選んでください。";
    /// A fault of the program.
    Internal = "E-1901", again, "とどけの中で思わぬことが起きました。データは残っています。とどけを開き直してください。続くときは、この番号を添えて運営者へ知らせてください。";
}

/// A failure on its way to a screen: a code and, where its text has a place for one, a detail in Japanese.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable code.
    pub code: Code,
    /// Stands for `{}` in the text; never holds secrets or names of persons.
    pub detail: String,
    /// Seconds after which the relay asked to be tried again.
    pub wait: Option<u32>,
}

impl Problem {
    /// Makes a problem with a detail.
    pub fn with(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..code.into() }
    }

    /// Returns what happened and what to do.
    pub fn message(&self) -> String {
        self.code.text().replacen("{}", &self.detail, 1)
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self { code, detail: String::new(), wait: None }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}（番号 {}）", self.message(), self.code.as_str())
    }
}

impl std::error::Error for Problem {}

impl From<&Problem> for ProblemView {
    fn from(problem: &Problem) -> Self {
        Self { code: problem.code.as_str().to_owned(), message: problem.message(), retryable: problem.code.retryable() }
    }
}

impl From<Problem> for ProblemView {
    fn from(problem: Problem) -> Self {
        Self::from(&problem)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_found_again() {
        let texts: HashSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(Code::find(code.as_str()), Some(*code));
        }
    }

    #[test]
    fn every_text_is_a_sentence_that_says_what_to_do() {
        for code in Code::ALL {
            let message = Problem::from(*code).message();
            assert!(message.ends_with('。'), "{}: {message}", code.as_str());
            assert!(!message.contains('{'), "{}: {message}", code.as_str());
        }
    }

    /// The guide explains every code, and no code that does not exist.
    #[test]
    fn guide_has_one_paragraph_per_code() {
        let guide = include_str!("../../../docs/guide/困ったとき.md");
        let headings: HashSet<&str> = guide
            .lines()
            .filter_map(|line| line.strip_prefix("### "))
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        let codes: HashSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(headings, codes);
    }
}
