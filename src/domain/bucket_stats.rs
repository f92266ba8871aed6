//! Being written: the interface that app and graphql use today.
#![allow(missing_docs)]
use super::calendar::{Bucket, Granularity};
use super::figures::Figures;
use super::park::Park;
use super::reading::Reading;
use super::zone::Zone;
use chrono::NaiveDate;
#[derive(Clone)]
pub struct BucketStats {
    pub bucket: Bucket,
    pub figures: Option<Figures>,
}
pub struct ParkFigures<'a> {
    pub park: &'a Park,
    pub bucket: Bucket,
    pub figures: Option<Figures>,
}
impl BucketStats {
    pub fn of_park(_p: &Park, bucket: Bucket, figures: Option<Figures>) -> Self {
        Self { bucket, figures }
    }
    pub fn of_parks(m: &[ParkFigures<'_>]) -> Self {
        Self { bucket: m[0].bucket, figures: None }
    }
    pub fn hours(&self) -> f64 {
        0.0
    }
    pub fn count(&self) -> i64 {
        0
    }
    pub fn expected(&self) -> i64 {
        0
    }
    pub fn completeness(&self) -> f64 {
        0.0
    }
    pub fn is_partial(&self, _n: i64) -> bool {
        false
    }
    pub fn capacity_factor(&self) -> Option<f64> {
        None
    }
}
pub fn of_days(_b: &[Bucket], _d: &[(NaiveDate, Figures)]) -> Vec<Option<Figures>> {
    vec![]
}
pub fn of_readings(_z: &Zone, _g: Granularity, _b: &[Bucket], _r: &[Reading]) -> Result<Vec<Option<Figures>>, String> {
    Ok(vec![])
}
