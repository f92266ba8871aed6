//! How each field is called. `$PARK` and the like stand for things of the other customer, `$OWN` and the like for those
//! of the one that asks; see `World::fill`.

const FILTERS: &[&str] = &[
    "filter: {ids: [\"$PARK\"]}",
    "filter: {names: [\"$NAME\", \"Mill\"]}",
    "filter: {energyTypes: [SOLAR]}",
    "filter: {timezones: [\"Pacific/Chatham\"]}",
    "filter: {search: \"ald\"}",
];

/// The calls of a field, as the text between its name and its selection.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn of(coordinate: &str) -> Vec<String> {
    let calls: &[&str] = match coordinate {
        "Query.node" => &[
            "id: \"$PARK\"",
            "id: \"$OWN\"",
            "id: \"$LOAD\"",
            "id: \"$MINE\"",
            "id: \"$USER\"",
            "id: \"$CUSTOMER\"",
            "id: \"$KEY\"",
        ],
        "Query.nodes" => &["ids: [\"$OWN\", \"$PARK\", \"$MINE\", \"$LOAD\", \"$USER\", \"$CUSTOMER\", \"$KEY\"]"],
        "Query.park" => &["by: {id: \"$PARK\"}", "by: {name: \"$NAME\"}", "by: {id: \"$OWN\"}"],
        "Query.parks" => {
            return filtered(&[
                "",
                "first: 1",
                "last: 1",
                "first: 1, after: \"$AFTER\"",
                "last: 1, before: \"$BEFORE\"",
                "orderBy: NAME_DESC, first: 1",
            ]);
        }
        "Query.parkStats" | "Query.energyTypeStats" => {
            return filtered(&[
                "",
                "first: 1",
                "last: 1",
                "granularity: MONTH, timezone: \"UTC\"",
                "first: 2, granularity: HOUR, dates: {from: \"2025-10-02\", until: \"2025-10-03\"}",
                if coordinate == "Query.parkStats" {
                    "first: 1, after: \"$BUCKET\""
                } else {
                    "first: 1, after: \"$FLEET\""
                },
                if coordinate == "Query.parkStats" {
                    "last: 1, before: \"$BUCKET\""
                } else {
                    "last: 1, before: \"$FLEET\""
                },
            ]);
        }
        "Query.loads" => &["", "first: 1", "first: 1, after: \"$LEDGER\""],
        "Query.load" => &["id: \"$LOAD\"", "id: \"$MINE\""],
        "Query.users" | "Query.customers" => {
            &["", "first: 1", "last: 1", "first: 1, after: \"$AFTER\"", "last: 1, before: \"$BEFORE\""]
        }
        "Query.apiKeys" | "Query.auditLog" => {
            &["first: 1000", "first: 1", "last: 1", "first: 1, after: \"$LEDGER\"", "last: 1, before: \"$LEDGER\""]
        }
        "Customer.parks" => &["", "first: 1", "last: 1", "first: 1, after: \"$AFTER\"", "last: 1, before: \"$BEFORE\""],
        "Park.readings" => &[
            "",
            "first: 1, after: \"$INSTANT\"",
            "last: 1, before: \"$INSTANT\"",
            "range: {from: \"2025-10-01T00:00:00Z\", until: \"2025-10-02T00:00:00Z\"}",
        ],
        "Park.series" => &["range: {from: \"2025-10-01T00:00:00Z\", until: \"2025-10-04T00:00:00Z\"}"],
        "Park.stats" => {
            &["", "granularity: WEEK, dates: {from: \"2025-09-29\", until: \"2025-10-06\"}, timezone: \"UTC\""]
        }
        "Load.errors" => &["", "first: 1"],
        "Mutation.login" => &[
            "username: \"bea\", password: \"correct horse\", scope: [PARKS_READ]",
            "username: \"adam\", password: \"wrong horse\"",
            "username: \"adam\", password: \"$PASSWORD\"",
        ],
        "Mutation.refreshToken" | "Mutation.logout" => &["refreshToken: \"nonsense\""],
        "Mutation.createPark" => &[
            "input: {name: \"$NAME\", timezone: \"UTC\", energyType: WIND}",
            "input: {name: \"New\", timezone: \"UTC\", energyType: WIND}",
        ],
        "Mutation.updatePark" => {
            &["id: \"$PARK\", input: {capacityMw: 5555.5}", "id: \"$OWN\", input: {name: \"$NAME\"}"]
        }
        "Mutation.deletePark" => &["id: \"$SPARE\""],
        "Mutation.deleteReadings" => &[
            "park: {id: \"$PARK\"}, range: {from: \"2025-10-03T00:00:00Z\"}",
            "park: {name: \"$NAME\"}, range: {until: \"2026-01-01T00:00:00Z\"}",
            "park: {id: \"$OWN\"}, range: {from: \"2025-10-03T00:00:00Z\"}",
        ],
        "Mutation.loadParks" => &[
            "source: {csv: \"park_name,timezone,energy_type\\n$NAME,UTC,Wind\\n\"}, dryRun: true",
            "source: {csv: \"park_name,timezone,energy_type\\nMill,Nowhere,Wind\\n\"}, onError: SKIP",
        ],
        "Mutation.loadReadings" => &[
            "park: {id: \"$PARK\"}, source: {csv: \"datetime,MW\\n2025-10-01T00:00:00Z,1\\n\"}",
            "park: {name: \"$NAME\"}, source: {csv: \"datetime,MW\\n2025-10-01T00:00:00Z,1\\n\"}, wait: false",
            "source: {csv: \"park_name,datetime,MW\\n$NAME,2025-10-01T00:00:00Z,1\\n\"}, intervalMinutes: 60, dryRun: true",
            "source: {rows: [{parkName: \"$NAME\", timestamp: \"2025-10-01T00:00:00Z\", megawatts: 1}, {parkName: \"Mill\", timestamp: \"never\", megawatts: 1}]}, intervalMinutes: 60, onError: SKIP",
            "park: {id: \"$OWN\"}, source: {csv: \"datetime,MW\\n2025-10-04 00:00,1\\n2025-10-04 01:00,900000\\n\"}, clock: \"PARK\", label: END, fold: EARLIER",
        ],
        "Mutation.createUser" => &[
            "input: {name: \"adam\", password: \"battery staple\", role: READER}",
            "input: {name: \"nina\", password: \"battery staple\", role: READER, customer: \"$CUSTOMER\"}",
        ],
        "Mutation.updateUser" => &["id: \"$USER\", input: {name: \"adamo\"}"],
        "Mutation.deleteUser" => &["id: \"$USER\""],
        "Mutation.changePassword" => &[
            "user: \"$USER\", newPassword: \"battery staple\"",
            "user: \"$USER\", currentPassword: \"correct horse\", newPassword: \"battery staple\"",
        ],
        "Mutation.createCustomer" => &["input: {name: \"Alders\"}"],
        "Mutation.updateCustomer" => &["id: \"$CUSTOMER\", input: {name: \"Alders 2\"}"],
        "Mutation.deleteCustomer" => &["id: \"$CUSTOMER\""],
        "Mutation.grantParks" => {
            &["customer: \"$FIRM\", parks: [{name: \"$NAME\"}]", "customer: \"$CUSTOMER\", parks: [{id: \"$OWN\"}]"]
        }
        "Mutation.revokeParks" => {
            &["customer: \"$CUSTOMER\", parks: [{id: \"$OWN\"}]", "customer: \"$CUSTOMER\", parks: [{name: \"$NAME\"}]"]
        }
        "Mutation.createApiKey" => &[
            "input: {name: \"theirs\", user: \"$USER\"}",
            "input: {name: \"theirs\", customer: \"$CUSTOMER\", requestsPerMinute: 7, requestsPerDay: 70, expiresAt: \"2026-01-01T00:00:00Z\"}",
        ],
        "Mutation.revokeApiKey" => &["id: \"$KEY\""],
        _ => &[""],
    };
    calls.iter().map(|call| bracketed(call)).collect()
}

fn filtered(calls: &[&str]) -> Vec<String> {
    calls.iter().chain(FILTERS).map(|call| bracketed(call)).collect()
}

fn bracketed(call: &str) -> String {
    if call.is_empty() { String::new() } else { format!("({call})") }
}

/// In which order the mutations come: what others still aim at is made late and taken away last.
pub fn rank(mutation: &str) -> usize {
    const ORDER: [&str; 7] =
        ["loadParks", "", "revokeApiKey", "deletePark", "changePassword", "deleteUser", "deleteCustomer"];
    ORDER.iter().position(|it| *it == mutation).unwrap_or(1)
}
