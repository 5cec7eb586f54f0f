{# version: 1 #}
/**
 * Announces e-mails that agents send on Cases to OpenCX. The work is done by {{ names.OpenCxRepReplies }}.
 *
 * It is here because of `email_cases.rep_replies.emails`. To switch it off, assign the custom permission
 * {{ names.OpenCX_Bypass }} (Setup > Custom Permissions).
 */
trigger {{ names.OpenCxRepEmailTrigger }} on EmailMessage(after insert, after update) {
    {{ names.OpenCxRepReplies }}.handleEmails(Trigger.new, Trigger.oldMap);
}
