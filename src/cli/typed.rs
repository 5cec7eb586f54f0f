//! Commands in messages, as they have to be typed here: where `--config` named the config and
//! `--target-org` the org, the next command needs them too.

/// The commands that find nothing without the config, and whether they are for one org.
const READ_IT: &[(&str, bool)] = &[
    ("cancel", true),
    ("deploy", true),
    ("doctor", true),
    ("drift", true),
    ("emulator", false),
    ("forwarding-code", true),
    ("lint", false),
    ("login", true),
    ("logout", true),
    ("miaw", false),
    ("orgs", false),
    ("plan", true),
    ("render", false),
    ("report", true),
    ("rollback", true),
    ("simulate", false),
    ("support-bundle", true),
    ("trace", true),
    ("uninstall", true),
    ("verify", true),
];

const PROGRAM: &str = "opencx-sf ";

/// What this run was told, and the next command has to be told too.
#[derive(Debug, Default)]
pub(super) struct Typed {
    config: Option<String>,
    target: Option<String>,
}

impl Typed {
    /// The config was named.
    pub(super) fn config(&mut self, path: &str) {
        let path = match cfg!(windows) {
            true => path.replace('\\', "/"),
            false => path.to_owned(),
        };
        self.config = quoted(&path).map(|path| format!(" --config {path}"));
    }

    /// The org was named.
    pub(super) fn target(&mut self, name: &str) {
        self.target = quoted(name).map(|name| format!(" --target-org {name}"));
    }

    /// The text with these arguments behind each command that needs them and has none.
    pub(super) fn complete(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(PROGRAM) {
            let (before, after) = rest.split_at(start + PROGRAM.len());
            out.push_str(before);
            let is_marked = rest[..start].ends_with('`');
            let end = after
                .find(|char: char| !(char.is_ascii_lowercase() || char == '-'))
                .unwrap_or(after.len());
            let (word, then) = after.split_at(end);
            out.push_str(word);
            rest = then;
            let Some((_, is_for_one)) = READ_IT.iter().find(|(name, _)| *name == word) else {
                continue;
            };
            if let Some(config) = &self.config
                && !then.starts_with(" --config")
            {
                out.push_str(config);
            }
            // Without marks it can't be told where a command ends.
            let arguments = then.split('`').next().unwrap_or_default();
            let names_orgs = [" --target-org", " -o ", " --all", " --configs"];
            if let Some(target) = &self.target
                && *is_for_one
                && is_marked
                && !names_orgs.iter().any(|given| arguments.contains(given))
            {
                out.push_str(target);
            }
        }
        out.push_str(rest);
        out
    }
}

/// In a form that a shell takes; `None` for what can't stand in every text, JSON too, as it is.
fn quoted(text: &str) -> Option<String> {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "_-./:@".contains(char);
    if text.chars().all(is_plain) {
        return Some(text.to_owned());
    }
    let is_harmless = |char: char| !(char.is_control() || "'\"\\`".contains(char));
    text.chars().all(is_harmless).then(|| format!("'{text}'"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::Arguments;

    #[test]
    fn what_is_completed_is_a_command_and_takes_what_it_is_given() {
        let program = Arguments::command();
        for (name, is_for_one) in READ_IT {
            let command = program.find_subcommand(name).expect(name);
            let mut arguments = command.get_arguments();
            let takes_one = arguments.any(|one| one.get_long() == Some("target-org"));
            assert!(takes_one || !is_for_one, "{name}");
        }
    }

    #[test]
    fn a_command_reads_the_file_that_this_one_read() {
        let mut typed = Typed::default();
        typed.config("orgs/acme.yaml");
        let told = "see `opencx-sf report 0Af --target-org a`, or `opencx-sf explain sf/tls`; written by \
                    opencx-sf, as `opencx-sf emulator start` and `opencx-sf deploy`.";
        let complete = "see `opencx-sf report --config orgs/acme.yaml 0Af --target-org a`, or \
                        `opencx-sf explain sf/tls`; written by opencx-sf, as `opencx-sf emulator \
                        --config orgs/acme.yaml start` and `opencx-sf deploy --config orgs/acme.yaml`.";
        assert_eq!(typed.complete(told), complete);
        assert_eq!(typed.complete(complete), complete);
    }

    #[test]
    fn a_command_is_for_the_org_that_this_one_was_for() {
        let mut typed = Typed::default();
        typed.target("acme uat");
        for (told, complete) in [
            (
                "run `opencx-sf deploy`",
                "run `opencx-sf deploy --target-org 'acme uat'`",
            ),
            ("`opencx-sf orgs` lists", "`opencx-sf orgs` lists"),
            ("`opencx-sf plan -o b`", "`opencx-sf plan -o b`"),
            ("`opencx-sf drift --all`", "`opencx-sf drift --all`"),
            (
                "opencx-sf deploy   repairs it",
                "opencx-sf deploy   repairs it",
            ),
        ] {
            assert_eq!(typed.complete(told), complete);
        }
    }

    #[test]
    fn what_a_shell_would_not_take_is_left_out() {
        let mut typed = Typed::default();
        for path in ["it's.yaml", "a\u{1b}.yaml", "a`b`.yaml"] {
            typed.config(path);
            assert_eq!(typed.complete("`opencx-sf orgs`"), "`opencx-sf orgs`");
        }
        typed.config("my orgs.yaml");
        assert_eq!(
            typed.complete("`opencx-sf orgs`"),
            "`opencx-sf orgs --config 'my orgs.yaml'`"
        );
    }
}
