// opencx-sf template=triggers/OpenCxCaseChangeTrigger.trigger version=1 digest=ebb8bf946e95bbc7
/**
 * Announces changes of Cases to OpenCX. The work is done by OpenCxRepReplies.
 *
 * It is here because of `email_cases.rep_replies.case_changes`. If your org already has a trigger on Case, add the one
 * line of this trigger to it instead. To switch it off, assign the custom permission OpenCX_Bypass
 * (Setup > Custom Permissions).
 */
trigger OpenCxCaseChangeTrigger on Case(after update) {
    OpenCxRepReplies.handleCaseChanges(Trigger.new, Trigger.oldMap);
}
