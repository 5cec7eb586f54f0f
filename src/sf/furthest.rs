//! How far a deploy has come, for whoever watches: never back.

use super::wire::DeployResult;

/// What was counted so far. Orgs have been seen to count down, and to count more than there is.
#[derive(Debug, Default)]
pub(super) struct Furthest {
    components: u32,
    tests: u32,
}

impl Furthest {
    /// An answer as it is shown: nothing that is done is less than before, or more than there is. The
    /// last answer counts as the org gives it.
    pub(super) fn shown(&mut self, result: &DeployResult) -> DeployResult {
        let mut shown = result.clone();
        if result.done {
            return shown;
        }
        self.components = self.components.max(result.number_components_deployed);
        self.tests = self.tests.max(result.number_tests_completed);
        shown.number_components_deployed = self.components;
        shown.number_components_total = result.number_components_total.max(self.components);
        shown.number_tests_completed = self.tests;
        shown.number_tests_total = result.number_tests_total.max(self.tests);
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> DeployResult {
        let text = format!(r#"{{"id":"0Af","status":"InProgress",{text}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn never_back_and_never_beyond_the_whole() {
        let mut furthest = Furthest::default();
        let mut shown = |components: u32, of: u32, tests: u32| {
            let shown = furthest.shown(&answer(&format!(
                r#""numberComponentsDeployed":{components},"numberComponentsTotal":{of},
                   "numberTestsCompleted":{tests},"numberTestsTotal":4"#
            )));
            (
                (
                    shown.number_components_deployed,
                    shown.number_components_total,
                ),
                (shown.number_tests_completed, shown.number_tests_total),
            )
        };
        assert_eq!(shown(5, 8, 0), ((5, 8), (0, 4)));
        assert_eq!(shown(2, 0, 3), ((5, 5), (3, 4)));
        assert_eq!(shown(9, 6, 1), ((9, 9), (3, 4)));
        assert_eq!(shown(6, 12, 5), ((9, 12), (5, 5)));
    }

    #[test]
    fn the_end_is_as_the_org_says() {
        let mut furthest = Furthest::default();
        furthest.shown(&answer(r#""numberComponentsDeployed":9"#));
        let end = answer(r#""numberComponentsDeployed":3,"numberComponentsTotal":3,"done":true"#);
        assert_eq!(furthest.shown(&end), end);
    }
}
