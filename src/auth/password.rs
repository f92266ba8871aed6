//! Passwords: what is accepted, and how they are kept (argon2id).

use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use rayon_core::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::{Semaphore, oneshot};
use unicode_normalization::UnicodeNormalization as _;

use super::common_passwords::is_common;
use crate::domain::secret::Secret;
use crate::domain::text::fold_case;
use crate::error::{Error, Result};

/// The fewest characters of a password.
pub const MIN_PASSWORD: usize = 8;

/// The most characters of a password: far above any real one, and cheap to refuse.
const MAX_PASSWORD: usize = 1_000;

/// How many may wait for their turn: a few seconds' work. Whoever comes then is to come again.
const WAITING: usize = 200;

/// What a hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// What OWASP's Password Storage Cheat Sheet asks of argon2id: 19 MiB, two passes, one lane.
    pub const OWASP: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

    /// The least that argon2 takes. For tests alone.
    pub const LEAST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };
}

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is another.
    Wrong,
    /// It is the one.
    Right,
    /// It is the one, and its hash was made at another cost: make it afresh.
    RightButOutdated,
}

/// Hashes passwords, off the async threads and at most as many at once as there are cores: each takes its memory.
#[derive(Clone)]
pub struct Passwords {
    shared: Arc<Shared>,
}

struct Shared {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// Threads of their own, few: memory that a thread once had for a hash stays with it.
    threads: ThreadPool,
    /// For those at work and those who wait for a turn.
    seats: Arc<Semaphore>,
    /// The hash of no one's password, checked for users that do not exist so that they cost the same.
    decoy: OnceLock<String>,
}

impl Passwords {
    /// For hashes of this cost.
    pub fn new(cost: Cost) -> Result<Self> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
            .map_err(|cause| Error::internal(format!("the cost of a password hash: {cause}")))?;
        let cores = available_parallelism().map_or(1, usize::from);
        let threads = ThreadPoolBuilder::new().num_threads(cores).thread_name(|at| format!("passwords-{at}"));
        // The caller hears of a panic by the answer that does not come.
        let threads = threads.panic_handler(drop).build().map_err(Error::internal)?;
        Ok(Self {
            shared: Arc::new(Shared {
                argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
                turns: Arc::new(Semaphore::new(cores)),
                threads,
                seats: Arc::new(Semaphore::new(cores + WAITING)),
                decoy: OnceLock::new(),
            }),
        })
    }

    /// The hash of an acceptable password of the user of that name, in PHC form. `Invalid` if it is too short, too long or
    /// too easily guessed.
    pub async fn hash(&self, password: &Secret, name: &str) -> Result<Secret> {
        let password = acceptable(password, name)?;
        self.in_turn(move |shared| shared.hash(&password).map(Secret::new)).await
    }

    /// A new hash of a password that was found right, whatever is asked of new ones.
    pub(super) async fn hash_again(&self, password: &Secret) -> Result<Secret> {
        let password = normal(password);
        self.in_turn(move |shared| shared.hash(&password).map(Secret::new)).await
    }

    /// Whether `password` is the one of `hash`. Without a hash the answer is `Wrong`, after the same work.
    pub async fn verify(&self, password: &Secret, hash: Option<&Secret>) -> Result<Verdict> {
        let (password, hash) = (normal(password), hash.cloned());
        self.in_turn(move |shared| {
            if let Some(hash) = hash {
                return shared.verify(&password, hash.reveal());
            }
            shared.verify(&password, shared.decoy()?).map(|_| Verdict::Wrong)
        })
        .await
    }

    /// Lets nobody have a turn any more.
    #[cfg(test)]
    pub(super) fn shut(&self) {
        self.shared.turns.close();
    }

    /// Runs a piece of hard work on a thread for it when its turn comes. The turn lasts as long as the work, also
    /// when the caller has gone away meanwhile.
    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce(&Shared) -> Result<T> + Send + 'static) -> Result<T> {
        let seat = Arc::clone(&self.shared.seats).try_acquire_owned().map_err(|_| {
            let sentence = "too many sign in at this moment; try again in a few seconds";
            Error::RateLimited(sentence.to_owned(), Duration::from_secs(2))
        })?;
        let turn = Arc::clone(&self.shared.turns).acquire_owned().await.map_err(Error::internal)?;
        let shared = Arc::clone(&self.shared);
        let (done, result) = oneshot::channel();
        self.shared.threads.spawn(move || {
            let result = work(&shared);
            drop((turn, seat));
            // Where the caller has gone away, nobody wants it.
            drop(done.send(result));
        });
        result.await.map_err(Error::internal)?
    }
}

impl Shared {
    fn hash(&self, password: &str) -> Result<String> {
        let hash = self.argon2.hash_password(password.as_bytes()).map_err(failed)?;
        Ok(hash.to_string())
    }

    fn verify(&self, password: &str, hash: &str) -> Result<Verdict> {
        let hash = PasswordHash::new(hash).map_err(failed)?;
        match self.argon2.verify_password(password.as_bytes(), &hash) {
            Ok(()) if self.made(&hash)? => Ok(Verdict::Right),
            Ok(()) => Ok(Verdict::RightButOutdated),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
            Err(cause) => Err(failed(cause)),
        }
    }

    /// Whether a hash of this cost, algorithm and version is what would be made today.
    fn made(&self, hash: &PasswordHash) -> Result<bool> {
        let params = Params::try_from(hash).map_err(failed)?;
        let today = self.argon2.params();
        let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        Ok(hash.algorithm == Algorithm::Argon2id.ident()
            && hash.version == Some(Version::V0x13.into())
            && costs(&params) == costs(today))
    }

    fn decoy(&self) -> Result<&str> {
        if self.decoy.get().is_none() {
            let hash = self.hash(super::random::secret::<16>()?.reveal())?;
            // Another thread may have been first; either hash will do.
            let _ = self.decoy.set(hash);
        }
        self.decoy.get().map(String::as_str).ok_or_else(|| Error::internal("the decoy hash is missing"))
    }
}

/// The password as it is hashed: in normal form C, so that two keyboards that compose differently agree (RFC 8265).
/// One that is too long to be anyone's is cut where it is still too long, so that megabytes cost nothing.
fn normal(password: &Secret) -> String {
    password.reveal().nfc().take(MAX_PASSWORD + 1).collect()
}

fn acceptable(password: &Secret, name: &str) -> Result<String> {
    let password = normal(password);
    let bare = fold_case(password.trim());
    match password.chars().count() {
        ..MIN_PASSWORD => Err(Error::invalid(format!("the password is shorter than {MIN_PASSWORD} characters"))),
        MIN_PASSWORD..=MAX_PASSWORD if is_common(&password) => {
            Err(Error::invalid("the password is one of the most common ones, which are tried first"))
        }
        MIN_PASSWORD..=MAX_PASSWORD if bare == fold_case(name.trim()) => {
            Err(Error::invalid("the password is the user's name, which is tried first"))
        }
        MIN_PASSWORD..=MAX_PASSWORD if bare.chars().all(|one| bare.starts_with(one)) => {
            Err(Error::invalid("the password is one character over and over, or blank"))
        }
        MIN_PASSWORD..=MAX_PASSWORD => Ok(password),
        _ => Err(Error::invalid(format!("the password is longer than {MAX_PASSWORD} characters"))),
    }
}

fn failed(cause: impl std::fmt::Display) -> Error {
    Error::internal(format!("hashing a password: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Passwords {
        Passwords::new(Cost::LEAST).unwrap()
    }

    #[tokio::test]
    async fn the_right_password_is_right_and_any_other_wrong() {
        let passwords = cheap();
        let hash = passwords.hash(&Secret::new("correct horse"), "ann").await.unwrap();
        let verdict = async |text: &str| passwords.verify(&Secret::new(text), Some(&hash)).await.unwrap();
        assert_eq!(verdict("correct horse").await, Verdict::Right);
        for wrong in ["correct horsE", "correct horse ", "", "correct"] {
            assert_eq!(verdict(wrong).await, Verdict::Wrong, "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_at_the_cost_that_owasp_asks() {
        let passwords = Passwords::new(Cost::OWASP).unwrap();
        let hash = passwords.hash(&Secret::new("correct horse"), "ann").await.unwrap();
        assert!(hash.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.reveal());
    }

    #[tokio::test]
    async fn one_password_has_another_hash_each_time() {
        let (passwords, password) = (cheap(), Secret::new("correct horse"));
        assert_ne!(passwords.hash(&password, "ann").await.unwrap(), passwords.hash(&password, "ann").await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_right_but_outdated() {
        let password = Secret::new("correct horse");
        let old = cheap().hash(&password, "ann").await.unwrap();
        let dearer = Passwords::new(Cost { passes: 2, ..Cost::LEAST }).unwrap();
        assert_eq!(dearer.verify(&password, Some(&old)).await.unwrap(), Verdict::RightButOutdated);
        assert_eq!(dearer.verify(&Secret::new("wrong"), Some(&old)).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_password_has_8_to_1000_characters() {
        let passwords = cheap();
        for (text, good) in [("1 3 5 7", false), ("1 3 5 7 ", true), ("éèéè", false), ("éèéèéèéè", true)] {
            assert_eq!(passwords.hash(&Secret::new(text), "ann").await.is_ok(), good, "{text}");
        }
        let error = passwords.hash(&Secret::new("x".repeat(1_001)), "ann").await.unwrap_err();
        assert_eq!(error.to_string(), "the password is longer than 1000 characters");
    }

    #[tokio::test]
    async fn a_common_password_is_refused_where_it_is_set_and_not_where_it_is_checked() {
        let passwords = cheap();
        let error = passwords.hash(&Secret::new("Password1"), "ann").await.unwrap_err();
        assert_eq!(error.to_string(), "the password is one of the most common ones, which are tried first");
        let of_old = passwords.hash_again(&Secret::new("Password1")).await.unwrap();
        let verdict = passwords.verify(&Secret::new("Password1"), Some(&of_old)).await.unwrap();
        assert_eq!(verdict, Verdict::Right, "who has one already gets in, to change it");
    }

    #[tokio::test]
    async fn the_user_s_name_one_character_and_blanks_are_no_passwords() {
        let passwords = cheap();
        for (text, good) in [
            ("Marianne Müller", false),
            (" MARIANNE MU\u{308}LLER ", false),
            ("Marianne Müller 7", true),
            ("aaaaaaaaaa", false),
            ("ßßßßßßßß", false),
            ("aaaaaaaaab", true),
            ("\u{a0} \t      ", false),
        ] {
            assert_eq!(passwords.hash(&Secret::new(text), "marianne müller").await.is_ok(), good, "{text}");
        }
    }

    #[tokio::test]
    async fn whoever_comes_when_too_many_wait_is_told_to_come_again() {
        let passwords = cheap();
        let all = passwords.shared.seats.available_permits();
        let seats = Arc::clone(&passwords.shared.seats).try_acquire_many_owned(u32::try_from(all).unwrap()).unwrap();
        assert_eq!(passwords.verify(&Secret::new("x"), None).await.unwrap_err().code(), "RATE_LIMITED");
        drop(seats);
        assert!(passwords.verify(&Secret::new("x"), None).await.is_ok());
        assert_eq!(passwords.shared.seats.available_permits(), all, "and seats are given back");
    }

    #[tokio::test]
    async fn a_password_is_the_same_in_either_normal_form() {
        let passwords = cheap();
        let hash = passwords.hash(&Secret::new("caf\u{e9} au lait"), "ann").await.unwrap();
        let decomposed = Secret::new("cafe\u{301} au lait");
        assert_eq!(passwords.verify(&decomposed, Some(&hash)).await.unwrap(), Verdict::Right);
    }

    /// The decoy is checked like any hash: with as much memory and as many passes.
    #[tokio::test]
    async fn a_check_without_a_hash_is_wrong_after_the_same_work() {
        let passwords = cheap();
        assert_eq!(passwords.verify(&Secret::new("correct horse"), None).await.unwrap(), Verdict::Wrong);
        let decoy = PasswordHash::new(passwords.shared.decoy().unwrap()).unwrap();
        assert!(passwords.shared.made(&decoy).unwrap());
    }

    #[tokio::test]
    async fn as_many_hashes_run_at_once_as_there_are_cores() {
        let passwords = cheap();
        let cores = available_parallelism().map_or(1, usize::from);
        let left = passwords.in_turn(|shared| Ok(shared.turns.available_permits())).await.unwrap();
        assert_eq!(left, cores - 1, "one of the turns is taken while the work runs");
        assert_eq!(passwords.shared.turns.available_permits(), cores, "and given back after it");
    }
}
