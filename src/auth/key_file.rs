//! Where the keys come from: the one that signs from a setting, a file, or made at the first start; those that are
//! accepted beside it from files.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::keys::Keys;
use crate::domain::secret::Secret;
use crate::error::{Error, Result};

/// The settings that say where the key is.
#[derive(Clone, Debug, Default)]
pub struct KeySettings {
    /// `JWT_PRIVATE_KEY`: the PEM itself.
    pub pem: Option<Secret>,
    /// `JWT_PRIVATE_KEY_FILE`: a file with it.
    pub file: Option<PathBuf>,
    /// `JWT_PUBLIC_KEY_FILES`: files with further keys whose tokens are good.
    pub accepted: Vec<PathBuf>,
    /// The embedded database's file, beside which a key is made and kept; `None` with PostgreSQL.
    pub database: Option<PathBuf>,
}

impl Keys {
    /// The key that the settings name; with the embedded database and no setting, the one kept beside it, which is
    /// made if there is none. Then the keys that are accepted: those of the settings, and those laid aside beside the
    /// embedded database (`energy-parks.jwt.ANYTHING.pem`). `Invalid` with a sentence that names the setting.
    pub fn load_or_create(settings: &KeySettings, issuer: &str) -> Result<Self> {
        let mut keys = Self::signing(settings, issuer)?;
        let named_by_setting = settings.accepted.iter().filter(|file| !file.as_os_str().is_empty());
        for file in named_by_setting {
            keys.accept_file(file, &format!("JWT_PUBLIC_KEY_FILES, {},", file.display()))?;
        }
        if let Some(database) = &settings.database {
            let aside = laid_aside(database)
                .map_err(|cause| Error::invalid(format!("the keys beside the database cannot be listed: {cause}")))?;
            for file in aside {
                keys.accept_file(&file, &format!("the key {}", file.display()))?;
            }
        }
        Ok(keys)
    }

    fn accept_file(&mut self, file: &Path, setting: &str) -> Result<()> {
        let pem =
            fs::read_to_string(file).map_err(|cause| Error::invalid(format!("{setting} cannot be read: {cause}")))?;
        self.accept_pem(&Secret::new(pem)).map_err(|error| named(setting, &error))
    }

    fn signing(settings: &KeySettings, issuer: &str) -> Result<Self> {
        // Compose files pass settings that are not set as empty ones.
        let pem = settings.pem.as_ref().filter(|pem| !pem.reveal().trim().is_empty());
        let file = settings.file.as_deref().filter(|file| !file.as_os_str().is_empty());
        match (pem, file, &settings.database) {
            (Some(_), Some(_), _) => {
                Err(Error::invalid("JWT_PRIVATE_KEY and JWT_PRIVATE_KEY_FILE are both set; keep one of them"))
            }
            (Some(pem), None, _) => Self::from_pem(pem, issuer).map_err(|error| named("JWT_PRIVATE_KEY", &error)),
            (None, Some(file), _) => {
                let setting = format!("JWT_PRIVATE_KEY_FILE, {},", file.display());
                let pem = fs::read_to_string(file)
                    .map_err(|cause| Error::invalid(format!("{setting} cannot be read: {cause}")))?;
                Self::from_pem(&Secret::new(pem), issuer).map_err(|error| named(&setting, &error))
            }
            (None, None, Some(database)) => {
                let file = beside(database);
                let pem = read_or_create(&file).map_err(|cause| {
                    Error::invalid(format!("the signing key {} cannot be read or made: {cause}", file.display()))
                })?;
                Self::from_pem(&pem, issuer)
                    .map_err(|error| named(&format!("the signing key {}", file.display()), &error))
            }
            (None, None, None) => Err(Error::invalid(
                "with PostgreSQL the tokens' signing key is required: set JWT_PRIVATE_KEY or JWT_PRIVATE_KEY_FILE to \
                 an Ed25519 or P-256 private key in PEM",
            )),
        }
    }
}

/// The key's file: named after the database's, so that databases in one folder have their own.
fn beside(database: &Path) -> PathBuf {
    database.with_extension("jwt.pem")
}

/// The keys of former times, by name: `parks.jwt.2026-01.pem` beside `parks.jwt.pem`.
fn laid_aside(database: &Path) -> io::Result<Vec<PathBuf>> {
    let current = beside(database);
    let Some(start) = current.file_stem().and_then(|stem| stem.to_str()).map(|stem| format!("{stem}.")) else {
        return Ok(Vec::new());
    };
    let folder = match fs::read_dir(folder_of(database)) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        folder => folder?,
    };
    let mut files = Vec::new();
    for entry in folder {
        let path = entry?.path();
        let is_one = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
            name.strip_prefix(&start).and_then(|rest| rest.strip_suffix(".pem")).is_some_and(|rest| !rest.is_empty())
        });
        if is_one {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn named(setting: &str, error: &Error) -> Error {
    Error::invalid(format!("{setting} {error}"))
}

/// The file's text; if there is no file, a new key's, under the file's name only when it is whole. Of processes that
/// start at once the first one's key stands, and all read that one.
fn read_or_create(file: &Path) -> io::Result<Secret> {
    match fs::read_to_string(file) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
        text => return text.map(Secret::new),
    }
    let folder = folder_of(file);
    fs::create_dir_all(folder)?;
    // Mode 0600 from the start.
    let mut draft = NamedTempFile::new_in(folder)?;
    let pem = Keys::generate_pem().map_err(io::Error::other)?;
    draft.write_all(pem.reveal().as_bytes())?;
    draft.as_file().sync_all()?;
    match draft.persist_noclobber(file) {
        Ok(_) => Ok(pem),
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => {
            fs::read_to_string(file).map(Secret::new)
        }
        Err(refused) => Err(refused.error),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    const ISSUER: &str = "https://parks.example";

    fn refusal(settings: &KeySettings) -> String {
        let error = Keys::load_or_create(settings, ISSUER).unwrap_err();
        assert_eq!(error.code(), "BAD_USER_INPUT");
        error.to_string()
    }

    #[test]
    fn the_embedded_database_gets_a_key_beside_it_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("data/parks.db");
        let settings = KeySettings { database: Some(database), ..KeySettings::default() };
        let first = Keys::load_or_create(&settings, ISSUER).unwrap();
        let again = Keys::load_or_create(&settings, ISSUER).unwrap();
        assert_eq!(first.current.id, again.current.id);
        let file = folder.path().join("data/parks.jwt.pem");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing but the key is left behind");
    }

    #[test]
    fn processes_that_start_at_once_agree_on_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let settings = KeySettings { database: Some(folder.path().join("parks.db")), ..KeySettings::default() };
        let start = Barrier::new(16);
        let ids: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        Keys::load_or_create(&settings, ISSUER).unwrap().current.id
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }

    #[test]
    fn a_key_is_required_with_postgresql() {
        let sentence = refusal(&KeySettings::default());
        assert!(sentence.contains("PostgreSQL") && sentence.contains("JWT_PRIVATE_KEY_FILE"), "{sentence}");
        let empty = KeySettings {
            pem: Some(Secret::new(" ")),
            file: Some(PathBuf::new()),
            accepted: vec![PathBuf::new()],
            database: None,
        };
        assert_eq!(refusal(&empty), sentence, "an empty setting is none");
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let pem = Some(Secret::new("rubbish"));
        let file = Some(PathBuf::from("/nowhere/key.pem"));
        let wrong_pem = refusal(&KeySettings { pem: pem.clone(), ..KeySettings::default() });
        assert!(wrong_pem.starts_with("JWT_PRIVATE_KEY holds no private key"), "{wrong_pem}");
        assert!(!wrong_pem.contains("rubbish"), "{wrong_pem}");
        let wrong_file = refusal(&KeySettings { file: file.clone(), ..KeySettings::default() });
        assert!(wrong_file.starts_with("JWT_PRIVATE_KEY_FILE, /nowhere/key.pem, cannot be read"), "{wrong_file}");
        assert!(refusal(&KeySettings { pem, file, ..KeySettings::default() }).contains("both set"));
    }

    #[test]
    fn a_setting_goes_before_the_key_beside_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let pem = Keys::generate_pem().unwrap();
        let database = Some(folder.path().join("parks.db"));
        let file = folder.path().join("key.pem");
        fs::write(&file, pem.reveal()).unwrap();
        let by_text = KeySettings { pem: Some(pem.clone()), database: database.clone(), ..KeySettings::default() };
        let by_file = KeySettings { file: Some(file), database, ..KeySettings::default() };
        let id = Keys::from_pem(&pem, ISSUER).unwrap().current.id;
        assert_eq!(Keys::load_or_create(&by_text, ISSUER).unwrap().current.id, id);
        assert_eq!(Keys::load_or_create(&by_file, ISSUER).unwrap().current.id, id);
    }

    #[test]
    fn a_broken_key_beside_the_database_is_named_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("parks.jwt.pem");
        fs::write(&file, "cut off").unwrap();
        let settings = KeySettings { database: Some(folder.path().join("parks.db")), ..KeySettings::default() };
        assert!(refusal(&settings).contains("parks.jwt.pem holds no private key"));
        assert_eq!(fs::read_to_string(&file).unwrap(), "cut off");
    }

    #[test]
    fn keys_laid_aside_beside_the_embedded_database_are_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let settings = KeySettings { database: Some(folder.path().join("parks.db")), ..KeySettings::default() };
        let old = Keys::load_or_create(&settings, ISSUER).unwrap().current.id;
        fs::rename(folder.path().join("parks.jwt.pem"), folder.path().join("parks.jwt.2026-01.pem")).unwrap();
        fs::write(folder.path().join("other.jwt.old.pem"), "another database's").unwrap();
        let keys = Keys::load_or_create(&settings, ISSUER).unwrap();
        assert_ne!(keys.current.id, old);
        assert!(keys.of_id(&old).is_some());
        assert_eq!(keys.public_set()["keys"].as_array().unwrap().len(), 2);
        fs::write(folder.path().join("parks.jwt.cut.pem"), "cut off").unwrap();
        assert!(refusal(&settings).contains("parks.jwt.cut.pem holds no key in PEM"));
    }

    #[test]
    fn keys_that_a_setting_names_are_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("old.pem");
        let old = Keys::generate_pem().unwrap();
        fs::write(&file, old.reveal()).unwrap();
        let settings = KeySettings {
            pem: Some(Keys::generate_pem().unwrap()),
            accepted: vec![file.clone()],
            ..KeySettings::default()
        };
        let id = Keys::from_pem(&old, ISSUER).unwrap().current.id;
        assert!(Keys::load_or_create(&settings, ISSUER).unwrap().of_id(&id).is_some());
        fs::remove_file(&file).unwrap();
        let sentence = refusal(&settings);
        let begin = format!("JWT_PUBLIC_KEY_FILES, {}, cannot be read", file.display());
        assert!(sentence.starts_with(&begin), "{sentence}");
    }
}
