//! Being written: the interface that app and graphql use today.
#![allow(missing_docs)]
use super::calendar::Bucket;
use super::reading::Reading;
#[derive(Clone, Copy)]
pub struct Totals {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub mean: Option<f64>,
    pub seconds: i64,
}
impl Totals {
    pub fn completeness(&self, _b: &Bucket) -> f64 {
        0.0
    }
}
pub fn totals(_p: &[&[Reading]], _f: i64, _u: i64) -> Totals {
    Totals { min: None, max: None, mean: None, seconds: 0 }
}
