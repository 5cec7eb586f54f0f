//! The symptoms of OpenCX's troubleshooting page, and how to recognise one in a user's own words.

use serde::{Serialize, Serializer};

/// Something that a user sees.
#[derive(Debug, PartialEq, Eq)]
pub struct Symptom {
    /// Short, for scripts.
    pub name: &'static str,
    /// As the page has it.
    pub title: &'static str,
    /// Words of users that are not in the title.
    words: &'static str,
    /// The codes of the checks, cheapest and likeliest first.
    pub path: &'static [&'static str],
    /// Where a person has to look, for what is not looked at here.
    pub by_hand: &'static [&'static str],
    /// Where the page and Salesforce differ, or what no API shows.
    pub note: Option<&'static str>,
    /// Where nothing was found: the command that shows more, and what it does.
    pub next: Option<(&'static str, &'static str)>,
}

impl Serialize for Symptom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

/// The symptoms that have a path, in the order of the page.
pub const SYMPTOMS: &[Symptom] = &[
    Symptom {
        name: "oauth-credentials",
        title: "OAuth credentials won't save",
        words: "consumer key secret client id login url external app settings",
        path: &[
            "doctor/credentials",
            "doctor/app",
            "doctor/app-not-in-config",
            "doctor/app-age",
            "doctor/login-url",
            "doctor/app-scopes",
            "doctor/app-policies",
        ],
        by_hand: &[],
        note: None,
        next: None,
    },
    Symptom {
        name: "connect-fails",
        title: "Connect to Salesforce fails",
        words: "connection connecting callback redirect_uri popup pop up blocked pkce oauth error",
        path: &[
            "doctor/app",
            "doctor/callback-url",
            "doctor/app-pkce",
            "doctor/app-policies",
            "doctor/app-scopes",
            "doctor/app-age",
            "doctor/app-not-in-config",
            "doctor/login-url",
            "doctor/connected",
        ],
        by_hand: &["allow pop-ups for platform.open.cx in the browser: no API sees a browser"],
        note: None,
        next: None,
    },
    Symptom {
        name: "no-case",
        title: "Handoff runs but no Case appears in Salesforce",
        words: "missing created nothing announced webhook told new opencx",
        path: &[
            "doctor/case-trigger",
            "doctor/case-handler",
            "doctor/webhook-url",
            "doctor/callouts-enabled",
            "doctor/webhook-access",
            "doctor/webhook-call",
            "doctor/failed-jobs",
            "doctor/cases-not-announced",
        ],
        by_hand: &[],
        note: Some(
            "the page says that an Apex class must be active: classes have no such switch, so whether \
             it is there and ours is what was checked",
        ),
        next: Some((
            "trace --next-case",
            "shows what happens to the next Case, step by step",
        )),
    },
    Symptom {
        name: "never-received",
        title: "AI replies show as sent in OpenCX but the contact never receives the email",
        words: "customer mail not delivered arrives arrive gets get outbound nothing transmitted",
        path: &[
            "doctor/sender-trigger",
            "doctor/attribution",
            "doctor/deliverability",
            "doctor/send-email",
            "doctor/mail-limit",
            "doctor/org-wide-address",
            "doctor/sender-domain",
            "doctor/apex-classes",
            "doctor/send-errors",
            "doctor/failed-jobs",
            "doctor/reply-rows",
        ],
        by_hand: &[],
        note: Some(
            "the page does not know of the domain rule of Spring '26, which gives this very symptom \
             with a healthy trigger",
        ),
        next: Some((
            "trace --next-email",
            "shows what happens to the next reply, step by step",
        )),
    },
    Symptom {
        name: "duplicate-case",
        title: "Customer replies open a duplicate Case instead of threading into the original",
        words: "answer answers second new cases thread token twice every each",
        path: &[
            "doctor/threading-token",
            "doctor/threading-settings",
            "doctor/sender-trigger",
            "doctor/apex-classes",
            "doctor/answers-thread",
            "doctor/tokens-in-mail",
            "doctor/email-to-case",
        ],
        by_hand: &[],
        note: Some(
            "the page looks for ref:!…:ref in the Email Message. Salesforce's present token is \
             thread::…:: (since Spring '23, not Summer '22), and ours is added to the mail that leaves, \
             so the record itself doesn't show it",
        ),
        next: Some((
            "trace --next-email",
            "shows which token the next answer brings, and where it goes",
        )),
    },
    Symptom {
        name: "replies-lost",
        title: "Customer replies never reach Salesforce at all",
        words: "answers answer inbound lost forwarding arrive routing address wrong inbox go personal spf dkim dmarc",
        path: &[
            "doctor/reply-to",
            "doctor/email-to-case",
            "doctor/routing-address",
            "doctor/forwarded-mail",
            "doctor/spf",
            "doctor/dkim-record",
            "doctor/dmarc",
        ],
        by_hand: &[],
        note: Some(
            "an SPF record alone does not make forwarding work: it speaks for mail that Salesforce \
             sends, not for what is forwarded to it. Forwarding itself happens in your mail system, where no API of Salesforce looks: send a \
             mail to the address and look at Setup > Email Logs",
        ),
        next: Some((
            "trace --next-email",
            "waits for the next answer; if none comes, it never reached Salesforce",
        )),
    },
    Symptom {
        name: "mail-limit",
        title: "Hit SINGLE_EMAIL_LIMIT_EXCEEDED in the Debug Log",
        words: "too many mails emails daily day used up quota cap",
        path: &["doctor/mail-limit"],
        by_hand: &[],
        note: Some(
            "the page gives 15 mails a day for Developer Edition; Salesforce documents other numbers \
             for several kinds of org, so what your org itself says is what counts",
        ),
        next: None,
    },
    Symptom {
        name: "gmail-unverified",
        title: "Gmail forwarding stuck at Unverified",
        words: "google outlook forward confirmation code verification",
        path: &[
            "doctor/email-to-case",
            "doctor/forwarding-mail",
            "doctor/routing-address",
        ],
        by_hand: &[],
        note: None,
        next: None,
    },
    Symptom {
        name: "rep-replies",
        title: "Rep replies don't reach the contact",
        words: "agent agents human people comments write",
        path: &[
            "doctor/rep-replies-off",
            "doctor/rep-reply-triggers",
            "doctor/webhook-url",
            "doctor/callouts-enabled",
            "doctor/webhook-access",
            "doctor/webhook-call",
            "doctor/failed-jobs",
        ],
        by_hand: &[],
        note: Some(
            "the page looks at the trigger on Case after insert. It runs when a Case is made and can't \
             see a reply; triggers on Email Message and Case Comment can",
        ),
        next: Some((
            "trace --next-email",
            "shows what happens to the next reply of a rep, step by step",
        )),
    },
    Symptom {
        name: "miaw-settings",
        title: "MIAW settings won't save",
        words: "messaging instance url pem public private rsa",
        path: &[
            "doctor/miaw-not-in-config",
            "doctor/miaw-fields",
            "doctor/miaw-instance-url",
            "doctor/miaw-private-key",
            "doctor/miaw-public-key",
            "doctor/miaw-key-pair",
        ],
        by_hand: &[
            "OpenCX hides the private key after the first save: enter it again with every change",
        ],
        note: None,
        next: None,
    },
    Symptom {
        name: "access-token",
        title: "Handoff fails with access token error",
        words: "jwt auth keyset miaw kid issuer key id rsa",
        path: &[
            "doctor/miaw-not-in-config",
            "doctor/miaw-org-id",
            "doctor/miaw-key-pair",
            "doctor/miaw-key-id",
            "doctor/miaw-keyset",
            "doctor/miaw-issuer",
            "doctor/miaw-token",
            "doctor/miaw-clock",
        ],
        by_hand: &[
            "OpenCX: the Auth Key ID and the private key must be those of the config; no API shows them",
        ],
        note: Some(
            "the page speaks of the deployment's Auth Key settings: Salesforce keeps the key under \
             Enhanced Chat User Verification, in a keyset that the channel names, and takes it only \
             with a certificate in it (x5c)",
        ),
        next: None,
    },
    Symptom {
        name: "no-messages",
        title: "Conversation created but no messages appear",
        words: "live messaging chat miaw deployment omni transcript",
        path: &[
            "doctor/miaw-not-in-config",
            "doctor/miaw-deployment",
            "doctor/miaw-channel",
            "doctor/miaw-session-handler",
            "doctor/miaw-published",
        ],
        by_hand: &[],
        note: None,
        next: None,
    },
    Symptom {
        name: "routing-attributes",
        title: "Routing attributes missing in Salesforce",
        words: "parameters custom flow opencxsessionid chat_consumer_type origin priority chat_language",
        path: &[
            "doctor/miaw-not-in-config",
            "doctor/miaw-flow",
            "doctor/miaw-mappings",
            "doctor/miaw-attributes",
        ],
        by_hand: &[],
        note: None,
        next: None,
    },
];

/// What a text was taken for.
#[derive(Debug, PartialEq, Eq)]
pub enum Match {
    /// This one.
    Is(&'static Symptom),
    /// It could be one of these.
    Unclear(Vec<&'static Symptom>),
    /// None of them.
    Nothing,
}

/// Words that say nothing about which symptom it is.
const EMPTY: &[&str] = &[
    "a", "all", "an", "and", "are", "as", "at", "be", "but", "by", "does", "doesnt", "dont", "for",
    "from", "i", "in", "into", "is", "it", "its", "my", "no", "not", "of", "on", "or", "our",
    "show", "so", "the", "their", "they", "to", "we", "when", "with", "wont",
];

/// The symptom that a user means. Each word counts by how few symptoms have it; typing errors are
/// forgiven.
pub fn recognise(text: &str) -> Match {
    if let Some(named) = SYMPTOMS.iter().find(|symptom| symptom.name == text.trim()) {
        return Match::Is(named);
    }
    let of: Vec<Vec<String>> = SYMPTOMS
        .iter()
        .map(|symptom| {
            words(&format!(
                "{} {} {}",
                symptom.name, symptom.title, symptom.words
            ))
        })
        .collect();
    // A word that is known is no typing error for another: `gmail` is not `email`.
    let has = |words: &[String], word: &String| {
        if of.iter().any(|words| words.contains(word)) {
            words.contains(word)
        } else {
            words.iter().any(|known| is_nearly(known, word))
        }
    };
    let said = words(text);
    let weight = |word: &String| {
        let having = of.iter().filter(|words| has(words, word)).count();
        if having == 0 {
            0.0
        } else {
            1.0 / having as f64
        }
    };
    let score = |words: &[String]| -> f64 {
        let found = said.iter().filter(|word| has(words, word));
        found.map(&weight).sum()
    };
    let mut ranked: Vec<(f64, &Symptom)> = SYMPTOMS
        .iter()
        .zip(&of)
        .map(|(symptom, words)| (score(words), symptom))
        .filter(|(score, _)| *score > 0.0)
        .collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
    match ranked.as_slice() {
        [] => Match::Nothing,
        [(best, symptom), rest @ ..] if rest.first().is_none_or(|next| best - next.0 > 0.2) => {
            // A single common word is no symptom.
            if *best < 0.3 {
                Match::Unclear(vec![symptom])
            } else {
                Match::Is(symptom)
            }
        }
        [(best, _), ..] => Match::Unclear(
            ranked
                .iter()
                .filter(|(score, _)| best - score <= 0.2)
                .map(|(_, symptom)| *symptom)
                .collect(),
        ),
    }
}

fn words(text: &str) -> Vec<String> {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, '\'' | '’'))
        .map(|c| {
            if c.is_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                ' '
            }
        })
        .collect();
    let mut found: Vec<String> = plain
        .split_whitespace()
        .filter(|word| !EMPTY.contains(word))
        .map(singular)
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The plain form of a plural: `cases`, `replies`.
fn singular(word: &str) -> String {
    match (word.strip_suffix("ies"), word.strip_suffix('s')) {
        (Some(stem), _) if word.len() > 4 => format!("{stem}y"),
        (_, Some(stem)) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
        _ => word.to_owned(),
    }
}

fn is_nearly(known: &str, word: &str) -> bool {
    known.len() > 4 && word.len() > 3 && strsim::damerau_levenshtein(known, word) <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_words_lead_to_the_symptom() {
        for (text, name) in [
            ("no case appears", "no-case"),
            ("Handoff runs but no Case appears in Salesforce", "no-case"),
            ("contact never receives", "never-received"),
            ("custmer never recieves the email", "never-received"),
            ("duplicate case", "duplicate-case"),
            ("duplicate cases!", "duplicate-case"),
            ("replies never reach", "replies-lost"),
            ("SINGLE_EMAIL_LIMIT_EXCEEDED", "mail-limit"),
            ("mail-limit", "mail-limit"),
            ("oauth credentials won't save", "oauth-credentials"),
            ("connect fails", "connect-fails"),
            ("gmail unverified", "gmail-unverified"),
            ("rep replies don't reach", "rep-replies"),
            ("miaw settings won't save", "miaw-settings"),
            ("access token error", "access-token"),
            ("no messages appear", "no-messages"),
            ("routing attributes missing", "routing-attributes"),
            // Typing errors, and parts of the words.
            ("oauth credentails wont save", "oauth-credentials"),
            ("conect fails", "connect-fails"),
            ("pop-up blocked", "connect-fails"),
            ("customer didnt get email", "never-received"),
            ("duplicate", "duplicate-case"),
            ("new case for every reply", "duplicate-case"),
            ("reply goes to wrong inbox", "replies-lost"),
            ("SINGLE_EMAIL_LIMIT", "mail-limit"),
            ("gmail", "gmail-unverified"),
            ("gmail stuck", "gmail-unverified"),
            ("agent replies", "rep-replies"),
            ("miaw wont save", "miaw-settings"),
            ("wrong auth key id", "access-token"),
            ("acess tokn eror", "access-token"),
            ("routing atributes", "routing-attributes"),
            ("no mesages", "no-messages"),
        ] {
            match recognise(text) {
                Match::Is(symptom) => assert_eq!(symptom.name, name, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn every_title_and_name_finds_itself() {
        for symptom in SYMPTOMS {
            assert_eq!(recognise(symptom.title), Match::Is(symptom));
            assert_eq!(recognise(symptom.name), Match::Is(symptom));
        }
    }

    #[test]
    fn what_says_nothing_is_nothing() {
        assert_eq!(recognise("the weather is nice"), Match::Nothing);
        assert_eq!(recognise(""), Match::Nothing);
    }
}
