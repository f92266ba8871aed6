//! Makes room for the pages, so that a build without them compiles: the server then says that it has none.

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=web/dist");
    std::fs::create_dir_all("web/dist")
}
