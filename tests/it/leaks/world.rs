//! The customer that asks, with or without another one beside it.

use std::collections::{BTreeMap, HashMap};

use energy_parks::domain::access::Role;
use serde_json::{Value, json};

use super::answers::Answers;
use crate::server::{PASSWORD, TestServer};

/// Who asks.
pub enum Caller {
    Bearer(String),
    ApiKey(String),
}

impl Caller {
    pub fn credential(&self) -> (&str, &str) {
        match self {
            Self::Bearer(value) => ("authorization", value),
            Self::ApiKey(value) => ("x-api-key", value),
        }
    }
}

/// One of the two worlds.
pub struct World<'a> {
    pub server: &'a TestServer,
    pub callers: BTreeMap<&'static str, Caller>,
    /// What stands for what in the calls.
    words: HashMap<&'static str, String>,
    /// What nobody but the other customer says.
    secrets: Vec<String>,
}

/// The other customer's parks: granted to it, and granted to nobody. The first is of the asking one's kind and zone, so
/// that totals would mix.
const OTHERS: [(&str, &str, &str); 3] =
    [("Alder", "UTC", "Wind"), ("Zeta", "Pacific/Chatham", "Solar"), ("Spare", "Pacific/Chatham", "Solar")];

impl<'a> World<'a> {
    /// The customer alone, and the customer beside another.
    pub async fn two(one: &'a TestServer, other: &'a TestServer) -> (Self, Self) {
        let (mut alone, mut beside) = (Self::new(one).await, Self::new(other).await);
        beside.settle_another().await;
        // What is aimed at is not there, by the same ids, where the customer is alone.
        for (word, meaning) in &beside.words {
            alone.words.entry(word).or_insert_with(|| meaning.clone());
        }
        (alone, beside)
    }

    async fn new(server: &'a TestServer) -> Self {
        server.user("root", Role::Admin, None).await;
        let root = Caller::Bearer(server.sign_in("root").await);
        let mut world =
            Self { server, callers: BTreeMap::from([("root", root)]), words: HashMap::new(), secrets: Vec::new() };
        let firm = world.customer("Mills", "bea", &["Mill"]).await;
        world.words.insert("$FIRM", firm.customer);
        world.words.insert("$OWN", firm.parks[0].clone());
        world.words.insert("$MINE", firm.load);
        world.callers.insert("user", firm.caller);
        for (name, scopes) in
            [("key", "[PARKS_READ, READINGS_READ, STATS_READ, READINGS_WRITE]"), ("stats key", "[STATS_READ]")]
        {
            let key = world.key(name, &world.words["$FIRM"], scopes).await;
            world.callers.insert(name, Caller::ApiKey(key["key"].as_str().unwrap().to_owned()));
        }
        world
    }

    async fn settle_another(&mut self) {
        let names = OTHERS.map(|(name, ..)| name);
        let firm = self.customer("Alders", "adam", &names[..1]).await;
        let key = self.key("Alders' key", &firm.customer, "[PARKS_READ]").await;
        let id = |value: &Value| value.as_str().unwrap().to_owned();
        let pages = self
            .staff("{ parkStats(first: 1) { pageInfo { endCursor } } energyTypeStats(first: 1) { pageInfo { endCursor } } loads(first: 1) { pageInfo { endCursor } }
                parks { nodes { id } edges { cursor node { id name readings(first: 1) { pageInfo { endCursor } } } } } }")
            .await;
        let park = |name: &str| {
            let edges = pages["parks"]["edges"].as_array().unwrap();
            edges.iter().find(|edge| edge["node"]["name"] == name).unwrap()
        };
        self.words.extend([
            ("$PARK", id(&park("Alder")["node"]["id"])),
            ("$SPARE", id(&park("Spare")["node"]["id"])),
            ("$NAME", "Alder".to_owned()),
            ("$AFTER", id(&park("Alder")["cursor"])),
            ("$BEFORE", id(&park("Zeta")["cursor"])),
            ("$INSTANT", id(&park("Alder")["node"]["readings"]["pageInfo"]["endCursor"])),
            ("$BUCKET", id(&pages["parkStats"]["pageInfo"]["endCursor"])),
            ("$FLEET", id(&pages["energyTypeStats"]["pageInfo"]["endCursor"])),
            ("$LEDGER", id(&pages["loads"]["pageInfo"]["endCursor"])),
            ("$LOAD", firm.load.clone()),
            ("$USER", firm.user.clone()),
            ("$CUSTOMER", firm.customer.clone()),
            ("$KEY", id(&key["apiKey"]["id"])),
            ("$PASSWORD", PASSWORD.to_owned()),
        ]);
        self.secrets.extend(OTHERS.map(|(name, ..)| name.to_owned()));
        self.secrets.extend(["Alders", "adam", "5551.25", "Chatham"].map(str::to_owned));
        self.secrets.extend(["$PARK", "$LOAD", "$USER", "$CUSTOMER", "$KEY"].map(|word| self.words[word].clone()));
    }

    /// Grants another's parks to the customer that asks, which is the leak of the tests.
    pub async fn leak(&self) {
        let parks: Vec<_> = OTHERS.iter().map(|(name, ..)| format!("{{name: \"{name}\"}}")).collect();
        self.staff(&format!(
            "mutation {{ grantParks(customer: \"{}\", parks: [{}]) {{ id }} }}",
            self.words["$FIRM"],
            parks.join(", ")
        ))
        .await;
    }

    /// A call with the words filled in.
    pub fn fill(&self, template: &str) -> String {
        // The longest first: one word may begin another.
        let mut words: Vec<_> = self.words.iter().collect();
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        words.into_iter().fold(template.to_owned(), |text, (word, meaning)| text.replace(word, meaning))
    }

    /// The answers that hold what only the other customer says, and did not where the customer is alone: what it has
    /// said itself it may be told again.
    pub fn planted(&self, alone: &BTreeMap<String, Answers>, beside: &BTreeMap<String, Answers>) -> Vec<String> {
        let pairs = alone.iter().zip(beside.values());
        let told = pairs.flat_map(|((template, alone), beside)| {
            let is_new = |secret: &&String| beside.text.contains(*secret) && !alone.text.contains(*secret);
            let told = self.secrets.iter().filter(is_new);
            told.map(|secret| format!("{secret} in {}", template.chars().take(160).collect::<String>()))
        });
        told.collect()
    }

    async fn staff(&self, document: &str) -> Value {
        let (_, answer) = self.server.answer_to(self.callers["root"].credential(), document).await;
        assert!(answer.get("errors").is_none(), "{document}: {answer}");
        answer["data"].clone()
    }

    async fn key(&self, name: &str, customer: &str, scopes: &str) -> Value {
        let input = format!("{{name: \"{name}\", customer: \"{customer}\", scopes: {scopes}}}");
        self.staff(&format!("mutation {{ createApiKey(input: {input}) {{ key apiKey {{ id }} }} }}")).await["createApiKey"].take()
    }

    /// A customer with its operator, its parks with three days of readings, and a load of its own that has bad rows.
    async fn customer(&self, name: &str, user: &str, granted: &[&str]) -> Firm {
        let is_other = name == "Alders";
        let parks = if is_other { &OTHERS[..] } else { &[("Mill", "UTC", "Wind")] };
        let mut ids = Vec::new();
        for (park, zone, kind) in parks {
            let made = self.staff(&format!("mutation {{ createPark(input: {{name: \"{park}\", timezone: \"{zone}\", energyType: {}, capacityMw: {}, latitude: 1.5, longitude: 2.5}}) {{ id }} }}", kind.to_uppercase(), if is_other { 9_999.5 } else { 50.5 })).await;
            ids.push(made["createPark"]["id"].as_str().unwrap().to_owned());
            let rows: Vec<_> = (0..12)
                .map(|hour| {
                    let megawatts = if is_other { 5_551.25 + f64::from(hour) } else { 10.0 + f64::from(hour) };
                    format!("2025-10-{:02}T{:02}:00:00Z,{megawatts}", 1 + hour / 4, hour % 4 * 6)
                })
                .collect();
            let csv = json!(format!("datetime,MW\n{}\n", rows.join("\n")));
            self.staff(&format!(
                "mutation {{ loadReadings(park: {{name: \"{park}\"}}, source: {{csv: {csv}}}) {{ id }} }}"
            ))
            .await;
        }
        let made = self.staff(&format!("mutation {{ createCustomer(input: {{name: \"{name}\"}}) {{ id }} }}")).await;
        let customer = made["createCustomer"]["id"].as_str().unwrap().to_owned();
        let parks: Vec<_> = granted.iter().map(|park| format!("{{name: \"{park}\"}}")).collect();
        self.staff(&format!(
            "mutation {{ grantParks(customer: \"{customer}\", parks: [{}]) {{ id }} }}",
            parks.join(", ")
        ))
        .await;
        let made = self.staff(&format!("mutation {{ createUser(input: {{name: \"{user}\", password: \"{PASSWORD}\", role: OPERATOR, customer: \"{customer}\"}}) {{ id }} }}")).await;
        let caller = Caller::Bearer(self.server.sign_in(user).await);
        let load = format!(
            "mutation {{ loadReadings(park: {{name: \"{}\"}}, source: {{csv: \"datetime,MW\\nnever,{user}\\n\"}}) {{ id }} }}",
            granted[0]
        );
        let (_, load) = self.server.answer_to(caller.credential(), &load).await;
        let load = load["data"]["loadReadings"]["id"].as_str().unwrap_or_else(|| panic!("{load}")).to_owned();
        Firm { customer, user: made["createUser"]["id"].as_str().unwrap().to_owned(), parks: ids, load, caller }
    }
}

struct Firm {
    customer: String,
    user: String,
    parks: Vec<String>,
    load: String,
    caller: Caller,
}
