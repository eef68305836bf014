//! The icon beside the clock: how things stand and the next deadline, with the window closed.

use std::sync::Arc;

use app::{App, everyday};
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

/// Name of the icon.
const TRAY: &str = "todoke";

/// The lines of the menu that change.
struct Lines {
    state: MenuItem<Wry>,
    deadline: MenuItem<Wry>,
}

/// Puts the icon beside the clock.
///
/// # Errors
///
/// Fails when the system refuses.
pub fn make(handle: &AppHandle) -> tauri::Result<()> {
    let line = |text: &str| MenuItem::new(handle, text, false, None::<&str>);
    let lines = Lines { state: line("開いています…")?, deadline: line("")? };
    let open = MenuItem::with_id(handle, "open", "とどけを開く", true, None::<&str>)?;
    let quit = MenuItem::with_id(handle, "quit", "とどけを終わる", true, None::<&str>)?;
    let separator = PredefinedMenuItem::separator(handle)?;
    let menu = Menu::with_items(handle, &[&lines.state, &lines.deadline, &separator, &open, &quit])?;
    handle.manage(Arc::new(lines));
    let mut icon = TrayIconBuilder::with_id(TRAY).tooltip("とどけ").menu(&menu).show_menu_on_left_click(false);
    if let Some(image) = handle.default_window_icon() {
        icon = icon.icon(image.clone());
    }
    icon.on_menu_event(|handle, event| match event.id().as_ref() {
        "open" => crate::show(handle),
        "quit" => crate::end(handle.clone()),
        _ => {}
    })
    .on_tray_icon_event(|icon, event| {
        if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
            crate::show(icon.app_handle());
        }
    })
    .build(handle)?;
    Ok(())
}

/// Shows how things stand now.
pub async fn refresh(handle: &AppHandle, app: &App) {
    let Ok(frame) = app.frame().await else { return };
    let (state, deadline) = (everyday::state_line(&frame), everyday::deadline_line(&frame));
    let lines = handle.state::<Arc<Lines>>();
    let shown = lines.state.set_text(&state).and_then(|()| lines.deadline.set_text(&deadline)).and_then(|()| {
        handle.tray_by_id(TRAY).map_or(Ok(()), |icon| icon.set_tooltip(Some(format!("とどけ：{state}\n{deadline}"))))
    });
    if let Err(error) = shown {
        tracing::debug!(cause = %error, "The icon beside the clock cannot be changed");
    }
}
