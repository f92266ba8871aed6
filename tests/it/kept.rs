//! Answers that are kept are, byte for byte, those that would be computed now, whatever was loaded, granted or changed
//! meanwhile by whichever process, and whatever time it is.

use std::sync::{Arc, Mutex};

use energy_parks::app::Now;
use energy_parks::auth;
use energy_parks::domain::access::Visibility;
use energy_parks::domain::access::{CustomerId, Role};
use energy_parks::domain::chrono::{DateTime, TimeDelta, Utc};
use energy_parks::domain::park::{ParkFilter, ParkId};
use energy_parks::http::Settings;
use futures::future::join_all;
use rand::prelude::*;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::server::{TestServer, everywhere, now};

/// What is asked, of all that a caller may see.
const QUESTIONS: [&str; 10] = [
    "{ parks { totalCount nodes { name timezone capacityMw intervalMinutes latestReading { timestamp megawatts } } } }",
    "{ parks(first: 2, orderBy: { field: NAME, direction: DESC }) { edges { cursor node { id dataRange { from until count } } } } }",
    "{ parkStats(first: 50) { totalCount nodes { date isPartial count expected mean energyMwh park { name } } } }",
    "{ parkStats(granularity: HOUR, first: 400) { nodes { from until isPartial max } } }",
    "{ energyTypeStats(granularity: MONTH) { nodes { energyType date isPartial parkCount sum capacityFactor } } }",
    "{ energyTypeStats(timezone: \"Asia/Kathmandu\") { nodes { energyType from isPartial totalMax totalCompleteness } } }",
    "{ park(by: { name: \"park 1\" }) { name stats(granularity: WEEK) { date isPartial completeness } } }",
    "{ park(by: { name: \"park 2\" }) { readings(last: 3) { nodes { localTimestamp megawatts } pageInfo { hasPreviousPage } } } }",
    "{ viewer { name } parks { totalCount } }",
    "{ nobody parks { totalCount } }",
];

const PARKS: [&str; 3] = ["park 0", "park 1", "park 2"];
const ZONES: [&str; 3] = ["UTC", "America/Havana", "Australia/Lord_Howe"];

/// Two servers that keep answers, and one that keeps none, on one database and by one clock.
struct World<'a> {
    keeping: [TestServer; 2],
    plain: TestServer,
    main: &'a TestServer,
    clock: Arc<Mutex<DateTime<Utc>>>,
    parks: Vec<ParkId>,
    customer: CustomerId,
    /// The headers of those who ask.
    callers: Vec<(&'static str, String)>,
}

impl<'a> World<'a> {
    async fn new(main: &'a TestServer) -> Self {
        let clock = Arc::new(Mutex::new(now()));
        let shown = clock.clone();
        let time: Now = Arc::new(move || *shown.lock().unwrap());
        let server =
            async |kept_bytes| main.beside_with(Settings { kept_bytes, ..Settings::default() }, time.clone()).await;
        // One has hardly room for what it is to keep.
        let keeping = [server(1_000_000).await, server(20_000).await];
        let customer = auth::create_customer(&main.database, "Mills", now()).await.unwrap().id;
        main.user("root", Role::Admin, None).await;
        main.user("mia", Role::Reader, Some(customer)).await;
        let root = main.sign_in("root").await;
        // Tokens would expire when the clock moves.
        let (_, users) = main.answer_to(("authorization", &root), "{ users { nodes { id name } } }").await;
        let users = users["data"]["users"]["nodes"].as_array().unwrap().clone();
        let key = async |name: &str, scopes: &str| {
            let id = users.iter().find(|user| user["name"] == name).unwrap()["id"].as_str().unwrap();
            let call = format!(r#"createApiKey(input: {{ name: "key", user: "{id}"{scopes} }}) {{ key }}"#);
            let (_, made) = main.answer_to(("authorization", &root), &format!("mutation {{ {call} }}")).await;
            made["data"]["createApiKey"]["key"].as_str().unwrap().to_owned()
        };
        let (admin, reader) = (key("root", "").await, key("mia", "").await);
        let key = key("mia", ", scopes: [STATS_READ, PARKS_READ]").await;
        let callers = vec![("x-api-key", admin), ("x-api-key", reader), ("x-api-key", key)];
        let mut world = Self { keeping, plain: server(0).await, main, clock, parks: Vec::new(), customer, callers };
        for (name, zone) in PARKS.iter().zip(ZONES) {
            world.change(&format!(r#"createPark(input: {{ name: "{name}", timezone: "{zone}", energyType: WIND, intervalMinutes: 30 }})"#)).await;
        }
        let reads = world.main.database.reads(Visibility::Everything);
        world.parks = reads.all_parks(&ParkFilter::default()).await.unwrap().iter().map(|park| park.id).collect();
        world
    }

    /// Something is changed by one of the servers.
    async fn change(&self, call: &str) -> Value {
        let document = format!("mutation {{ it: {call} {{ id }} }}");
        let (_, answer) = self.plain.answer_to(("x-api-key", &self.callers[0].1), &document).await;
        assert!(answer.get("errors").is_none(), "{call}: {answer}");
        answer
    }

    async fn something_happens(&self, random: &mut StdRng) {
        let (park, name) = (self.parks[random.random_range(0..3)], PARKS[random.random_range(0..3)]);
        match random.random_range(0..8) {
            0 | 1 => {
                let at = now() + TimeDelta::minutes(30 * random.random_range(-200..200_i64));
                let csv = format!("datetime,MW\\n{},{}", at.format("%Y-%m-%dT%H:%M:00Z"), random.random_range(0..9));
                self.change(&format!(r#"loadReadings(park: {{ name: "{name}" }}, source: {{ csv: "{csv}" }})"#)).await;
            }
            2 => {
                let from = now() + TimeDelta::hours(random.random_range(-60..60));
                let range = format!(
                    r#"{{ from: "{0}", until: "{1}" }}"#,
                    from.to_rfc3339(),
                    (from + TimeDelta::hours(5)).to_rfc3339()
                );
                self.change(&format!(r#"deleteReadings(park: {{ name: "{name}" }}, range: {range})"#)).await;
            }
            3 => drop(auth::grant_parks(&self.main.database, self.customer, &[park], now()).await.unwrap()),
            4 => drop(auth::revoke_parks(&self.main.database, self.customer, &[park]).await.unwrap()),
            5 => {
                let id = energy_parks::graphql::NodeId::Park(park).id().to_string();
                let change = ["capacityMw: 7", "capacityMw: null", r#"timezone: "Asia/Kolkata""#, r#"timezone: "UTC""#];
                let change = change[random.random_range(0..4)];
                self.change(&format!(r#"updatePark(id: "{id}", input: {{ {change} }})"#)).await;
            }
            _ => {
                let mut clock = self.clock.lock().unwrap();
                *clock = now() + TimeDelta::minutes(random.random_range(-3_000..6_000));
            }
        }
    }

    /// Asks all servers the same, several times at once, and expects one answer.
    async fn ask(&self, random: &mut StdRng) {
        let question = QUESTIONS[random.random_range(0..QUESTIONS.len())];
        let (header, value) = &self.callers[random.random_range(0..self.callers.len())];
        let caller = (*header, value.as_str());
        let expected = self.plain.text_to(caller, question).await;
        let asked = self.keeping.iter().flat_map(|server| (0..3).map(|_| server.text_to(caller, question)));
        for answer in join_all(asked).await {
            assert_eq!(answer, expected, "{question} by {header} at {}", self.clock.lock().unwrap());
        }
    }
}

#[tokio::test]
async fn what_is_kept_is_what_would_be_computed() {
    everywhere(async |server| {
        let world = World::new(server).await;
        for seed in 0..6 {
            let mut random = StdRng::seed_from_u64(seed);
            for _ in 0..60 {
                if random.random_bool(0.4) {
                    world.something_happens(&mut random).await;
                }
                world.ask(&mut random).await;
            }
        }
        for server in world.keeping.iter().chain([&world.plain]) {
            server.database.close().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_kept_costs_one_statement_for_any_number_who_ask_at_once() {
    everywhere(async |server| {
        let world = World::new(server).await;
        let keeping = &world.keeping[0];
        // By a token: uses of API keys are written down.
        let ask = async || keeping.ask(QUESTIONS[2], &json!({})).await;
        let count = async |times: usize| {
            let before = keeping.statements().await;
            join_all((0..times).map(|_| ask())).await;
            keeping.statements().await - before
        };
        let first = count(1).await;
        assert!(first > 2, "it is computed: {first}");
        assert_eq!(count(1).await, 1, "who asks is looked up, and the version of the data with it");
        let many = count(100).await;
        assert!(many < 60, "they share what is looked up: {many} statements");
        world.change(r#"createPark(input: { name: "another", timezone: "UTC", energyType: SOLAR })"#).await;
        let again = count(20).await;
        assert!(again < 40 + first, "one of twenty is computed: {again} statements, and {first} for one alone");
        for server in world.keeping.iter().chain([&world.plain]) {
            server.database.close().await.unwrap();
        }
    })
    .await;
}
