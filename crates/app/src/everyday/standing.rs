//! How things stand in two short lines, for the icon beside the clock.

use crate::views::{ConnectionState, FrameView};

/// Says how things stand: the line to the relay, and what must be acted on.
pub fn state_line(frame: &FrameView) -> String {
    let line = match frame.connection.state {
        _ if frame.account.is_none() => "ログインしていません",
        ConnectionState::Online => "接続中",
        ConnectionState::Unknown => "接続を確かめています",
        ConnectionState::Offline => "オフライン",
        ConnectionState::Faulty => "中継サーバーを使えません",
        ConnectionState::SignedOut => "もう一度ログインしてください",
    };
    match frame.open_returns {
        0 => line.to_owned(),
        count => format!("{line}・対応する返戻 {count}件"),
    }
}

/// Says when the claim window ends, or begins.
pub fn deadline_line(frame: &FrameView) -> String {
    let month = frame.window.processing_month.get(5..).unwrap_or_default().trim_start_matches('0');
    match (frame.window.open, frame.window.days_left) {
        (true, 0) => format!("{month}月請求はきょうまで"),
        (true, days) => format!("{month}月請求の締切まであと{days}日"),
        (false, days) => format!("{month}月請求は{days}日後から"),
    }
}
