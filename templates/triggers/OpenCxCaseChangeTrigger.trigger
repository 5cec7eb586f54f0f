{# version: 1 #}
/**
 * Announces changes of Cases to OpenCX. The work is done by {{ names.OpenCxRepReplies }}.
 *
 * It is here because of `email_cases.rep_replies.case_changes`. If your org already has a trigger on Case, add the one
 * line of this trigger to it instead. To switch it off, assign the custom permission {{ names.OpenCX_Bypass }}
 * (Setup > Custom Permissions).
 */
trigger {{ names.OpenCxCaseChangeTrigger }} on Case(after update) {
    {{ names.OpenCxRepReplies }}.handleCaseChanges(Trigger.new, Trigger.oldMap);
}
