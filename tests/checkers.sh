#!/usr/bin/env bash
# Holds what is rendered against checkers that are not part of this project, and runs its Apex:
#   - every combination of tests/rendered/options.yaml: compiler front end, apex-ls, Apex tests with
#     their coverage, the Metadata API's WSDL, source resolution, PMD, formatting;
#   - the Apex tests of tests/apex, on Apex as it is rendered;
#   - the mutations of tests/rendered/mutations.yaml;
#   - the local org's runtime: the rows of tests/apex_semantics have the same results by another runtime,
#     the programs of tests/apex_wrong are refused by the platform's compiler with the same line and text.
#
# usage: tests/checkers.sh CHECKERS [TEST...]
#   CHECKERS  the folder of the checkers
#   TEST      part of the name of a test, to run only that: every_combination, every_class, every_mutation,
#             same_results, front_end_agrees
# OPENCX_SF_MUTATIONS=2/5 tries only the second of five shares of the mutations.
# RIG_CACHE is where the checkers keep what they install.
set -euo pipefail
[ $# -gt 0 ] || { sed -n '2,15p' "$0"; exit 64; }
OPENCX_SF_CHECKERS="$(cd "$1" && pwd)"
export OPENCX_SF_CHECKERS
shift
cd "$(dirname "$0")/.."
# One test at a time: each runs two programs at once.
exec cargo test --locked --quiet --test rendered --test apex_semantics --test apex_wrong -- --ignored --nocapture --test-threads 1 "$@"
