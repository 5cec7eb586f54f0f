use std::fs;

use proptest::prelude::*;
use tera::{Context, Value};

use super::*;
use crate::apex;

/// Renders one text as a template of that path, with `value` and an unescaped `name`.
fn render(path: &str, text: &str, value: &str) -> Result<String, Error> {
    let template = Template::parse(path, &format!("{{# version: 1 #}}\n{text}"))?;
    let catalog = Catalog {
        templates: BTreeMap::from([(path.to_owned(), template.clone())]).into(),
        manifests: Arc::default(),
        overrides: Vec::new(),
        compiled: Arc::default(),
    };
    let mut values = Context::new();
    values.insert("reply_to", value);
    values.insert_value("names", Value::safe_string("OpenCxJob"));
    Engines::new(&catalog)?.render(&template, &values)
}

/// A catalogue over a folder with these files.
fn overriding(files: &[(&str, &str)]) -> Result<Catalog, Error> {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = dir.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    Catalog::with_overrides(dir.path())
}

#[test]
fn every_shipped_file_is_a_template() {
    fn count(dir: &Dir) -> usize {
        dir.files().count() + dir.dirs().map(count).sum::<usize>()
    }
    let catalog = Catalog::embedded();
    assert_eq!(catalog.templates.len(), count(&TEMPLATES));
    assert_eq!(catalog.manifests.len(), count(&MANIFESTS));
    Engines::new(&catalog).unwrap();
}

#[test]
fn no_shipped_template_switches_escaping_off() {
    for template in Catalog::embedded().templates() {
        assert!(!template.text.contains("safe"), "{}", template.path);
    }
}

#[test]
fn a_value_is_what_its_language_makes_of_it() {
    for (path, text, rendered) in [
        ("classes/A.cls", "{{ reply_to }}", "'o\\'b <&>'\n"),
        (
            "classes/A.cls",
            "// {{ reply_to | comment }}",
            "// o'b <&>\n",
        ),
        (
            "classes/A.cls",
            "class {{ names }} {}",
            "class OpenCxJob {}\n",
        ),
        ("triggers/A.trigger", "\n\na\r\n\n", "a\n"),
        (
            "permissionsets/A.permissionset",
            "<a>{{ reply_to }}</a>",
            "<a>o&apos;b &lt;&amp;&gt;</a>\n",
        ),
    ] {
        assert_eq!(render(path, text, "o'b <&>").unwrap(), rendered, "{path}");
    }
}

#[test]
fn an_unknown_variable_is_an_error_with_its_place() {
    let error = render("classes/A.cls", "class A {}\n  {{ reply_too }}", "").unwrap_err();
    let finding = error.to_diagnostic();
    assert_eq!(finding.code, crate::diag::Code("template/render"));
    let help = format!("a template may use {}", VARIABLES.join(", "));
    assert_eq!(finding.help, Some(help));
    let Some(crate::diag::Place::File(snippet)) = finding.place else {
        panic!("{:?}", finding.place);
    };
    assert_eq!((snippet.line, snippet.column), (3, 6));
    assert_eq!(snippet.text, "  {{ reply_too }}");
    assert_eq!(snippet.label, "Variable `reply_too` is not defined.");
}

#[test]
fn a_syntax_error_has_its_place() {
    let error = render("classes/A.cls", "class A {}\n{% if %}", "").unwrap_err();
    let Error::Engine {
        template,
        line,
        text,
        ..
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(template, "classes/A.cls");
    assert_eq!(line, Some(3));
    assert_eq!(text, "{% if %}");
}

#[test]
fn a_template_needs_its_version() {
    for text in ["", "class A {}", "{# version: x #}\n", "\n{# version: 1 #}"] {
        let error = Template::parse("classes/A.cls", text).unwrap_err();
        assert!(matches!(error, Error::NoVersion { .. }), "{text}");
    }
    let template = Template::parse("classes/A.cls", "\u{feff}{# version: 12 #}\r\na\r\n").unwrap();
    assert_eq!(template.version, 12);
    assert_eq!(template.text, "{# version: 12 #}\na\n");
}

#[test]
fn an_override_replaces_and_says_when_it_is_old() {
    let catalog = overriding(&[
        ("classes/OpenCxLog.cls", "{# version: 0 #}\nclass Mine {}\n"),
        (".git/config", "not a template"),
        ("triggers/.DS_Store", "not a template"),
    ])
    .unwrap();
    let template = catalog.template("classes/OpenCxLog.cls").unwrap();
    assert_eq!(template.text, "{# version: 0 #}\nclass Mine {}\n");
    let [replaced] = catalog.overrides() else {
        panic!("{:?}", catalog.overrides());
    };
    assert_eq!(replaced.path, "classes/OpenCxLog.cls");
    assert!(replaced.is_older());
    assert!(Catalog::embedded().overrides().is_empty());
}

#[test]
fn a_file_that_replaces_nothing_is_an_error() {
    for (path, help) in [
        (
            "classes/OpenCxLogg.cls",
            "did you mean `classes/OpenCxLog.cls`?",
        ),
        (
            "readme.md",
            "name the file as the shipped template is named, for example `classes/OpenCxWebhook.cls`",
        ),
    ] {
        let error = overriding(&[(path, "{# version: 1 #}\n")]).unwrap_err();
        assert!(matches!(error, Error::UnknownTemplate { .. }), "{error}");
        assert_eq!(error.to_diagnostic().help.as_deref(), Some(help));
    }
}

/// Whatever a template of a customer says, it is given its values and nothing of the machine.
#[test]
fn a_template_reads_no_file_and_no_environment() {
    for text in [
        r#"{% include "/etc/passwd" %}"#,
        r#"{% include "../../../../etc/passwd" %}"#,
        r#"{% extends "/etc/passwd" %}"#,
        r#"{% import "/etc/passwd" as secrets %}"#,
        r#"{{ get_env(name="HOME") }}"#,
        r#"{{ __tera_context }}"#,
    ] {
        let text = format!("{{# version: 1 #}}\n{text}\n");
        if let Ok(rendered) = render("classes/A.cls", &text, "v") {
            assert!(!rendered.contains("root:"), "{text}: {rendered}");
            assert!(!rendered.contains('/'), "{text}: {rendered}");
        }
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let error = Catalog::with_overrides(&dir.path().join("none")).unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
}

#[test]
fn a_file_that_is_no_text_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("classes")).unwrap();
    fs::write(dir.path().join("classes/OpenCxLog.cls"), [0xff, 0xfe]).unwrap();
    let error = Catalog::with_overrides(dir.path()).unwrap_err();
    assert!(matches!(error, Error::NotText { .. }), "{error}");
}

proptest! {
    #[test]
    fn a_literal_holds_any_value(value in "[^\0]*") {
        let rendered = render("classes/A.cls", "{{ reply_to }}", &value).unwrap();
        let literal = rendered.strip_suffix('\n').unwrap();
        prop_assert_eq!(apex::parse_string_literal(literal), Some(value));
    }

    #[test]
    fn a_comment_holds_any_value(value in any::<String>()) {
        let rendered = render("classes/A.cls", "/* {{ reply_to | comment }} */", &value).unwrap();
        prop_assert_eq!(rendered.matches("*/").count(), 1);
        prop_assert_eq!(rendered.lines().count(), 1);
    }

    #[test]
    fn xml_text_holds_any_value(value in "\\PC*") {
        let text = "<a>{{ reply_to }}</a>";
        let rendered = render("permissionsets/A.permissionset", text, &value).unwrap();
        let root = crate::xml::parse(&rendered).unwrap();
        prop_assert!(root.children.is_empty());
        prop_assert_eq!(root.text, value);
    }

    #[test]
    fn nothing_that_is_no_template_panics(text in any::<String>()) {
        let _ = render("classes/A.cls", &text, "");
    }
}

#[test]
fn copies_share_what_is_compiled_until_a_template_is_replaced() {
    let catalog = Catalog::embedded();
    Engines::new(&catalog).unwrap();
    let copy = catalog.clone();
    assert!(copy.compiled.get().is_some());
    let mut template = copy.template("classes/OpenCxLog.cls").unwrap().clone();
    template.text.push_str("{{ ");
    let broken = copy.replacing(template);
    assert!(broken.compiled.get().is_none());
    assert!(Engines::new(&broken).is_err());
    assert!(Engines::new(&catalog).is_ok());
}
