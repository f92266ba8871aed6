//! What is written in one step is, byte for byte, what the fields one by one give.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{FieldDefinition, TypeKind, TypeSystemDefinition};
use async_graphql::{Request, Response, Value};
use rand::prelude::*;
use rand::rngs::StdRng;
use uuid::Uuid;

use crate::app::App;
use crate::auth::{Cost, Device, Keys, Passwords, Principal};
use crate::domain::access::{Role, Scope};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::chrono_tz::Tz;
use crate::domain::park::{EnergyType, ParkDetails};
use crate::domain::reading::Reading;
use crate::error::Result;
use crate::graphql::guard::{Guard, Limits, Validator};
use crate::graphql::{Caller, Clock, Schema, answer, schema, sdl, wire};
use crate::storage::{self, Database};

/// The fields of each object type, as `name`, `named type`, `whether it has fields of its own`.
type Fields = HashMap<String, Vec<(String, String)>>;

/// Those whose lists are written in one step, with what leads there.
const ROOTS: [(&str, &str); 4] = [
    ("parks(first: 5)", "ParkConnection"),
    ("park(by: { name: \"Zürich \\\"Süd\\\" 風\" })", "Park"),
    ("parkStats(first: 40)", "ParkStatsConnection"),
    ("energyTypeStats(first: 40)", "EnergyTypeStatsConnection"),
];

/// The arguments of fields that need some, or would give too much without.
const ARGUMENTS: [(&str, &str); 3] = [
    ("readings", "(first: 4)"),
    ("series", "(range: { from: \"2025-03-29T00:00:00Z\", until: \"2025-03-31T00:00:00Z\" })"),
    ("stats", "(dates: { from: \"2025-03-28\", until: \"2025-04-02\" })"),
];

fn now() -> DateTime<Utc> {
    "2025-03-31T12:07:00Z".parse().unwrap()
}

async fn app() -> Result<(Arc<App>, tempfile::TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/parks.db", folder.path().display());
    let database = Database::connect(&storage::Settings::new(url)).await?;
    database.migrate_up(None).await?;
    let write = database.write().await?;
    let parks = [
        ("Zürich \"Süd\" 風", Tz::Europe__Amsterdam, EnergyType::Wind, Some(41.5), 15),
        ("Kathmandu", Tz::Asia__Kathmandu, EnergyType::Solar, None, 30),
        ("Empty", Tz::UTC, EnergyType::Wind, Some(1e-3), 60),
    ];
    for (name, timezone, energy_type, capacity_mw, minutes) in parks {
        let details = ParkDetails {
            name: name.into(),
            timezone,
            energy_type,
            capacity_mw,
            latitude: capacity_mw.map(|_| 52.1),
            longitude: None,
            interval_minutes: None,
        };
        let park = write.insert_park(&details, now()).await?;
        let start = 1_743_120_000; // 2025-03-28, two days before Amsterdam's clocks go forward
        let power = |index: i64| f64::from(i32::try_from(index * 7_919 % 1_000).unwrap()) / 7.0 - 3.0;
        let readings: Vec<_> = (0..150)
            .filter(|index| index % 17 != 0 && name != "Empty")
            .map(|index| Reading {
                starts_at: start + index * i64::from(minutes) * 60,
                minutes,
                megawatts: power(index),
            })
            .collect();
        write.merge_readings(&park, &readings, Uuid::now_v7(), now()).await?;
    }
    write.commit().await?;
    let keys = Keys::from_pem(&Keys::generate_pem()?, "https://parks.example")?;
    let app = App::new(database, keys, Passwords::new(Cost::LEAST)?, Arc::new(now));
    Ok((Arc::new(app), folder))
}

fn caller(scopes: &[Scope]) -> Caller {
    let principal = Principal {
        name: "olga".into(),
        user_id: None,
        role: Some(Role::Operator),
        scopes: scopes.to_vec(),
        customer: None,
        session: None,
        foreign: None,
        api_key: None,
        left: None,
        data_version: None,
    };
    Caller {
        principal: Some(principal),
        address: None,
        device: Device::default(),
        per_minute: None,
        clock: Clock::at(now()),
    }
}

fn fields() -> Fields {
    let definitions = parse_schema(sdl()).unwrap().definitions.into_iter();
    let objects = definitions.filter_map(|definition| {
        let TypeSystemDefinition::Type(definition) = definition else { return None };
        let TypeKind::Object(object) = definition.node.kind else { return None };
        let field = |field: FieldDefinition| {
            let named = crate::graphql::types::base(&field.ty.node).to_string();
            (field.name.node.to_string(), named)
        };
        let fields = object.fields.into_iter().map(|it| field(it.node)).collect();
        Some((definition.node.name.node.to_string(), fields))
    });
    objects.collect()
}

/// A document in the making.
struct Writer<'a> {
    random: &'a mut StdRng,
    fields: &'a Fields,
    /// Fragments by their names, each used once at least.
    fragments: Vec<String>,
}

impl Writer<'_> {
    fn document(&mut self) -> String {
        let roots: Vec<_> = (0..self.random.random_range(1..3)).map(|_| ROOTS.choose(self.random).unwrap()).collect();
        let roots: Vec<_> = roots.iter().map(|(field, ty)| self.field(field, ty, 0)).collect();
        let fragments = self.fragments.join(" ");
        let variables = "$yes: Boolean! = true, $no: Boolean! = false";
        let uses = "used: nodes(ids: []) @include(if: $yes) @skip(if: $no) { id }";
        format!("query({variables}) {{ {uses} {} }} {fragments}", roots.join(" "))
    }

    /// A field with an alias or none, a condition or none, and what is asked of it.
    fn field(&mut self, name: &str, ty: &str, depth: usize) -> String {
        let (bare, _) = name.split_once('(').unwrap_or((name, ""));
        let alias = if self.random.random_bool(0.2) { format!("the_{bare}: ") } else { String::new() };
        let conditions = ["@include(if: $yes)", "@skip(if: $no)", "@skip(if: true)", "@include(if: $no)"];
        let condition = if self.random.random_bool(0.1) { *conditions.choose(self.random).unwrap() } else { "" };
        let inner = if self.fields.contains_key(ty) { self.selections(ty, depth + 1) } else { String::new() };
        format!("{alias}{name} {condition} {inner}")
    }

    fn selections(&mut self, ty: &str, depth: usize) -> String {
        let all = self.fields[ty].clone();
        let mut parts = Vec::new();
        for _ in 0..self.random.random_range(1..5) {
            let (name, inner) = all.choose(self.random).unwrap();
            if depth > 4 && self.fields.contains_key(inner) {
                parts.push("__typename".to_owned());
                continue;
            }
            let arguments = ARGUMENTS.iter().find(|(field, _)| field == name).map_or("", |(_, arguments)| arguments);
            let field = self.field(&format!("{name}{arguments}"), inner, depth);
            parts.push(match self.random.random_range(0..8) {
                0 => format!("... {{ {field} }}"),
                1 => format!("... on {ty} {{ {field} {field} }}"),
                2 => {
                    let fragment = format!("F{}", self.fragments.len());
                    self.fragments.push(format!("fragment {fragment} on {ty} {{ {field} }}"));
                    format!("...{fragment}")
                }
                3 if ty == "ParkStats" || ty == "EnergyTypeStats" => {
                    format!("{field} ... on Stats {{ date the_max: max mean }}")
                }
                4 if ty == "Park" => format!("{field} ... on Node {{ id node: __typename }}"),
                _ => field,
            });
        }
        format!("{{ {} }}", parts.join(" "))
    }
}

async fn asked(schema: &Schema, app: &Arc<App>, caller: &Caller, document: &str, field_by_field: bool) -> Response {
    let mut request = Request::new(document);
    let limits = Limits { cost: u64::MAX, aliases: 10_000, fields: 100_000, depth: 100, ..Limits::default() };
    Guard::new(&limits, &Validator::new(true))
        .admit(&mut request, Vec::new())
        .unwrap_or_else(|error| panic!("{document}: {error:?}"));
    answer(schema, request, app, caller.clone(), field_by_field).await
}

fn is_written(value: &Value) -> bool {
    match value {
        Value::Binary(_) => true,
        Value::List(items) => items.iter().any(is_written),
        Value::Object(fields) => fields.values().any(is_written),
        _ => false,
    }
}

#[tokio::test]
async fn what_is_written_in_one_step_is_what_the_fields_one_by_one_give() -> Result<()> {
    let ((app, _folder), schema, fields) = (app().await?, schema(true), fields());
    let (all, aggregates) = (caller(&Scope::ALL), caller(&[Scope::StatsRead, Scope::ParksRead]));
    let mut random = StdRng::seed_from_u64(4);
    let (mut written, mut failed) = (0, 0);
    for _ in 0..400 {
        let document = Writer { random: &mut random, fields: &fields, fragments: Vec::new() }.document();
        // Some may not see single readings: the errors are the same too.
        let caller = if random.random_bool(0.2) { &aggregates } else { &all };
        let fast = asked(&schema, &app, caller, &document, false).await;
        let slow = asked(&schema, &app, caller, &document, true).await;
        written += usize::from(is_written(&fast.data));
        failed += usize::from(fast.is_err());
        assert!(!is_written(&slow.data));
        let text = |response| String::from_utf8(wire::json(response).unwrap()).unwrap();
        assert_eq!(text(&fast), text(&slow), "{document}");
    }
    assert!(written > 70, "{written} of the documents had a list that was written in one step");
    assert!(failed > 8 && failed < 200, "{failed} of the documents failed");
    Ok(())
}

#[tokio::test]
async fn every_scalar_of_rows_is_at_hand() -> Result<()> {
    let ((app, _folder), schema, fields) = (app().await?, schema(true), fields());
    let rows = [
        ("parks { nodes", "Park"),
        ("parks { nodes { readings(first: 2) { nodes", "Reading"),
        ("parkStats { nodes", "ParkStats"),
        ("energyTypeStats { nodes", "EnergyTypeStats"),
        ("parkStats { edges", "ParkStatsEdge"),
    ];
    for (path, ty) in rows {
        for (field, named) in &fields[ty] {
            if fields.contains_key(named) {
                continue;
            }
            let document = format!("{{ {path} {{ {field} }} {} }}", "}".repeat(path.matches('{').count()));
            let answer = asked(&schema, &app, &caller(&Scope::ALL), &document, false).await;
            assert!(is_written(&answer.data), "{document} is resolved field by field");
        }
    }
    Ok(())
}
