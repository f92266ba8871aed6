//! The files of a folder.

use std::path::{Path, PathBuf};

/// The files of a folder that hold a park's readings, by name: `<park>.csv` or `<park>.csv.gz`. `parks.csv` is none of
/// them, where it stands beside others.
pub(super) fn of_folder(folder: &Path) -> Result<Vec<(PathBuf, Option<String>)>, String> {
    let unreadable = |cause: std::io::Error| format!("{} cannot be read: {cause}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let park = park(name).map(str::to_owned);
        if let Some(park) = park.filter(|_| path.is_file()) {
            files.push((path, Some(park)));
        }
    }
    if files.len() > 1 {
        files.retain(|(_, park)| park.as_deref() != Some("parks"));
    }
    if files.is_empty() {
        return Err(format!("{} holds no <park>.csv", folder.display()));
    }
    files.sort();
    Ok(files)
}

fn park(file: &str) -> Option<&str> {
    let lower = file.to_ascii_lowercase();
    let end = [".csv", ".csv.gz"].into_iter().find(|end| lower.ends_with(end))?;
    file.get(..file.len() - end.len()).filter(|park| !park.is_empty() && !park.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::{of_folder, park};

    #[test]
    fn a_files_name_is_its_parks() {
        let found = ["te uku.csv", "Te.Uku.CSV.gz", "README.md", ".csv", ".hidden.csv", "x.csv.zip"].map(park);
        assert_eq!(found, [Some("te uku"), Some("Te.Uku"), None, None, None, None]);
    }

    #[test]
    fn a_folders_files_come_in_order_without_the_list_of_parks() -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.csv.gz", "parks.csv", "README.md"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("c.csv")).unwrap();
        let parks: Vec<_> = of_folder(folder.path())?.into_iter().filter_map(|(_, park)| park).collect();
        assert_eq!(parks, ["a", "b"]);
        Ok(())
    }

    #[test]
    fn a_folder_without_files_is_a_wrong_call() {
        assert!(of_folder(tempfile::tempdir().unwrap().path()).is_err());
    }
}
