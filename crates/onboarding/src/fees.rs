use kokuho::Yen;

/// What the operator charges, per 事業所番号 and with tax（C09–C12）.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fees {
    /// Per month.
    pub monthly: Yen,
    /// Once, with the first debit.
    pub registration: Yen,
    /// Return option, per month.
    pub option_monthly: Yen,
    /// Return option, once.
    pub option_registration: Yen,
    /// A password that the operator sets anew, per ID.
    pub password: Yen,
    /// A deleted file that the operator restores, per file.
    pub recovery: Yen,
}

impl Default for Fees {
    fn default() -> Self {
        Self {
            monthly: Yen(1_100),
            registration: Yen(3_300),
            option_monthly: Yen(550),
            option_registration: Yen(1_100),
            password: Yen(5_500),
            recovery: Yen(11_000),
        }
    }
}

impl Fees {
    /// Returns the first debit for so many offices: registration and the first month.
    pub fn first_debit(&self, offices: usize, option: bool) -> Yen {
        let option = if option { self.option_monthly.0 + self.option_registration.0 } else { 0 };
        Yen((self.monthly.0 + self.registration.0 + option) * offices as i64)
    }

    /// Returns the debit of each later month.
    pub fn monthly_debit(&self, offices: usize, option: bool) -> Yen {
        let option = if option { self.option_monthly.0 } else { 0 };
        Yen((self.monthly.0 + option) * offices as i64)
    }
}
