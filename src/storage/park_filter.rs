//! A filter of parks as a condition (R9: text is compared by code point, case folded in Rust).

use super::sql::Sql;
use crate::domain::park::ParkFilter;
use crate::domain::text::fold_case;

impl Sql {
    /// Appends the condition that the park aliased `p` passes the filter.
    pub fn filter(&mut self, filter: &ParkFilter) -> &mut Self {
        self.push("TRUE");
        if let Some(ids) = &filter.ids {
            self.push(" AND p.id").in_parks(ids);
        }
        if let Some(names) = &filter.names {
            self.push(" AND p.name").in_texts(names.iter().map(String::as_str));
        }
        if let Some(types) = &filter.energy_types {
            self.push(" AND p.energy_type").in_texts(types.iter().map(|energy_type| energy_type.as_str()));
        }
        if let Some(timezones) = &filter.timezones {
            self.push(" AND p.timezone").in_texts(timezones.iter().map(|timezone| timezone.name()));
        }
        if let Some(search) = &filter.search {
            let part = fold_case(search);
            if part.contains('\0') {
                self.push(" AND FALSE");
            } else if self.is_postgres() {
                self.push(" AND strpos(p.name_folded, ").bind(part).push(") > 0");
            } else {
                self.push(" AND instr(p.name_folded, ").bind(part).push(") > 0");
            }
        }
        self
    }
}
