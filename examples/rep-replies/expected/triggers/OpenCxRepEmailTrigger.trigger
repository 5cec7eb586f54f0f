// opencx-sf template=triggers/OpenCxRepEmailTrigger.trigger version=1 digest=3eb8c415fccfbe30
/**
 * Announces e-mails that agents send on Cases to OpenCX. The work is done by OpenCxRepReplies.
 *
 * It is here because of `email_cases.rep_replies.emails`. To switch it off, assign the custom permission
 * OpenCX_Bypass (Setup > Custom Permissions).
 */
trigger OpenCxRepEmailTrigger on EmailMessage(after insert, after update) {
    OpenCxRepReplies.handleEmails(Trigger.new, Trigger.oldMap);
}
