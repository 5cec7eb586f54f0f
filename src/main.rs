//! The `opencx-sf` binary: nothing but the way into the library.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
