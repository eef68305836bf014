//! Whether everything that the program needs works, each with its remedy.

use std::path::Path;

use chrono::TimeDelta;
use hyper_util::client::proxy::matcher::Matcher;
use serde::Serialize;
use specta::Type;

use crate::everyday::ProxyMode;
use crate::problem::{Code, Problem};
use crate::tick::moment;
use crate::{App, Config, blocking};

/// Free bytes below which files and copies soon do not fit.
const LITTLE_SPACE: u64 = 1024 * 1024 * 1024;
/// Free bytes below which the database cannot be trusted to write.
const NO_SPACE: u64 = 100 * 1024 * 1024;
/// Difference between this computer's clock and the relay's from which it is named.
pub(crate) const CLOCK_OFF: TimeDelta = TimeDelta::minutes(10);

/// Whether everything works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct HealthView {
    /// The worst of the items.
    pub state: HealthState,
    /// What was looked at.
    pub items: Vec<HealthItemView>,
}

/// One thing that the program needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct HealthItemView {
    /// `keychain`, `database`, `disk`, `clock`, `relay`, `proxy` or `webview`.
    pub id: String,
    /// Name in Japanese.
    pub name: String,
    /// How it is.
    pub state: HealthState,
    /// What was found.
    pub found: String,
    /// What to do, when something is to be done.
    pub remedy: Option<String>,
}

/// How something is; the later the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// Works.
    Good,
    /// Works, and soon may not; or could not be looked at.
    Attention,
    /// Does not work.
    Bad,
}

impl HealthItemView {
    /// Makes an item that works.
    pub fn good(id: &str, name: &str, found: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), state: HealthState::Good, found: found.into(), remedy: None }
    }

    /// Makes an item with a remedy.
    pub fn ill(state: HealthState, id: &str, name: &str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), state, found: found.into(), remedy: Some(remedy.into()) }
    }

    fn problem(id: &str, name: &str, problem: &Problem) -> Self {
        Self::ill(
            HealthState::Bad,
            id,
            name,
            format!("使えません（番号 {}）。", problem.code.as_str()),
            problem.message(),
        )
    }
}

impl HealthView {
    /// Sums up items.
    pub fn of(items: Vec<HealthItemView>) -> Self {
        let state = items.iter().map(|item| item.state).max().unwrap_or(HealthState::Good);
        Self { state, items }
    }
}

const KEYCHAIN: (&str, &str) = ("keychain", "鍵とパスワードの保管");
const DATABASE: (&str, &str) = ("database", "このパソコンの記録");
const DISK: (&str, &str) = ("disk", "ディスクの空き");
const CLOCK: (&str, &str) = ("clock", "パソコンの時計");
const RELAY: (&str, &str) = ("relay", "中継サーバー");
const PROXY: (&str, &str) = ("proxy", "プロキシ");

/// Looks at everything, also when the program cannot be opened. Asks the relay once.
pub async fn health(config: &Config, app: Option<&App>) -> HealthView {
    let opened = match app {
        Some(app) => Ok(app.clone()),
        None => App::open(config.clone()).await,
    };
    let mut items = vec![disk_item(&config.data).await];
    match opened {
        Err(problem) => items.extend(unopened(&problem)),
        Ok(app) => {
            items.push(app.keychain_item().await);
            items.push(app.database_item().await);
            items.extend(app.line_items().await);
        }
    }
    HealthView::of(items)
}

/// What can be said when keychain or database do not open.
fn unopened(problem: &Problem) -> Vec<HealthItemView> {
    let (id, name) = match problem.code {
        Code::NoKeychain | Code::KeychainLocked | Code::KeychainSilent | Code::KeyMissing | Code::KeychainFailed => {
            KEYCHAIN
        }
        _ => DATABASE,
    };
    vec![HealthItemView::problem(id, name, problem)]
}

async fn disk_item(data: &Path) -> HealthItemView {
    let (id, name) = DISK;
    // The folder itself may not be there yet.
    let place = data.ancestors().find(|place| place.exists()).unwrap_or(data).to_owned();
    let free = blocking(move || fs4::available_space(&place).map_err(crate::disk)).await;
    let remedy = "要らないファイルを消すか、別のディスクに移して、1GB以上空けてください。";
    match free {
        Err(problem) => HealthItemView::problem(id, name, &problem),
        Ok(free) if free < NO_SPACE => {
            HealthItemView::ill(HealthState::Bad, id, name, format!("空きが{}しかありません。", size(free)), remedy)
        }
        Ok(free) if free < LITTLE_SPACE => {
            HealthItemView::ill(HealthState::Attention, id, name, format!("空きが{}です。", size(free)), remedy)
        }
        Ok(free) => HealthItemView::good(id, name, format!("空きは{}です。", size(free))),
    }
}

fn size(bytes: u64) -> String {
    const GIGA: u64 = 1024 * 1024 * 1024;
    if bytes >= GIGA { format!("{}GB", bytes / GIGA) } else { format!("{}MB", bytes / 1024 / 1024) }
}

impl App {
    async fn keychain_item(&self) -> HealthItemView {
        let (id, name) = KEYCHAIN;
        match crate::database_key(&self.0.config).await {
            Ok(_) => HealthItemView::good(id, name, "読み書きできます。"),
            Err(problem) => HealthItemView::problem(id, name, &problem),
        }
    }

    async fn database_item(&self) -> HealthItemView {
        let (id, name) = DATABASE;
        match self.store(store::Store::report).await {
            Err(problem) => HealthItemView::problem(id, name, &problem),
            Ok(report) => match report.fault {
                None => HealthItemView::good(id, name, format!("壊れていません（{}）。", size(report.bytes))),
                Some(_) => HealthItemView::problem(id, name, &Code::DatabaseDamaged.into()),
            },
        }
    }

    async fn line_items(&self) -> Vec<HealthItemView> {
        let preferences = self.preferences().await.unwrap_or_default();
        let (id, name) = RELAY;
        let relay = match self.relay() {
            Ok(relay) => relay,
            Err(problem) => {
                return vec![HealthItemView::ill(
                    HealthState::Attention,
                    id,
                    name,
                    "アドレスがまだありません。",
                    problem.message(),
                )];
            }
        };
        let mut items = Vec::new();
        let mut missed = None;
        match relay.status().await {
            Err(error) => {
                let problem = missed.insert(Problem::from(error));
                items.push(HealthItemView::problem(id, name, problem));
                items.push(HealthItemView::ill(
                    HealthState::Attention,
                    CLOCK.0,
                    CLOCK.1,
                    "中継サーバーにつながらないため、くらべられませんでした。",
                    "つながったあとで、もう一度確かめてください。",
                ));
            }
            Ok(status) => {
                items.push(HealthItemView::good(id, name, format!("{} につながります。", relay.address())));
                let ours = self.0.config.clock.now();
                // A demonstration has a time of its own.
                let theirs = moment(&status.now).filter(|_| status.demo.is_none());
                items.push(clock_item(theirs.map(|theirs| ours - theirs)));
            }
        }
        let proxy = match preferences.proxy.mode {
            ProxyMode::Direct => Err("使わない設定です。"),
            ProxyMode::Manual => Ok(format!("設定した {}", preferences.proxy.address)),
            ProxyMode::System => system_proxy(&relay.address())
                .map(|proxy| format!("パソコンの設定の {proxy}"))
                .ok_or("使いません（パソコンの設定）。"),
        };
        items.push(proxy_item(proxy, missed.as_ref()));
        items
    }
}

/// Judges the proxy that is used, or says why there is none; `missed` is why the relay did not answer.
fn proxy_item(proxy: Result<String, &str>, missed: Option<&Problem>) -> HealthItemView {
    let (id, name) = PROXY;
    let proxy = match proxy {
        Ok(proxy) => proxy,
        Err(none) => return HealthItemView::good(id, name, none),
    };
    match missed {
        None => HealthItemView::good(id, name, format!("{proxy} を通ります。")),
        Some(problem) if problem.code == Code::ProxySignIn => HealthItemView::problem(id, name, problem),
        Some(_) => HealthItemView::ill(
            HealthState::Attention,
            id,
            name,
            format!("{proxy} を通る設定で、中継サーバーにつながりませんでした。"),
            "プロキシのアドレスが正しいかを、ネットワークの管理者に確かめてください。変えるところは、設定の「つなぎ方」です。",
        ),
    }
}

/// Judges how far this computer's clock is ahead of the relay's; `None` when they cannot be compared.
fn clock_item(ahead: Option<TimeDelta>) -> HealthItemView {
    let (id, name) = CLOCK;
    match ahead {
        None => HealthItemView::good(id, name, "練習では、練習の時計を使います。"),
        Some(ahead) if ahead.abs() < CLOCK_OFF => HealthItemView::good(id, name, "合っています。"),
        Some(ahead) => HealthItemView::ill(
            HealthState::Bad,
            id,
            name,
            format!("{}います。", off_words(ahead)),
            "Windowsの「設定」→「時刻と言語」→「日付と時刻」で、「今すぐ同期」を押してください。日付がちがうと、締切の数え方もちがってしまいます。",
        ),
    }
}

/// Says how far a clock is off: `1日進んで`, `3時間遅れて`.
pub(crate) fn off_words(ahead: TimeDelta) -> String {
    let minutes = ahead.num_minutes().abs();
    let amount = match minutes {
        0..60 => format!("{minutes}分"),
        60..1440 => format!("{}時間", minutes / 60),
        _ => format!("{}日", minutes / 1440),
    };
    format!("{amount}{}", if ahead > TimeDelta::zero() { "進んで" } else { "遅れて" })
}

/// Returns host and port of the proxy that the system names for `address`, without a name or password in it.
fn system_proxy(address: &str) -> Option<String> {
    let destination = address.parse().ok()?;
    let proxy = Matcher::from_system().intercept(&destination)?;
    let uri = proxy.uri();
    Some(format!("{}:{}", uri.host()?, uri.port_u16().unwrap_or(80)))
}
