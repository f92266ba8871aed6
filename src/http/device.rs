//! The one cookie: by it a browser is known again that somebody has signed in from. It opens nothing.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::auth::Device;

/// Its name.
const NAME: &str = "energy-parks-device";
/// For how long browsers keep it: a year.
const SECONDS: u32 = 365 * 86_400;

/// The device that a request comes from.
pub fn of(headers: &HeaderMap) -> Device {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == NAME).map(|(_, kept)| Device::showing(kept)).unwrap_or_default()
}

/// Tells the device by a header what to keep, if somebody has signed in. `url` is that of the server, as clients have it.
pub fn tell(device: &Device, url: &str, headers: &mut HeaderMap) {
    let Some(kept) = device.keeps() else { return };
    let secure = if url.starts_with("https://") { "; Secure" } else { "" };
    let cookie = format!("{NAME}={kept}; Path=/; Max-Age={SECONDS}; HttpOnly; SameSite=Strict{secure}");
    // Marks are of letters, digits and few signs.
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}
