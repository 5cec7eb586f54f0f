#!/bin/sh
# Every night from cron, with OPENCX_WEBHOOK_URL and SF_JWT_KEY in the environment. With
# SLACK_WEBHOOK_URL too (an incoming webhook of Slack, or of anything that takes its JSON) a message
# goes there when something differs or could not be read.
set -u
cd "$(dirname "$0")" || exit 70
# What the last run wrote must not be taken for this one's.
rm -f drift.json drift.html
set --
if [ -n "${SLACK_WEBHOOK_URL:-}" ]; then
    set -- --notify '${env:SLACK_WEBHOOK_URL}'
fi
exec opencx-sf drift --all --quiet --output json=drift.json,html=drift.html "$@"
