//! Trouble by chance, in virtual time: one schedule per seed, of the network, of the org's answers and
//! of the tool's own end. Four promises hold whatever happens: no second deploy, no false success,
//! no false "clean", no secret in any byte that is said or written.
//!
//! Of the package one component is left, which holds a secret: compiling and testing Apex is not
//! the subject here. `tests/lost_contact.rs` kills the real binary with the whole package.
//!
//! `OPENCX_SF_FAULT_RUNS` says how many schedules are played, `OPENCX_SF_FAULT_SEED` plays one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

#[path = "common/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opencx_sf::deploy::Error;
use opencx_sf::diagnosis::Sent;
use opencx_sf::emulator::{Chance, Fault};
use opencx_sf::report;
use opencx_sf::sf::Clock as _;
use world::{Listener, Wanted, World, options};

/// Schedules that found a mistake once.
const FOUND: &[u64] = &[];

/// The first of those that are played every day.
const DAILY: u64 = 24;

/// Runs of the tool under trouble before the one without.
const TROUBLED: u64 = 3;

/// What a schedule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Deploy,
    Validate,
    Uninstall,
}

/// The package before and after, rendered once.
struct Wishes {
    old: Wanted,
    new: Wanted,
}

/// How runs ended, for all schedules together.
type Ends = BTreeMap<&'static str, u64>;

/// The same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % limit
    }
}

/// Plays one schedule. What is wrong is returned, for the seed to be printed with it.
async fn play(seed: u64, wishes: &Wishes, ends: &mut Ends) -> Result<(), String> {
    let mut dice = Dice(seed);
    let chance = Chance::new(0);
    let world = World::new(&wishes.new, Some(Fault::Chance(chance.clone()))).await;
    let work = match dice.below(8) {
        0 => Work::Validate,
        1 => Work::Uninstall,
        _ => Work::Deploy,
    };
    if work == Work::Uninstall {
        expect_calm_deploy(&world, &wishes.new).await?;
    } else if dice.below(2) == 0 {
        expect_calm_deploy(&world, &wishes.old).await?;
    }
    let before = world.received().await;

    if work != Work::Uninstall {
        chance.set(seed);
        if world.looks_clean(&wishes.new).await == Some(true) {
            return Err("an org that differs was called clean".to_owned());
        }
    }
    for attempt in 0..=TROUBLED {
        let is_last = attempt == TROUBLED;
        let mut listener = Listener::default();
        chance.set(if is_last { 0 } else { dice.below(u64::MAX) });
        if !is_last {
            set_end(&mut dice, &chance, &mut listener);
        }
        let ended = run(work, &world, wishes, &mut listener).await;
        chance.set(0);
        let at = |what: String| format!("attempt {attempt}: {what}\n{}", listener.said);
        if let Some(text) = world.secret_in(&listener.said) {
            return Err(at(format!("a secret was written: {text}")));
        }
        let received = world.received().await.difference(&before).count();
        if received > usize::from(work != Work::Validate) {
            return Err(at(format!("{received} deploys")));
        }
        *ends.entry(ended.word()).or_default() += 1;
        match ended {
            Ended::Killed | Ended::Unknown if !is_last => {}
            Ended::Done => {
                let clean = world.looks_clean(&wishes.new).await;
                if clean != Some(work == Work::Deploy) {
                    return Err(at(format!("called done, and clean: {clean:?}")));
                }
            }
            _ => return Err(at("no success without trouble".to_owned())),
        }
        // Somebody looks at it, and starts again; a script does so at once.
        if dice.below(3) > 0 {
            let pause = Duration::from_secs(dice.below(900));
            world.clock.sleep(pause).await;
        }
    }
    // What was under way has arrived by now.
    world.clock.sleep(Duration::from_secs(60)).await;
    match world.received().await.difference(&before).count() {
        0 | 1 => Ok(()),
        count => Err(format!("{count} deploys in the end")),
    }
}

async fn expect_calm_deploy(world: &World, wanted: &Wanted) -> Result<(), String> {
    let listener = &mut Listener::default();
    match world.deploy(wanted, &options(false), listener).await {
        Some(Ok(outcome)) if outcome.deployed() => Ok(()),
        other => Err(format!("before any trouble: {other:?}")),
    }
}

/// Every second run is to be killed: at some event, at some request, or at the one that changes the
/// org.
fn set_end(dice: &mut Dice, chance: &Chance, listener: &mut Listener) {
    match dice.below(6) {
        0 => listener.ends_after = u32::try_from(dice.below(12)).ok(),
        1 => {
            let end = Arc::clone(&listener.end);
            let requests = u32::try_from(dice.below(40)).unwrap();
            chance.end_client_after(requests, move || end.notify_one());
        }
        2 => {
            let end = Arc::clone(&listener.end);
            chance.end_client_at_deploy(move || end.notify_one());
        }
        _ => {}
    }
}

enum Ended {
    /// By what was asked for.
    Done,
    /// With a finding.
    Unknown,
    /// In the middle.
    Killed,
    /// The org said no.
    Failed,
}

impl Ended {
    fn word(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unknown => "stopped with a finding",
            Self::Killed => "killed",
            Self::Failed => "failed",
        }
    }
}

/// One run of the tool, with everything that it says.
async fn run(work: Work, world: &World, wishes: &Wishes, listener: &mut Listener) -> Ended {
    let detail = report::human::Detail::default();
    let error = |error: Error, listener: &mut Listener| {
        listener.said.push_str(&format!("{error}\n{error:?}\n"));
        if let Error::Fault { fault, .. } = &error {
            let finding = fault.to_diagnostic("dev");
            listener
                .said
                .push_str(&report::json::failure("deploy", &[finding]));
        }
        Ended::Unknown
    };
    if work == Work::Uninstall {
        return match world.uninstall(&wishes.new, listener).await {
            None => Ended::Killed,
            Some(Err(fault)) => error(fault, listener),
            Some(Ok(outcome)) => {
                listener.said.push_str(&report::json::uninstall(&outcome));
                listener.said.push_str(&report::human::uninstall(&outcome));
                if outcome.is_clean() {
                    Ended::Done
                } else {
                    Ended::Failed
                }
            }
        };
    }
    let options = options(work == Work::Validate);
    match world.deploy(&wishes.new, &options, listener).await {
        None => Ended::Killed,
        Some(Err(fault)) => error(fault, listener),
        Some(Ok(outcome)) => {
            let sent = Sent::default();
            let json = report::json::deploy(&outcome, sent, None);
            let text = report::human::deploy(&outcome, sent, detail);
            listener.said.push_str(&json);
            listener.said.push_str(&text);
            if outcome.deployed() {
                Ended::Done
            } else {
                Ended::Failed
            }
        }
    }
}

fn number(name: &str) -> Option<u64> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test is told by its environment how long it may take"
    )]
    let wanted = std::env::var(name).ok();
    wanted.map(|text| text.parse().expect(name))
}

#[test]
fn any_trouble_at_all() {
    let wishes = Wishes {
        old: Wanted::with_webhook(1),
        new: Wanted::with_webhook(2),
    };
    let seeds: Vec<u64> = match number("OPENCX_SF_FAULT_SEED") {
        Some(seed) => vec![seed],
        None => {
            let runs = number("OPENCX_SF_FAULT_RUNS").unwrap_or(DAILY);
            FOUND.iter().copied().chain(1..=runs).collect()
        }
    };
    let (next, broken) = (AtomicU64::new(0), AtomicU64::new(0));
    let worker = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (mut ends, mut wrong) = (Ends::new(), Vec::new());
        loop {
            let turn = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
            let Some(&seed) = seeds.get(turn) else {
                return (ends, wrong);
            };
            if turn > 0 && turn.is_multiple_of(5_000) {
                eprintln!("{turn} schedules, {} wrong", broken.load(Ordering::Relaxed));
            }
            if let Err(what) = runtime.block_on(play(seed, &wishes, &mut ends)) {
                broken.fetch_add(1, Ordering::Relaxed);
                wrong.push(format!("OPENCX_SF_FAULT_SEED={seed}: {what}"));
            }
        }
    };
    let (mut ends, mut wrong) = (Ends::new(), Vec::new());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            let (its_ends, its_wrong) = worker.join().unwrap();
            for (word, count) in its_ends {
                *ends.entry(word).or_default() += count;
            }
            wrong.extend(its_wrong);
        }
    });
    eprintln!("{} schedules: {ends:?}, {} wrong", seeds.len(), wrong.len());
    wrong.truncate(3);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // The schedules are worth the name.
    if seeds.len() > 1 {
        for word in ["done", "killed", "stopped with a finding"] {
            assert!(ends.contains_key(word), "no run was {word}");
        }
    }
}
