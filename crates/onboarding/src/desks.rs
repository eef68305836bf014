//! Who to call for what（features U01–U06）.

use serde::Serialize;
use specta::Type;

/// A desk that helps with one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Desk {
    /// What it helps with.
    pub about: String,
    /// Its name.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// Fax; empty when there is none.
    pub fax: String,
    /// E-mail; empty when there is none.
    pub email: String,
    /// When it answers.
    pub hours: String,
}

/// Where the public desks come from.
pub const SOURCE: &str =
    "2026年11月に確かめた案内によります。受付時間は、それぞれの窓口のホームページで確かめてください。";

/// Returns the desks that serve every office, whichever relay it uses.
pub fn public_desks() -> Vec<Desk> {
    let desk = |about: &str, name: &str, phone: &str, fax: &str, email: &str, hours: &str| Desk {
        about: about.to_owned(),
        name: name.to_owned(),
        phone: phone.to_owned(),
        fax: fax.to_owned(),
        email: email.to_owned(),
        hours: hours.to_owned(),
    };
    vec![
        desk(
            "ユーザーID・電子証明書・電子請求受付システムの使い方",
            "介護電子請求受付システム ヘルプデスク",
            "0570-059-402",
            "0570-059-422",
            "mail-kaigo@support-e-seikyuu.jp",
            "毎月1日〜10日は平日10時〜19時、土曜10時〜17時。ほかの日は平日10時〜17時",
        ),
        desk(
            "国保中央会の介護伝送ソフトの使い方",
            "介護伝送ソフト ヘルプデスク",
            "0570-059-401",
            "0570-059-411",
            "k-denso@trust.ocn.ne.jp",
            "介護伝送ソフトのホームページの［ヘルプデスク］で確かめてください",
        ),
    ]
}
