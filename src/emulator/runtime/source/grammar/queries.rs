//! Queries in brackets.

use super::tokens::Kind;
use super::{Parser, Step};

impl Parser<'_> {
    // What follows the opening bracket.
    pub(super) fn query(&mut self) -> Step {
        if self.is("find") {
            // The rest is words that only a search knows.
            while !self.is("]") && self.peek(0).kind != Kind::End {
                self.next();
            }
            return Ok(());
        }
        if !self.is("select") {
            return Err(self.unexpected(0));
        }
        self.select()
    }

    fn select(&mut self) -> Step {
        self.next();
        loop {
            self.selected()?;
            if !self.take(",") {
                break;
            }
        }
        self.expect("from", |_| false)?;
        self.from()?;
        self.clauses()
    }

    fn selected(&mut self) -> Step {
        if self.is("(") {
            self.next();
            if !self.is("select") {
                return Err(self.unexpected(0));
            }
            self.nested(Self::select)?;
            return self.expect(")", |_| true);
        }
        if self.is("typeof") && !self.is_at(1, ",") && !self.is_at(1, "from") {
            return self.type_of();
        }
        self.field()?;
        // An alias.
        if self.is_name(0) {
            self.next();
        }
        Ok(())
    }

    fn type_of(&mut self) -> Step {
        self.next();
        self.path()?;
        while self.take("when") {
            self.name()?;
            self.expect("then", |parser| parser.is_name(0))?;
            self.paths()?;
        }
        if self.take("else") {
            self.paths()?;
        }
        self.expect("end", |_| false)
    }

    fn paths(&mut self) -> Step {
        self.path()?;
        while self.take(",") {
            self.path()?;
        }
        Ok(())
    }

    // `Contact.Name`
    fn path(&mut self) -> Step {
        self.name()?;
        while self.take(".") {
            self.name()?;
        }
        Ok(())
    }

    // `Name`, `COUNT(Id)`, `CALENDAR_YEAR(convertTimezone(CreatedDate))`
    fn field(&mut self) -> Step {
        self.nested(|parser| {
            parser.path()?;
            if parser.take("(") {
                if !parser.is(")") {
                    loop {
                        if matches!(parser.peek(0).kind, Kind::Number | Kind::Text) {
                            parser.next();
                        } else if parser.is("-") && parser.peek(1).kind == Kind::Number {
                            parser.next();
                            parser.next();
                        } else if parser.take(":") {
                            parser.expression(&[",", ")"])?;
                        } else {
                            parser.field()?;
                        }
                        if !parser.take(",") {
                            break;
                        }
                    }
                }
                return parser.expect(")", |_| false);
            }
            Ok(())
        })
    }

    fn from(&mut self) -> Step {
        loop {
            self.path()?;
            self.take("as");
            let is_clause = self.is_any(&["with", "group", "order", "offset", "update", "all"]);
            if self.is_name(0) && !is_clause {
                self.next();
            }
            if !self.take(",") {
                break;
            }
        }
        Ok(())
    }

    fn clauses(&mut self) -> Step {
        if self.take("using") {
            self.expect("scope", |_| false)?;
            self.name()?;
        }
        if self.take("where") {
            self.conditions()?;
        }
        while self.take("with") {
            if self.is("data") {
                while !self.is("]") && !self.is_clause() && self.peek(0).kind != Kind::End {
                    self.next();
                }
            } else {
                self.name()?;
                if self.is("=") {
                    self.next();
                    self.value()?;
                }
            }
        }
        if self.take("group") {
            self.expect("by", |_| false)?;
            self.fields()?;
            if self.take("having") {
                self.conditions()?;
            }
        }
        if self.take("order") {
            self.expect("by", |_| false)?;
            loop {
                self.field()?;
                if self.is_any(&["asc", "desc"]) {
                    self.next();
                }
                if self.take("nulls") {
                    if !self.is_any(&["first", "last"]) {
                        return Err(self.unexpected(0));
                    }
                    self.next();
                }
                if !self.take(",") {
                    break;
                }
            }
        }
        for word in ["limit", "offset"] {
            if self.take(word) {
                self.count()?;
            }
        }
        while self.is("for") {
            self.next();
            if !self.is_any(&["view", "reference", "update"]) {
                return Err(self.unexpected(0));
            }
            self.next();
        }
        if self.take("all") {
            self.expect("rows", |_| false)?;
        }
        Ok(())
    }

    fn is_clause(&self) -> bool {
        self.is_any(&["group", "order", "limit", "offset", "for", "all"])
    }

    fn fields(&mut self) -> Step {
        self.field()?;
        while self.take(",") {
            self.field()?;
        }
        Ok(())
    }

    fn count(&mut self) -> Step {
        if self.take(":") {
            return self.bind();
        }
        if self.peek(0).kind == Kind::Number {
            self.next();
            return Ok(());
        }
        Err(self.unexpected(0))
    }

    fn conditions(&mut self) -> Step {
        self.nested(|parser| {
            parser.condition_of_query()?;
            while parser.is_any(&["and", "or"]) {
                parser.next();
                parser.condition_of_query()?;
            }
            Ok(())
        })
    }

    fn condition_of_query(&mut self) -> Step {
        while self.take("not") {}
        if self.take("(") {
            self.conditions()?;
            return self.expect(")", |parser| {
                parser.is_clause() || parser.is_any(&["]", ")", "and", "or", "with"])
            });
        }
        self.field()?;
        if self.is_any(&["in", "includes", "excludes"]) {
            self.next();
            return self.set();
        }
        if self.is("not") && self.is_at(1, "in") {
            self.next();
            self.next();
            return self.set();
        }
        if self.is_any(&["=", "!=", "<>", "<", ">", "<=", ">=", "like"]) {
            self.next();
            return self.value();
        }
        Err(self.unexpected(0))
    }

    fn set(&mut self) -> Step {
        if self.take(":") {
            return self.bind();
        }
        if !self.is("(") {
            return Err(self.unexpected(0));
        }
        self.next();
        if self.is("select") {
            self.nested(Self::select)?;
        } else {
            self.value()?;
            while self.take(",") {
                self.value()?;
            }
        }
        self.expect(")", |_| true)
    }

    // An operand of Apex: operators would be those of the query.
    fn bind(&mut self) -> Step {
        self.expression(&[
            "]", ")", ",", "and", "or", "order", "group", "limit", "offset", "for",
        ])
    }

    fn value(&mut self) -> Step {
        if self.take(":") {
            return self.bind();
        }
        if self.is("-") || self.is("+") {
            self.next();
        }
        let is_value = matches!(self.peek(0).kind, Kind::Number | Kind::Text)
            || self.is_any(&["null", "true", "false"]);
        if is_value || self.is_date_word() {
            let counted = !is_value && self.is_at(1, ":");
            self.next();
            if counted {
                self.next();
                self.next();
            }
            return Ok(());
        }
        if self.is_name(0) && self.peek(0).text.len() > 3 {
            // An amount with its currency: `USD500`.
            let text = self.peek(0).text;
            let (code, amount) = text.split_at_checked(3).unwrap_or((text, ""));
            if code.chars().all(char::is_alphabetic) && amount.bytes().all(|b| b.is_ascii_digit()) {
                self.next();
                return Ok(());
            }
        }
        Err(self.unexpected(0))
    }

    // `TODAY`, `LAST_N_DAYS:30`
    fn is_date_word(&self) -> bool {
        let lower = self.peek(0).lower.as_str();
        matches!(lower, "today" | "yesterday" | "tomorrow")
            || lower.starts_with("last_")
            || lower.starts_with("next_")
            || lower.starts_with("this_")
            || lower.starts_with("n_")
    }
}
