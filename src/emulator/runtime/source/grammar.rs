//! Where a source breaks the grammar of Apex, in the words and at the place of the platform's
//! parser. The syntax tree mends what it does not understand and says little of it; this reads the
//! tokens once from the left, as that parser does, and stops at the first that fits nowhere.

mod expressions;
mod members;
mod queries;
mod statements;
mod tokens;

pub use tokens::is_keyword;
use tokens::{Kind, Token};

/// A byte of the source, and the text.
pub type Problem = (usize, String);

/// What is wrong with a source.
pub struct Problems {
    /// The first token that fits nowhere.
    pub grammar: Option<Problem>,
    /// The first thing that is refused for another reason, as far as the grammar goes.
    pub refused: Option<Problem>,
    /// The bytes of parentheses around what is assigned to, which the syntax tree does not know.
    pub loose: Vec<usize>,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// One class, interface, enum or trigger.
    File,
    /// Statements and declarations.
    Anonymous,
}

/// Reads a source.
pub fn problems(source: &str, whole: Whole) -> Problems {
    let mut parser = Parser {
        tokens: tokens::read(source),
        at: 0,
        depth: 0,
        is_too_deep: false,
        chain_at: None,
        branches: 0,
        after_expression: Vec::new(),
        refused: None,
        loose: Vec::new(),
    };
    let grammar = match whole {
        Whole::File => parser.file(),
        Whole::Anonymous => parser.anonymous(),
    };
    let grammar = grammar.err().filter(|_| !parser.is_too_deep);
    Problems {
        grammar,
        refused: parser.refused,
        loose: parser.loose,
    }
}

/// Deeper than anyone writes; what is deeper is not judged here.
const DEEPEST: usize = 800;

/// What may follow a bind in a query.
const BEHIND_BINDS: [&str; 15] = [
    "and", "asc", "desc", "for", "from", "group", "having", "in", "limit", "not", "nulls", "or",
    "update", "using", "where",
];

type Step = Result<(), Problem>;

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    depth: usize,
    is_too_deep: bool,
    /// Where a constructor may call another: the first token of its body.
    chain_at: Option<usize>,
    /// How many `if` are being read, whose `else` may follow.
    branches: usize,
    /// What may follow the expressions that are being read, the innermost last.
    after_expression: Vec<&'static [&'static str]>,
    refused: Option<Problem>,
    loose: Vec<usize>,
}

impl<'a> Parser<'a> {
    // The token that is `ahead` of the next one.
    fn peek(&self, ahead: usize) -> &Token<'a> {
        self.token(self.at + ahead)
    }

    fn token(&self, index: usize) -> &Token<'a> {
        // There is always one for the end.
        let last = self.tokens.len() - 1;
        &self.tokens[index.min(last)]
    }

    fn is(&self, text: &str) -> bool {
        self.is_at(0, text)
    }

    fn is_at(&self, ahead: usize, text: &str) -> bool {
        let token = self.peek(ahead);
        token.lower == text && !matches!(token.kind, Kind::Text | Kind::End)
    }

    fn is_text(&self, index: usize, texts: &[&str]) -> bool {
        let token = self.token(index);
        let is_code = !matches!(token.kind, Kind::Text | Kind::End);
        is_code && texts.contains(&token.lower.as_str())
    }

    fn is_any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }

    fn is_name(&self, ahead: usize) -> bool {
        self.peek(ahead).kind == Kind::Name
    }

    fn next(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    // Takes the next token if it is this one.
    fn take(&mut self, text: &str) -> bool {
        let found = self.is(text);
        if found {
            self.next();
        }
        found
    }

    // The next token must be this one. `follows` says whether one could be what comes after it: then
    // it was forgotten.
    fn expect(&mut self, wanted: &str, follows: impl Fn(&Self) -> bool) -> Step {
        let ended = wanted == "<EOF>" && self.peek(0).kind == Kind::End;
        if ended || self.take(wanted) {
            return Ok(());
        }
        let token = self.peek(0);
        if let Kind::Illegal(text) = &token.kind {
            return Err((token.start, text.clone()));
        }
        let found = self.shown(self.at);
        let ends = wanted == "<EOF>" && self.token(self.behind(self.at)).kind == Kind::End;
        // Words are named as the platform's parser names them.
        let wanted = wanted.to_uppercase();
        let text = if ends || self.is_text(self.behind(self.at), &[&wanted.to_lowercase()]) {
            format!("Extra '{wanted}', at '{found}'.")
        } else if follows(self) {
            format!("Missing '{wanted}' at '{found}'")
        } else {
            format!("Expecting '{wanted}' but was: '{found}'")
        };
        Err((token.start, text))
    }

    // Names with dots between them are one token for the platform's parser.
    fn behind(&self, index: usize) -> usize {
        let mut end = index + 1;
        if self.token(index).kind == Kind::Name {
            while self.is_text(end, &["."]) && self.token(end + 1).kind == Kind::Name {
                end += 2;
            }
        }
        end
    }

    fn shown(&self, index: usize) -> String {
        let token = self.token(index);
        if token.kind == Kind::Text {
            return token.text.trim_matches('\'').to_owned();
        }
        let parts = index..self.behind(index);
        parts.map(|part| self.token(part).text).collect()
    }

    // Behind an operand of an expression: a word that begins something else fits nowhere, unless a
    // query could go on with it.
    fn expect_behind(&mut self, wanted: &str, follows: impl Fn(&Self) -> bool) -> Step {
        let is_word = self.peek(0).kind == Kind::Keyword;
        if is_word && !self.is_any(&BEHIND_BINDS) {
            return Err(self.unexpected(0));
        }
        self.expect(wanted, follows)
    }

    fn name(&mut self) -> Step {
        if self.is_name(0) {
            self.next();
            return Ok(());
        }
        Err(self.unexpected(0))
    }

    fn unexpected(&self, ahead: usize) -> Problem {
        let token = self.peek(ahead);
        match &token.kind {
            Kind::Illegal(text) => (token.start, text.clone()),
            _ => {
                let shown = self.shown(self.at + ahead);
                (token.start, format!("Unexpected token '{shown}'."))
            }
        }
    }

    // Reads what may contain itself.
    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Step) -> Step {
        if self.depth == DEEPEST {
            self.is_too_deep = true;
            return Err(self.unexpected(0));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    // Refused for another reason than grammar.
    fn refuse(&mut self, start: usize, text: &str) {
        if self.refused.is_none() {
            self.refused = Some((start, text.to_owned()));
        }
    }
}
