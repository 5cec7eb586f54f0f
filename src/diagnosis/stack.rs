//! The stack traces of Apex.

/// One line of a trace.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// `ApexClass` or `ApexTrigger`.
    pub kind: &'static str,
    /// The class or trigger.
    pub name: String,
    /// 1-based.
    pub line: u32,
}

/// The frames, innermost first: `Class.Outer.Inner.method: line 3, column 1`, `Trigger.Name: line 1,
/// column 1`. Other lines are left out.
pub(super) fn frames(trace: &str) -> impl Iterator<Item = Frame> {
    trace.lines().filter_map(frame)
}

fn frame(line: &str) -> Option<Frame> {
    let (place, rest) = line.trim().split_once(": line ")?;
    let number = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    let (kind, name) = match place.split_once('.')? {
        ("Class", name) => ("ApexClass", name.split('.').next()?),
        ("Trigger", name) => ("ApexTrigger", name),
        _ => return None,
    };
    Some(Frame {
        kind,
        name: name.to_owned(),
        line: number.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_classes_and_triggers() {
        let trace = "Class.A.Inner.run: line 12, column 5\nTrigger.T: line 3, column 1\n\
                     AnonymousBlock: line 1, column 1\n(System Code)\nClass.B: line x, column 1";
        let found: Vec<_> = frames(trace)
            .map(|frame| (frame.kind, frame.name, frame.line))
            .collect();
        assert_eq!(
            found,
            [
                ("ApexClass", "A".to_owned(), 12),
                ("ApexTrigger", "T".to_owned(), 3)
            ]
        );
    }
}
