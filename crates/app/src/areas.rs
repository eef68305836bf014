//! 地域区分 of each office: set by a person, held against what was paid（idea 1）.

use calendar::{Month, wareki_month};
use kokuho::{Notice, OfficeNumber};
use ledger::{Area, AreaEvidence, AreaSetting, Areas, area_evidence};
use store::OfficeArea;

use crate::files::office_name;
use crate::problem::{Code, Problem};
use crate::views::{AreaFromView, AreaPricesView, OfficeAreaView, PaidAreaView, UnitPriceView};
use crate::{App, Topic, blocking};

impl App {
    /// Returns the 地域区分 of each office that this computer acts for, or has set one for.
    ///
    /// # Errors
    ///
    /// Problems of the database.
    pub async fn office_areas(&self) -> Result<Vec<OfficeAreaView>, Problem> {
        let account = self.account().await?;
        let areas = self.areas().await?;
        let mut offices: Vec<OfficeNumber> = account
            .iter()
            .flat_map(|account| &account.offices)
            .map(|office| OfficeNumber::from_file(&office.number))
            .collect();
        for office in areas.in_month(self.month()?).into_keys() {
            if !offices.contains(&office) {
                offices.push(office);
            }
        }
        let blobs = self.store(store::Store::notice_blobs).await?;
        let notices: Vec<Notice> = blocking(move || {
            Ok(blobs
                .iter()
                .filter_map(|blob| kokuho::read(&blob.bytes).ok())
                .flat_map(|file| kokuho::notices(&file))
                .collect())
        })
        .await?;
        let month = self.month()?;
        Ok(offices
            .into_iter()
            .map(|office| {
                let area = areas.of(&office, month);
                OfficeAreaView {
                    office: office.to_string(),
                    office_name: account
                        .as_ref()
                        .and_then(|account| office_name(account, office.as_str()))
                        .unwrap_or_default(),
                    area: area.map(|area| area.name().to_owned()),
                    history: areas
                        .history(&office)
                        .into_iter()
                        .map(|(from, area)| AreaFromView {
                            from: from.to_string(),
                            area: area.map(|area| area.name().to_owned()),
                        })
                        .collect(),
                    paid: paid(&areas, &office, &area_evidence(&office, &notices)),
                    choices: Area::ALL.iter().map(|area| area.name().to_owned()).collect(),
                    prices: Area::ALL.iter().map(|area| prices(*area, month)).collect(),
                }
            })
            .collect())
    }

    /// Sets the 地域区分 of an office for services from a month on; without one for this month and, if it is the first
    /// setting, for everything before. `None` takes back what was set from that month on. What was set before is kept.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownArea`] for another name or month; [`Code::OtherOffice`] for an office that the ID does not act for.
    pub async fn set_office_area(
        &self,
        office: &str,
        area: Option<&str>,
        from: Option<&str>,
    ) -> Result<Vec<OfficeAreaView>, Problem> {
        let account = self.account().await?;
        let mine = account.as_ref().is_none_or(|account| account.offices.iter().any(|known| known.number == office));
        let number = OfficeNumber::parse(office).ok().filter(|_| mine);
        let number = number.ok_or_else(|| Problem::with(Code::OtherOffice, office))?;
        let area = area.map(|name| Area::find(name).ok_or(Code::UnknownArea)).transpose()?;
        let from = match from {
            Some(text) => text.parse().map_err(|_| Code::UnknownArea)?,
            None => self.month()?,
        };
        let by = account.map(|account| account.login_id).unwrap_or_default();
        let said = OfficeArea { office: number, from, area: area.map(|area| area.name().to_owned()), by };
        let now = self.now();
        self.store(move |store| store.set_area(&said, now)).await?;
        for topic in [Topic::Frame, Topic::Returns] {
            self.announce_change(topic);
        }
        self.office_areas().await
    }

    /// Returns what was set, by office and month. A grade that this version does not know counts as unset.
    pub(crate) async fn areas(&self) -> Result<Areas, Problem> {
        Ok(areas_of(self.store(store::Store::areas).await?))
    }

    fn month(&self) -> Result<Month, Problem> {
        Month::of(self.now().date()).map_err(|_| Code::Internal.into())
    }
}

/// Services whose price depends on the grade, by the share of labour in their cost（70, 55 and 45 %）: one that stands for all
/// of its kind, and the words for them.
const LABOUR_SHARES: [(&str, &str); 3] = [
    ("11", "訪問介護、訪問看護、居宅介護支援など"),
    ("16", "通所リハビリ、小規模多機能、ショートステイなど"),
    ("15", "通所介護、グループホーム、特養など"),
];

fn prices(area: Area, month: Month) -> AreaPricesView {
    AreaPricesView {
        area: area.name().to_owned(),
        prices: LABOUR_SHARES
            .iter()
            .filter_map(|(service, words)| {
                let hundredths = area.graded_price(service, month)?;
                let yen = format!("{}.{:02}円", hundredths / 100, hundredths % 100);
                Some(UnitPriceView { services: (*words).to_owned(), yen })
            })
            .collect(),
    }
}

/// Reads the settings as the database keeps them.
pub(crate) fn areas_of(kept: Vec<OfficeArea>) -> Areas {
    Areas::new(kept.into_iter().map(|said| AreaSetting {
        office: said.office,
        from: said.from,
        area: said.area.as_deref().and_then(Area::find),
    }))
}

/// Tells what the newest month says that leaves fewer grades than all.
fn paid(areas: &Areas, office: &OfficeNumber, evidence: &[AreaEvidence]) -> Option<PaidAreaView> {
    let telling = evidence.iter().find(|month| month.only().is_some());
    let found = telling.or_else(|| evidence.iter().find(|month| month.fitting.len() < Area::ALL.len()))?;
    let names: Vec<String> = found.fitting.iter().map(|area| area.name().to_owned()).collect();
    let month = wareki_month(found.service_month);
    let message = match (found.only(), areas.of(office, found.service_month)) {
        (Some(paid), Some(set)) if paid == set => {
            format!("{month}分の支払いの単価は{}で、設定と合っています。", paid.name())
        }
        (Some(paid), Some(_)) => format!(
            "{month}分は{}の単価で支払われています。設定と違うので、指定の書類で地域区分を確かめてください。",
            paid.name()
        ),
        (Some(paid), None) => format!("{month}分は{}の単価で支払われています。", paid.name()),
        (None, _) if found.fitting.is_empty() => {
            format!("{month}分の支払いには、合わない単価が混ざっています。支払決定額内訳書を国保連に確かめてください。")
        }
        (None, _) => format!("{month}分の支払いからは、{}のどれかまでしか分かりません。", names.join("・")),
    };
    Some(PaidAreaView {
        service_month: found.service_month.to_string(),
        fitting: names,
        rows: found.rows as u32,
        message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_of_a_grade_is_shown() {
        let month: Month = "2026-06".parse().unwrap();
        let yen = |area| prices(area, month).prices.into_iter().map(|price| price.yen).collect::<Vec<_>>();
        assert_eq!(yen(Area::Fifth), ["10.70円", "10.55円", "10.45円"]);
        assert_eq!(yen(Area::Other), ["10.00円", "10.00円", "10.00円"]);
        // The services that the words name are worth the same as the one that stands for them.
        for ((service, _), alike) in LABOUR_SHARES.iter().zip([["13", "43"], ["73", "21"], ["32", "51"]]) {
            for (other, area) in alike.into_iter().flat_map(|other| Area::ALL.map(|area| (other, area))) {
                assert_eq!(area.graded_price(service, month), area.graded_price(other, month), "{other} {area:?}");
            }
        }
    }
}
