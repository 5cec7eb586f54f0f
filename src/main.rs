//! The `opencx-sf` binary: nothing but the way into the library.

fn main() -> std::process::ExitCode {
    opencx_sf::cli::main()
}
