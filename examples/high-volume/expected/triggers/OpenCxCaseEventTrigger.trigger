// opencx-sf template=triggers/OpenCxCaseEventTrigger.trigger version=1 digest=cf863388095d119b
/**
 * Has new platform events announced to OpenCX. The work is done by OpenCxCaseEventBus.
 *
 * It runs as Salesforce's Automated Process user, or as the one of `email_cases.webhook.event_user`. To see whether it
 * keeps up: Setup > Platform Events > OpenCX Case Event > Subscriptions.
 */
trigger OpenCxCaseEventTrigger on OpenCX_Case_Event__e(after insert) {
    OpenCxCaseEventBus.handleAfterInsert(Trigger.new);
}
