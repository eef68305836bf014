/// A prefecture and its 国保連（features O07–O10, O21, M07）.
///
/// Numbers and marks come from a guide of April 2021, made by a relay operator's own research; they may have changed, which
/// is said wherever they are shown ([`SOURCE`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefecture {
    /// Two digits, `01` to `47`; the first two of each 事業所番号. `99` is the invented prefecture of a demonstration.
    pub code: &'static str,
    /// Name, for example `東京都`.
    pub name: &'static str,
    /// Telephone of the 国保連; empty for the invented one.
    pub phone: &'static str,
    /// Section to ask for; empty when none is known.
    pub section: &'static str,
    /// The 国保連 wants to be called before the filing.
    pub call_first: bool,
}

/// Where the table of telephones comes from, and how far it can be relied on.
pub const SOURCE: &str =
    "2021年4月の案内によります。電話番号や、先に電話が必要かどうかは、変わっていることがあります。";

/// A prefecture of a demonstration.
pub const PRACTICE: Prefecture =
    Prefecture { code: "99", name: "架空県（練習用）", phone: "", section: "", call_first: false };

impl Prefecture {
    /// Finds a prefecture by its two digits; the invented one too.
    pub fn find(code: &str) -> Option<&'static Self> {
        PREFECTURES.iter().chain([&PRACTICE]).find(|prefecture| prefecture.code == code)
    }

    /// Returns the full name of its 国保連.
    pub fn kokuhoren(&self) -> String {
        format!("{}国民健康保険団体連合会", if self.code == PRACTICE.code { "架空県" } else { self.name })
    }

    /// Says what an office there gives up by claiming through a relay, if anything（O21）.
    pub fn caution(&self) -> Option<&'static str> {
        matches!(self.code, "27" | "28").then_some(
            "大阪府と兵庫県の事業所が代理請求にすると、国保連の「情報公開サービス」が使えなくなります。使っている場合は、申し込む前に国保連に確かめてください。",
        )
    }

    /// Says what is known of handing claims in on a disc there（T16, idea 18）: hours of the counter on the last day, and whether a
    /// notice is wanted. From what the federations of 石川 and 兵庫 publish; the others have to be asked.
    pub fn counter(&self) -> Option<&'static str> {
        match self.code {
            "17" => Some("窓口は10日の17時15分まで。10日が閉庁日のときは、次の開庁日の12時までです。"),
            "28" => Some("回線の不具合で一時的にCD-Rにするときは、届け出はいりません。"),
            _ => None,
        }
    }

    /// Returns the day of the month until which it takes 希望返戻 for what was sent in that month（X05）; `None` where that is not
    /// known, and where it may not take them at all.
    pub fn ask_back_day(&self) -> Option<u32> {
        (self.code == "20").then_some(20)
    }

    /// Returns the day of the month until which it takes 保留分取下げ of what was held in the month before, and only of that（X06）;
    /// `None` where that is not known.
    pub fn withdraw_held_day(&self) -> Option<u32> {
        (self.code == "26").then_some(20)
    }

    /// Returns the day of the month before the start until which the agent must be registered at the 国保連（M07）.
    pub fn agent_day(&self) -> Option<u32> {
        (self.code == "27").then_some(10)
    }

    /// Returns the day of the month before the start until which the office must have filed（M07）.
    pub fn filing_day(&self) -> Option<u32> {
        matches!(self.code, "05" | "27").then_some(20)
    }
}

const fn row(
    code: &'static str,
    name: &'static str,
    phone: &'static str,
    section: &'static str,
    call_first: bool,
) -> Prefecture {
    Prefecture { code, name, phone, section, call_first }
}

/// All prefectures, in the order of their numbers.
pub static PREFECTURES: [Prefecture; 47] = [
    row("01", "北海道", "011-231-5161", "", true),
    row("02", "青森県", "017-723-1336", "", true),
    row("03", "岩手県", "019-623-4325", "", true),
    row("04", "宮城県", "022-222-7079", "", false),
    row("05", "秋田県", "018-862-6864", "", true),
    row("06", "山形県", "0237-87-8003", "", false),
    row("07", "福島県", "024-523-2702", "", true),
    row("08", "茨城県", "029-301-1567", "", false),
    row("09", "栃木県", "028-643-5400", "", false),
    row("10", "群馬県", "027-290-1319", "", true),
    row("11", "埼玉県", "048-824-2537", "", false),
    row("12", "千葉県", "043-254-7409", "", false),
    row("13", "東京都", "03-6238-0207", "", false),
    row("14", "神奈川県", "045-329-3445", "", false),
    row("15", "新潟県", "025-285-3072", "介護保険課", false),
    row("16", "富山県", "076-431-9816", "介護保険課", true),
    row("17", "石川県", "076-261-5194", "介護保険課", true),
    row("18", "福井県", "0776-57-1614", "", false),
    row("19", "山梨県", "055-223-2119", "介護保険課", false),
    row("20", "長野県", "026-238-1555", "介護保険課", false),
    row("21", "岐阜県", "058-275-9825", "", true),
    row("22", "静岡県", "054-253-5580", "", true),
    row("23", "愛知県", "052-962-1307", "", false),
    row("24", "三重県", "059-213-6500", "", false),
    row("25", "滋賀県", "077-522-2651", "", true),
    row("26", "京都府", "075-354-9050", "", true),
    row("27", "大阪府", "06-6949-5244", "", false),
    row("28", "兵庫県", "078-332-5618", "", false),
    row("29", "奈良県", "0744-29-8311", "", false),
    row("30", "和歌山県", "073-427-4665", "", false),
    row("31", "鳥取県", "0857-20-3681", "", true),
    row("32", "島根県", "0852-21-2122", "", true),
    row("33", "岡山県", "086-223-8876", "", false),
    row("34", "広島県", "082-554-0782", "", true),
    row("35", "山口県", "083-925-2697", "", false),
    row("36", "徳島県", "088-666-0117", "", false),
    row("37", "香川県", "087-822-7453", "", false),
    row("38", "愛媛県", "089-968-8700", "", true),
    row("39", "高知県", "088-820-8409", "", false),
    row("40", "福岡県", "092-642-7858", "", false),
    row("41", "佐賀県", "0952-26-4302", "", true),
    row("42", "長崎県", "095-826-7293", "", false),
    row("43", "熊本県", "096-365-0329", "", true),
    row("44", "大分県", "097-534-8470", "", true),
    row("45", "宮崎県", "0985-25-4901", "", true),
    row("46", "鹿児島県", "099-206-1084", "", true),
    row("47", "沖縄県", "098-860-9022", "介護保険係", false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_one_of_forty_seven_want_a_call_first() {
        let names: Vec<&str> = PREFECTURES.iter().filter(|row| row.call_first).map(|row| row.name).collect();
        let expected = "北海道 青森県 岩手県 秋田県 福島県 群馬県 富山県 石川県 岐阜県 静岡県 滋賀県 京都府 鳥取県 島根県 \
                        広島県 愛媛県 佐賀県 熊本県 大分県 宮崎県 鹿児島県";
        assert_eq!(names.join(" "), expected);
    }

    #[test]
    fn numbers_run_from_1_to_47_and_every_telephone_is_whole() {
        for (index, row) in PREFECTURES.iter().enumerate() {
            assert_eq!(row.code, format!("{:02}", index + 1));
            let digits = row.phone.chars().filter(char::is_ascii_digit).count();
            assert!(digits == 10 && row.phone.starts_with('0'), "{} {}", row.name, row.phone);
            assert_eq!(Prefecture::find(row.code), Some(row));
        }
        assert_eq!(Prefecture::find("48"), None);
        assert_eq!(Prefecture::find("13").unwrap().kokuhoren(), "東京都国民健康保険団体連合会");
    }
}
