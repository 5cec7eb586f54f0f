{# version: 1 #}
/**
 * Has new platform events announced to OpenCX. The work is done by {{ names.OpenCxCaseEventBus }}.
 *
 * It runs as Salesforce's Automated Process user, or as the one of `email_cases.webhook.event_user`. To see whether it
 * keeps up: Setup > Platform Events > OpenCX Case Event > Subscriptions.
 */
trigger {{ names.OpenCxCaseEventTrigger }} on {{ names.OpenCX_Case_Event }}(after insert) {
    {{ names.OpenCxCaseEventBus }}.handleAfterInsert(Trigger.new);
}
