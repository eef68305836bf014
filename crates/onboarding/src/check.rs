//! What is wrong with what was typed, each fault with the field that it stands in.

use std::collections::BTreeMap;

use calendar::{DateError, Month, parse_date, wareki_date};
use chrono::NaiveDate;
use kokuho::{NumberError, OfficeNumber};
use serde::Serialize;
use specta::Type;
use unicode_normalization::UnicodeNormalization;

use crate::draft::{Draft, Office, Present, Route};
use crate::prefecture::{PRACTICE, Prefecture};
use crate::steps::StepId;
use crate::user_id::{UserId, UserIdError};

/// A remark about one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Remark {
    /// Step whose form holds the field.
    pub step: StepId,
    /// Field, for example `corporation.email` or `offices.3.user_id`, counted from 0.
    pub field: String,
    /// What is wrong and what to do.
    pub text: String,
    /// The step cannot be left like this; otherwise it only tells.
    pub blocks: bool,
}

/// What the check has to know beside the draft.
pub struct Surroundings<'a> {
    /// Today.
    pub today: NaiveDate,
    /// The relay runs a demonstration: offices of the invented prefecture may apply.
    pub practice: bool,
    /// Offices that the signed-in account has already.
    pub present_offices: &'a [String],
    /// Wordings of terms and privacy notice that the operator shows today; `None` before the relay has told.
    pub wordings: Option<[&'a str; 2]>,
    /// Says whether a character can be printed.
    pub printable: &'a dyn Fn(char) -> bool,
}

/// Looks at a draft and returns all remarks, in the order of the forms.
pub fn check(draft: &Draft, around: &Surroundings<'_>) -> Vec<Remark> {
    let mut found = Remarks { around, list: Vec::new(), step: StepId::Route };
    match draft.route {
        None => found.blocks("route", "請求のしかたを選んでください。"),
        Some(Route::Own) => return found.list,
        Some(Route::Proxy) => {}
    }
    if draft.present.is_none() {
        found.blocks("present", "いまの請求のしかたを選んでください。");
    }
    if draft.present == Some(Present::Agent) {
        found.date("released", &draft.released, Past::Either, "いまの代理人との委任が終わる日");
    }
    calls(draft, &mut found);
    filings(draft, &mut found);
    user_ids(draft, &mut found);
    corporation(draft, &mut found);
    found.step = StepId::Month;
    if draft.first_claim.parse::<Month>().is_err() {
        found.blocks("first_claim", "はじめて請求する月を選んでください。");
    }
    found.step = StepId::Apply;
    let [terms, privacy] = around.wordings.unwrap_or([&draft.terms_version, &draft.privacy_version]);
    for (field, name, agreed, version, today) in [
        ("agreed_terms", "利用規約", draft.agreed_terms, &draft.terms_version, terms),
        ("agreed_privacy", "個人情報の取り扱い", draft.agreed_privacy, &draft.privacy_version, privacy),
    ] {
        if !agreed {
            found.blocks(field, format!("{name}を読み、同意の印を付けてください。"));
        } else if version != today {
            found.blocks(field, format!("{name}が新しくなりました。もう一度読み、同意の印を付け直してください。"));
        }
    }
    if !draft.agreed_caution && cautions(draft).next().is_some() {
        found.blocks("agreed_caution", "大阪府・兵庫県の注意を読み、印を付けてください。");
    }
    found.list
}

/// Returns the prefectures of the draft whose caution has to be read.
pub fn cautions(draft: &Draft) -> impl Iterator<Item = &'static Prefecture> {
    prefectures(draft).into_iter().filter(|prefecture| prefecture.caution().is_some())
}

/// Returns the prefectures of a draft: those that were chosen and those that the office numbers tell, by number.
pub fn prefectures(draft: &Draft) -> Vec<&'static Prefecture> {
    let told = draft.offices.iter().filter_map(|office| office_number(&office.number).ok());
    let mut codes: Vec<String> = draft.prefectures.clone();
    codes.extend(told.map(|number| number.as_str()[..2].to_owned()));
    codes.sort();
    codes.dedup();
    codes.iter().filter_map(|code| Prefecture::find(code)).collect()
}

/// Reads an office number that a person typed; full-width characters, blanks and hyphens are repaired.
///
/// # Errors
///
/// Returns the first rule broken.
pub fn office_number(typed: &str) -> Result<OfficeNumber, NumberError> {
    OfficeNumber::parse(&bare(typed).to_uppercase())
}

/// Returns an address for letters as it is sent: half-width, without blanks.
pub fn email(typed: &str) -> String {
    typed.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// Returns a postal code as it is printed, `999-0001`, or `None` when it has not seven digits.
pub fn postal_code(typed: &str) -> Option<String> {
    let digits = bare(typed);
    (digits.len() == 7 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| format!("{}-{}", &digits[..3], &digits[3..]))
}

struct Remarks<'a> {
    around: &'a Surroundings<'a>,
    list: Vec<Remark>,
    step: StepId,
}

/// Whether a day may lie ahead.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Past {
    Only,
    Either,
}

impl Remarks<'_> {
    fn blocks(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.list.push(Remark { step: self.step, field: field.into(), text: text.into(), blocks: true });
    }

    fn tells(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.list.push(Remark { step: self.step, field: field.into(), text: text.into(), blocks: false });
    }

    fn date(&mut self, field: &str, typed: &str, past: Past, name: &str) {
        match parse_date(typed) {
            Ok(date) if past == Past::Only && date > self.around.today => {
                self.blocks(field, format!("{}はまだ来ていません。{name}を確かめてください。", wareki_date(date)));
            }
            Ok(_) => {}
            Err(DateError::Empty) => self.blocks(field, format!("{name}を入れてください。")),
            Err(error) => self.blocks(field, date_text(error)),
        }
    }

    /// A text that is printed on the 委任状 or read by the operator.
    fn printed(&mut self, field: &str, typed: &str, name: &str, longest: usize) {
        let text = typed.trim();
        if text.is_empty() {
            self.blocks(field, format!("{name}を入れてください。"));
        } else if let Some((at, odd)) = text.char_indices().find(|(_, c)| !(self.around.printable)(*c)) {
            let before = text[..at].chars().next_back();
            let text = match before {
                // Nobody sees this character: it chooses a shape of the one before it.
                Some(base) if is_variation_selector(odd) => format!(
                    "「{base}」の字の形の指定（異体字）は印刷できません。「{base}」を消して、ふつうに変換した字を入れ直してください。"
                ),
                _ => format!(
                    "「{odd}」は印刷できない文字です。{name}は、JIS にある字や、かなで書いてください（パソコンだけの外字や絵文字は使えません）。"
                ),
            };
            self.blocks(field, text);
        } else if text.chars().count() > longest {
            self.blocks(
                field,
                format!("{name}は{longest}文字までです。いま{}文字入っています。", text.chars().count()),
            );
        }
    }
}

/// Returns whether a character only chooses among the shapes of the one before it（Unicode 23.4, 異体字セレクタ）.
fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Says what is wrong with a date.
pub fn date_text(error: DateError) -> String {
    match error {
        DateError::Empty => "日付を入れてください。".to_owned(),
        DateError::Shape => "日付は「令和8年6月5日」か「2026/6/5」のように入れてください。".to_owned(),
        DateError::UnknownEra => {
            "知らない元号です。「令和8年6月5日」か、西暦で「2026/6/5」のように入れてください。".to_owned()
        }
        DateError::NoSuchDay => "その日は暦にありません。月と日を確かめてください。".to_owned(),
        DateError::BeforeEra(date) => {
            format!("その元号はまだ始まっていません。{}のことでしたら、そのように入れてください。", wareki_date(date))
        }
        DateError::AfterEra(date) => {
            format!("その元号は終わっています。{}のことでしたら、そのように入れてください。", wareki_date(date))
        }
    }
}

fn calls(draft: &Draft, found: &mut Remarks<'_>) {
    found.step = StepId::Call;
    if draft.prefectures.is_empty() {
        found.blocks("prefectures", "事業所のある都道府県を選んでください。");
    }
    for prefecture in prefectures(draft) {
        let (code, call) = (prefecture.code, draft.calls.get(prefecture.code));
        if prefecture.code == PRACTICE.code && !found.around.practice {
            found.blocks(format!("calls.{code}"), "架空県は練習のときだけ選べます。");
        }
        let Some(call) = call.filter(|call| !(call.on.is_empty() && call.person.is_empty())) else {
            if prefecture.call_first {
                found.blocks(
                    format!("calls.{code}.on"),
                    format!(
                        "{}では、届け出の前に国保連への電話が必要です。電話した日を入れてください。",
                        prefecture.name
                    ),
                );
            }
            continue;
        };
        found.date(&format!("calls.{code}.on"), &call.on, Past::Only, "電話した日");
        if call.person.trim().is_empty() {
            found.blocks(
                format!("calls.{code}.person"),
                "電話に出た方の名前を入れてください。あとで問い合わせるときに役立ちます。",
            );
        }
    }
}

fn filings(draft: &Draft, found: &mut Remarks<'_>) {
    found.step = StepId::Filing;
    if prefectures(draft).is_empty() {
        found.blocks("filed", "先に、事業所のある都道府県を選んでください。");
    }
    for prefecture in prefectures(draft) {
        let typed = draft.filed.get(prefecture.code).map_or("", String::as_str);
        let name = format!("{}の国保連に届け出た日", prefecture.name);
        found.date(&format!("filed.{}", prefecture.code), typed, Past::Only, &name);
    }
}

fn user_ids(draft: &Draft, found: &mut Remarks<'_>) {
    found.step = StepId::UserIds;
    if draft.offices.is_empty() {
        found.blocks("offices", "事業所を1つ以上入れてください。");
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (index, office) in draft.offices.iter().enumerate() {
        let field = |name: &str| format!("offices.{index}.{name}");
        let number = office_number(&office.number);
        match &number {
            Ok(number) => {
                let code = &number.as_str()[..2];
                if let Some(first) = seen.insert(number.to_string(), index) {
                    found.blocks(
                        field("number"),
                        format!("{}番目の事業所と同じ番号です。どちらかを消してください。", first + 1),
                    );
                } else if found.around.present_offices.iter().any(|present| present == number.as_str()) {
                    found.blocks(field("number"), "この事業所は、もう申し込んであります。一覧から消してください。");
                } else if code == PRACTICE.code && !found.around.practice {
                    found.blocks(field("number"), "99で始まる番号は練習用です。通知書の事業所番号を入れてください。");
                } else if Prefecture::find(code).is_none() {
                    found.blocks(field("number"), format!("はじめの2けたの{code}にあたる都道府県はありません。"));
                } else if !draft.prefectures.is_empty() && !draft.prefectures.iter().any(|chosen| chosen == code) {
                    let name = Prefecture::find(code).map_or("", |prefecture| prefecture.name);
                    found.blocks(
                        field("number"),
                        format!(
                            "{name}の番号です。選んだ都道府県と違います。番号が正しいときは「国保連に電話する」で{name}も選んでください。"
                        ),
                    );
                }
            }
            Err(error) => found.blocks(field("number"), number_text(*error, &office.number)),
        }
        user_id(office, number.ok().as_ref(), index, found);
    }
}

fn number_text(error: NumberError, typed: &str) -> String {
    match error {
        NumberError::Length(0) => "事業所番号を入れてください。".to_owned(),
        NumberError::Length(count) => format!("事業所番号は10けたです。いま{count}けた入っています。"),
        NumberError::Shape => {
            let odd = bare(typed).chars().enumerate().find(|(index, c)| !c.is_ascii_digit() && *index != 2);
            match odd {
                Some((_, odd)) => format!("事業所番号に「{odd}」が入っています。数字を入れてください。"),
                None => "事業所番号の3けた目に、使われない文字が入っています。".to_owned(),
            }
        }
        NumberError::CheckDigit => {
            "事業所番号のどこかが違います（最後の検査数字が合いません）。指定通知書と1字ずつ見比べてください。"
                .to_owned()
        }
    }
}

fn user_id(office: &Office, number: Option<&OfficeNumber>, index: usize, found: &mut Remarks<'_>) {
    let field = |name: &str| format!("offices.{index}.{name}");
    let first = UserId::parse(&office.user_id, number);
    match &first {
        Ok(id) => {
            if id.as_str() != office.user_id.trim() {
                found.tells(field("user_id"), format!("{id} と読みました。"));
            }
            match UserId::parse(&office.user_id_again, number) {
                Ok(again) if again == *id => {}
                Err(UserIdError::Empty) => found.blocks(
                    field("user_id_again"),
                    "もう一度、お知らせの紙を見ながら入れてください。まちがいを見つけるためです。",
                ),
                _ => found.blocks(field("user_id_again"), "1回目と違います。お知らせの紙と1字ずつ見比べてください。"),
            }
        }
        Err(error) => found.blocks(field("user_id"), user_id_text(error)),
    }
}

/// Says what is wrong with a user ID.
pub fn user_id_text(error: &UserIdError) -> String {
    match error {
        UserIdError::Empty => "ユーザーIDを入れてください。".to_owned(),
        UserIdError::Isdn => {
            "Jで始まる12けたは、前のISDN回線用のIDです。国保連にインターネット請求の届け出をして、KJで始まる14けたのIDを受け取ってください。".to_owned()
        }
        UserIdError::Length(count) => format!("ユーザーIDはKJと数字12けたの、全部で14文字です。いま{count}文字入っています。"),
        UserIdError::Prefix => {
            "ユーザーIDはKJで始まります。「電子請求登録結果に関するお知らせ」のユーザーIDの欄を見てください。".to_owned()
        }
        UserIdError::Character { place, found } => {
            format!("{place}文字目に「{found}」が入っています。ここには数字を入れてください。")
        }
        UserIdError::Prefecture(code) => {
            format!("KJのあとの{code}にあたる都道府県はありません。3文字目と4文字目を確かめてください。")
        }
        UserIdError::PrefectureOfOffice { id, office } => {
            format!("KJのあとの都道府県（{id}）と、そのあとの事業所番号のはじめの2けた（{office}）が違います。")
        }
        UserIdError::CheckDigit => {
            "ユーザーIDの中の事業所番号（5文字目から）のどこかが違います。お知らせの紙と1字ずつ見比べてください。".to_owned()
        }
        UserIdError::OtherOffice(number) => {
            format!("事業所{number}のユーザーIDです。左の事業所番号と違います。どちらが正しいか確かめてください。")
        }
    }
}

fn corporation(draft: &Draft, found: &mut Remarks<'_>) {
    found.step = StepId::Corporation;
    let corporation = &draft.corporation;
    found.printed("corporation.name", &corporation.name, "法人名", 60);
    postal("corporation.postal_code", &corporation.postal_code, found);
    found.printed("corporation.address", &corporation.address, "法人の住所", 90);
    found.printed("corporation.title", &corporation.title, "代表者の役職", 30);
    found.printed("corporation.representative", &corporation.representative, "代表者の名前", 30);
    found.printed("corporation.contact", &corporation.contact, "担当者の名前", 30);
    phone(&corporation.phone, found);
    address(&corporation.email, &corporation.email_again, found);
    for (index, office) in draft.offices.iter().enumerate() {
        found.printed(&format!("offices.{index}.name"), &office.name, "事業所名", 60);
        postal(&format!("offices.{index}.postal_code"), &office.postal_code, found);
        found.printed(&format!("offices.{index}.address"), &office.address, "事業所の住所", 90);
    }
}

fn postal(field: &str, typed: &str, found: &mut Remarks<'_>) {
    let digits = bare(typed);
    if digits.is_empty() {
        found.blocks(field, "郵便番号を入れてください。");
    } else if let Some(odd) = digits.chars().find(|c| !c.is_ascii_digit()) {
        found.blocks(field, format!("郵便番号に「{odd}」が入っています。7けたの数字を入れてください。"));
    } else if digits.len() != 7 {
        found.blocks(field, format!("郵便番号は7けたの数字です。いま{}けた入っています。", digits.len()));
    }
}

fn phone(typed: &str, found: &mut Remarks<'_>) {
    let digits = bare(typed).replace(['(', ')'], "");
    if digits.is_empty() {
        found.blocks("corporation.phone", "電話番号を入れてください。");
    } else if let Some(odd) = digits.chars().find(|c| !c.is_ascii_digit()) {
        found.blocks("corporation.phone", format!("電話番号に「{odd}」が入っています。数字を入れてください。"));
    } else if !digits.starts_with('0') || !(10..=11).contains(&digits.len()) {
        found.blocks("corporation.phone", "電話番号は、市外局番から10けたか11けたで入れてください。");
    }
}

fn address(typed: &str, again: &str, found: &mut Remarks<'_>) {
    let field = "corporation.email";
    let clean = email(typed);
    if clean.is_empty() {
        return found.blocks(field, "メールアドレスを入れてください。ログインの案内の連絡が届きます。");
    }
    let parts: Vec<&str> = clean.split('@').collect();
    if let Some(odd) = clean.chars().find(|c| !c.is_ascii_graphic()) {
        return found.blocks(field, format!("メールアドレスに「{odd}」は使えません。半角の英数字で入れてください。"));
    }
    let [name, domain] = parts[..] else {
        return found.blocks(field, "メールアドレスには「@」が1つ必要です。");
    };
    let whole = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.') && !part.contains("..");
    let plain = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
    if !whole(name) || !whole(domain) || !domain.contains('.') || !plain(domain) {
        return found.blocks(field, "メールアドレスの形が違います。「名前@会社.jp」のように入れてください。");
    }
    if typed.contains('＠') {
        found.tells(field, format!("全角の「＠」を半角に直し、{clean} と読みました。"));
    } else if clean != typed.trim() {
        found.tells(field, format!("{clean} と読みました。"));
    }
    if email(again) != clean {
        found.blocks("corporation.email_again", "1回目と違います。もう一度入れてください。");
    }
}

/// Half-width, without blanks and hyphens.
fn bare(typed: &str) -> String {
    typed.nfkc().filter(|c| !c.is_whitespace() && !"-‐−ー―".contains(*c)).collect()
}
