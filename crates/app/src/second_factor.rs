//! The second factor of an ID（2段階認証）, and one-time codes for IDs whose password nobody knows any more.

use qrcode::{Color, EcLevel, QrCode};
use relay_api::EndSecondFactor;

use crate::problem::{Code, Problem};
use crate::session::typed;
use crate::views::{FrameView, LoginView, OfficeView, ResetCodeView, SecondFactorView};
use crate::{App, Topic};

impl App {
    /// Prepares a second factor for who is signed in. It is in force once [`App::confirm_second_factor`] saw a code of it.
    pub async fn set_up_second_factor(&self) -> Result<SecondFactorView, Problem> {
        let password = self.kept_password().await?;
        let setup = self
            .call(|relay, token| {
                let password = password.clone();
                async move { relay.set_up_second_factor(&token, &password).await }
            })
            .await?;
        view(&setup.secret, &setup.uri)
    }

    /// Puts the second factor in force. Returns its recovery codes, which nobody sees again.
    pub async fn confirm_second_factor(&self, code: &str) -> Result<Vec<String>, Problem> {
        let code = typed(code);
        let codes = self
            .call(|relay, token| {
                let code = code.clone();
                async move { relay.confirm_second_factor(&token, &code).await }
            })
            .await?;
        self.second_factor_is(true).await?;
        Ok(codes.codes)
    }

    /// Ends the second factor, with a code of it or a recovery code.
    pub async fn end_second_factor(&self, code: &str) -> Result<FrameView, Problem> {
        let end = EndSecondFactor { password: self.kept_password().await?, code: typed(code) };
        self.call(|relay, token| {
            let end = end.clone();
            async move { relay.end_second_factor(&token, &end).await }
        })
        .await?;
        self.second_factor_is(false).await?;
        self.frame().await
    }

    /// Lists the IDs of the corporation; none for a 事業所用ID.
    pub async fn logins(&self) -> Result<Vec<LoginView>, Problem> {
        let account = self.account().await?.ok_or(Code::NotSignedIn)?;
        if account.role == relay_api::Role::Office {
            return Ok(Vec::new());
        }
        let list = self.call(|relay, token| async move { relay.logins(&token).await }).await?;
        let views = list.logins.into_iter().map(|login| LoginView {
            login_id: login.login_id,
            office: login.office.map(|office| OfficeView { number: office.number, name: office.name }),
            must_change_password: login.must_change_password,
            second_factor: login.second_factor,
        });
        Ok(views.collect())
    }

    /// Makes a one-time code for a 事業所用ID of the corporation, to be told to its person.
    pub async fn issue_reset_code(&self, login_id: &str) -> Result<ResetCodeView, Problem> {
        let known = self.logins().await?.into_iter().any(|login| login.login_id == login_id && login.office.is_some());
        if !known {
            return Err(Code::UnknownAccount.into());
        }
        let code = self
            .call(|relay, token| {
                let login_id = login_id.to_owned();
                async move { relay.issue_reset_code(&token, &login_id).await }
            })
            .await?;
        Ok(ResetCodeView { code: code.code, minutes: code.minutes })
    }

    async fn second_factor_is(&self, on: bool) -> Result<(), Problem> {
        if let Some(mut account) = self.account().await? {
            account.second_factor = on;
            self.remember_account(&account).await?;
        }
        self.announce_change(Topic::Frame);
        Ok(())
    }
}

fn view(secret: &str, uri: &str) -> Result<SecondFactorView, Problem> {
    let code = QrCode::with_error_correction_level(uri, EcLevel::M).map_err(|error| {
        tracing::error!(cause = %error, "The QR code cannot be made");
        Problem::from(Code::Internal)
    })?;
    let width = code.width();
    let dark = code.into_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let modules: Vec<String> = dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % width, at / width)).collect();
    let groups: Vec<String> =
        secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    Ok(SecondFactorView { secret: groups.join(" "), qr_size: width as u32, qr_path: modules.concat() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_the_three_eyes_of_a_qr_code_and_the_secret_can_be_typed() {
        let view = view("ABCDEFGH", "otpauth://totp/Todoke:9900000101-tanpopo?secret=ABCDEFGH").unwrap();
        assert_eq!(view.secret, "ABCD EFGH");
        let last = view.qr_size - 1;
        for corner in [(0, 0), (last, 0), (0, last)] {
            assert!(view.qr_path.contains(&format!("M{} {}h1", corner.0, corner.1)), "{corner:?}");
        }
        // Beside an eye lies a light ring.
        assert!(!view.qr_path.contains("M7 0h1"));
    }
}
