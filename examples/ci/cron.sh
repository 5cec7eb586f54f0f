#!/bin/sh
# Every night from cron; SLACK_WEBHOOK_URL is an incoming webhook of Slack, or of anything that takes
# its JSON. The message names counts only: what differs stays in the report.
set -u
cd "$(dirname "$0")" || exit 70
opencx-sf drift --all --quiet --output json=drift.json,html=drift.html
code=$?
if [ "$code" -ne 0 ] && [ -s drift.json ]; then
    jq '{text: "Salesforce drift: \(.status), \(.counts.drifted) of \(.counts.orgs) orgs differ, \(.counts.undetermined + .counts.error) not read in full"}' \
        drift.json | curl --fail --silent --show-error --json @- "$SLACK_WEBHOOK_URL"
fi
exit "$code"
