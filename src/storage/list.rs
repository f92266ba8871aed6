//! Lists bound as one value, so that a statement's text, and with it its plan, is one whatever the list's length, and
//! no limit on bound values is met.

use crate::domain::park::ParkId;

use super::sql::Sql;

impl Sql {
    /// Appends ` IN (…)` over whole numbers.
    pub fn in_numbers(&mut self, numbers: impl IntoIterator<Item = i32>) -> &mut Self {
        let mut list = String::new();
        for number in numbers {
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(&number.to_string());
        }
        if self.is_postgres() {
            self.push(" = ANY(CAST(string_to_array(").bind(list).push(", ',') AS INTEGER[]))")
        } else {
            self.push(" IN (SELECT value FROM json_each(").bind(format!("[{list}]")).push("))")
        }
    }

    /// Appends ` IN (…)` over parks' keys.
    pub fn in_parks(&mut self, parks: &[ParkId]) -> &mut Self {
        self.in_numbers(parks.iter().map(|park| park.0))
    }

    /// Appends ` IN (…)` over texts. One with a NUL is in no column of either database and left out.
    pub fn in_texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) -> &mut Self {
        let list: Vec<&str> = texts.into_iter().filter(|text| !text.contains('\0')).collect();
        let list = serde_json::Value::from(list).to_string();
        if self.is_postgres() {
            self.push(" = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST(").bind(list).push(" AS JSONB))))")
        } else {
            self.push(" IN (SELECT value FROM json_each(").bind(list).push("))")
        }
    }
}
