//! Many orgs one wave after the other: who goes when, and that nobody goes after a failure.

use std::future::Future;
use std::str::FromStr;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::config::REST;

/// One item of `--wave`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaveStep {
    /// So many orgs.
    Size(usize),
    /// The orgs that name this wave in the config; `rest` are those that are left.
    Named(String),
}

impl FromStr for WaveStep {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Ok(Self::Named(text.to_owned()));
        }
        match text.parse() {
            Ok(size) if size > 0 => Ok(Self::Size(size)),
            _ => Err("expected a number of orgs, the name of a wave, or `rest`"),
        }
    }
}

/// Jobs that go at the same time.
#[derive(Debug, PartialEq, Eq)]
pub struct Wave<J> {
    /// What it is called: a name of the config, or `1`, `2`, ….
    pub name: String,
    /// Its jobs.
    pub jobs: Vec<J>,
}

/// Why jobs could not be parted into waves.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaveError {
    /// Sizes and names don't go together.
    #[error("`--wave` has both sizes and names of waves")]
    Mixed,
    /// No chosen org names this wave.
    #[error("no org that was chosen is in the wave `{0}`")]
    Empty(String),
    /// The same wave twice.
    #[error("`--wave` has `{0}` twice")]
    Twice(String),
}

/// Parts jobs into waves. Without steps: those that the jobs name, in the order in which they are
/// first named and the others last; and if none names one, a first wave of one job and the rest.
///
/// With sizes the last one repeats; `rest` after them is one wave. With names, the second list holds
/// the jobs that are in none of these waves.
///
/// # Errors
/// See [`WaveError`].
pub fn waves<J>(
    jobs: Vec<J>,
    steps: &[WaveStep],
    named: impl Fn(&J) -> Option<String>,
) -> Result<(Vec<Wave<J>>, Vec<J>), WaveError> {
    let has_size = |step: &WaveStep| matches!(step, WaveStep::Size(_));
    let is_rest = |step: &WaveStep| *step == WaveStep::Named(REST.to_owned());
    if steps.is_empty() && jobs.iter().all(|job| named(job).is_none()) {
        return Ok((by_size(jobs, &[1], true), Vec::new()));
    }
    if steps.iter().any(has_size) {
        let (sizes, after) = match steps.split_last() {
            Some((last, sizes)) if is_rest(last) => (sizes, true),
            _ => (steps, false),
        };
        let sizes: Option<Vec<usize>> = sizes
            .iter()
            .map(|step| match step {
                WaveStep::Size(size) => Some(*size),
                WaveStep::Named(_) => None,
            })
            .collect();
        let sizes = sizes.ok_or(WaveError::Mixed)?;
        return Ok((by_size(jobs, &sizes, after), Vec::new()));
    }
    let wave_of = |job: &J| named(job).unwrap_or_else(|| REST.to_owned());
    let mut names: Vec<String> = Vec::new();
    for step in steps {
        if let WaveStep::Named(name) = step {
            if names.contains(name) {
                return Err(WaveError::Twice(name.clone()));
            }
            names.push(name.clone());
        }
    }
    if steps.is_empty() {
        for job in &jobs {
            let name = wave_of(job);
            if name != REST && !names.contains(&name) {
                names.push(name);
            }
        }
        if jobs.iter().any(|job| wave_of(job) == REST) {
            names.push(REST.to_owned());
        }
    }
    by_name(jobs, names, wave_of)
}

fn by_name<J>(
    jobs: Vec<J>,
    names: Vec<String>,
    wave_of: impl Fn(&J) -> String,
) -> Result<(Vec<Wave<J>>, Vec<J>), WaveError> {
    let empty = |name| Wave {
        name,
        jobs: Vec::new(),
    };
    let mut waves: Vec<Wave<J>> = names.into_iter().map(empty).collect();
    let mut others = Vec::new();
    for job in jobs {
        let name = wave_of(&job);
        match waves.iter_mut().find(|wave| wave.name == name) {
            Some(wave) => wave.jobs.push(job),
            None => others.push(job),
        }
    }
    match waves.iter().find(|wave| wave.jobs.is_empty()) {
        Some(wave) => Err(WaveError::Empty(wave.name.clone())),
        None => Ok((waves, others)),
    }
}

/// `rest`: what the sizes leave is one wave; else the last size repeats.
fn by_size<J>(jobs: Vec<J>, sizes: &[usize], rest: bool) -> Vec<Wave<J>> {
    let mut jobs = jobs.into_iter().peekable();
    let mut waves: Vec<Wave<J>> = Vec::new();
    while jobs.peek().is_some() {
        let size = match sizes.get(waves.len()) {
            Some(size) => *size,
            None if rest => usize::MAX,
            None => sizes.last().copied().unwrap_or(usize::MAX),
        };
        waves.push(Wave {
            name: (waves.len() + 1).to_string(),
            jobs: jobs.by_ref().take(size).collect(),
        });
    }
    waves
}

/// What became of a rollout.
#[derive(Debug)]
pub struct RolledOut<J, R> {
    /// The results with the index of their wave, in the order of the jobs.
    pub results: Vec<(usize, R)>,
    /// The jobs that were not begun because something failed before, with the index of their wave.
    pub not_tried: Vec<(usize, J)>,
}

/// Does the work wave by wave, at most so many jobs at a time, and tells each result as it comes. A
/// wave begins when every job of the one before it was good. After a failure, or when no more may
/// begin, no job is begun; those that were go to their end.
pub async fn roll_out<J, R, F: Future<Output = R>>(
    waves: Vec<Wave<J>>,
    at_once: usize,
    may_begin: impl Fn() -> bool,
    mut starting: impl FnMut(usize, &Wave<J>),
    work: impl Fn(usize, J) -> F,
    is_good: impl Fn(&R) -> bool,
    mut finished: impl FnMut(&R),
) -> RolledOut<J, R> {
    let mut failed = false;
    let mut results = Vec::new();
    let mut not_tried = Vec::new();
    for (index, wave) in waves.into_iter().enumerate() {
        if !failed && may_begin() {
            starting(index, &wave);
        }
        let mut running = FuturesUnordered::new();
        let mut jobs = wave.jobs.into_iter().enumerate();
        let mut done = Vec::new();
        loop {
            while running.len() < at_once.max(1) && !failed && may_begin() {
                let Some((position, job)) = jobs.next() else {
                    break;
                };
                let work = work(index, job);
                running.push(async move { (position, work.await) });
            }
            let Some((position, result)) = running.next().await else {
                break;
            };
            failed |= !is_good(&result);
            finished(&result);
            done.push((position, result));
        }
        done.sort_by_key(|(position, _)| *position);
        results.extend(done.into_iter().map(|(_, result)| (index, result)));
        not_tried.extend(jobs.map(|(_, job)| (index, job)));
    }
    RolledOut { results, not_tried }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn steps(text: &str) -> Vec<WaveStep> {
        text.split(',')
            .filter(|step| !step.is_empty())
            .map(|step| step.parse().unwrap())
            .collect()
    }

    /// Jobs `name` or `name:wave`; waves as `name=job job;…`, and what is in none after `|`.
    fn parted(jobs: &str, given: &str) -> Result<String, WaveError> {
        let jobs: Vec<&str> = jobs.split_whitespace().collect();
        let named = |job: &&str| job.split_once(':').map(|(_, wave)| wave.to_owned());
        let (waves, others) = waves(jobs, &steps(given), named)?;
        let shown: Vec<String> = waves
            .iter()
            .map(|wave| format!("{}={}", wave.name, wave.jobs.join(" ")))
            .collect();
        Ok(format!("{}|{}", shown.join(";"), others.join(" ")))
    }

    #[test]
    fn jobs_are_parted_by_size_or_by_name() {
        for (jobs, given, expected) in [
            ("a b c d", "", "1=a;2=b c d|"),
            ("a", "", "1=a|"),
            ("a b c d e", "1,2", "1=a;2=b c;3=d e|"),
            ("a b c d e", "1,2,rest", "1=a;2=b c;3=d e|"),
            ("a b c d e f", "1,2,rest", "1=a;2=b c;3=d e f|"),
            ("a b", "5", "1=a b|"),
            (
                "a b:late c:early d:late",
                "",
                "late=b:late d:late;early=c:early;rest=a|",
            ),
            (
                "a b:late c:early",
                "early,late",
                "early=c:early;late=b:late|a",
            ),
            ("a b:late", "rest", "rest=a|b:late"),
        ] {
            assert_eq!(parted(jobs, given).unwrap(), expected, "{jobs} by {given}");
        }
        assert_eq!(parted("a", "1,early"), Err(WaveError::Mixed));
        assert_eq!(parted("a", "rest,1"), Err(WaveError::Mixed));
        assert_eq!(parted("a", "late"), Err(WaveError::Empty("late".into())));
        assert_eq!(parted("a:x", "x,x"), Err(WaveError::Twice("x".into())));
        for bad in ["0", "-1", "1.5", "", "*"] {
            assert!(bad.parse::<WaveStep>().is_err(), "{bad}");
        }
    }

    /// The jobs that were begun, with those that `bad` names failing, and those that were not.
    async fn begun(given: &str, at_once: usize, bad: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let (waves, _) = waves((1..=6).collect(), &steps(given), |_| None).unwrap();
        let (mut told, mut started) = (0, Vec::new());
        let rolled = roll_out(
            waves,
            at_once,
            || true,
            |index, _| started.push(index),
            |_, job: u32| async move {
                for _ in 0..(10 - job) {
                    tokio::task::yield_now().await;
                }
                job
            },
            |job| !bad.contains(job),
            |_| told += 1,
        )
        .await;
        assert_eq!(told, rolled.results.len());
        assert!(started.is_sorted());
        let results = rolled.results.into_iter().map(|(_, job)| job);
        let not_tried = rolled.not_tried.into_iter().map(|(_, job)| job);
        (results.collect(), not_tried.collect())
    }

    #[tokio::test]
    async fn what_was_begun_goes_to_its_end_when_no_more_may_begin() {
        let waves = by_size((1..=5).collect(), &[1, 3], false);
        let told = Cell::new(0);
        let may_begin = || told.get() < 2;
        let finished = |_: &u32| told.set(told.get() + 1);
        let work = |_, job: u32| async move { job };
        let rolled = roll_out(waves, 2, may_begin, |_, _| (), work, |_| true, finished).await;
        let results: Vec<u32> = rolled.results.into_iter().map(|(_, job)| job).collect();
        assert_eq!(results, [1, 2, 3]);
        assert_eq!(rolled.not_tried, [(1, 4), (2, 5)]);
    }

    #[tokio::test]
    async fn nobody_goes_after_a_failure() {
        assert_eq!(begun("1,rest", 9, &[]).await, ((1..=6).collect(), vec![]));
        assert_eq!(
            begun("1,rest", 9, &[1]).await,
            (vec![1], vec![2, 3, 4, 5, 6])
        );
        // What was begun goes to its end, in the order of the jobs.
        assert_eq!(begun("1,3", 9, &[4]).await, (vec![1, 2, 3, 4], vec![5, 6]));
        // The rest of the same wave is not begun either.
        assert_eq!(begun("6", 1, &[2]).await, (vec![1, 2], vec![3, 4, 5, 6]));
        assert_eq!(begun("2", 1, &[3]).await, (vec![1, 2, 3], vec![4, 5, 6]));
    }
}
