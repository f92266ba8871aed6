//! The binary: one command a run.

fn main() -> std::process::ExitCode {
    energy_parks::cli::main()
}
