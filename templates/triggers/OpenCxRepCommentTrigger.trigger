{# version: 1 #}
/**
 * Announces comments that agents publish on Cases to OpenCX. The work is done by {{ names.OpenCxRepReplies }}.
 *
 * It is here because of `email_cases.rep_replies.comments`. To switch it off, assign the custom permission
 * {{ names.OpenCX_Bypass }} (Setup > Custom Permissions).
 */
trigger {{ names.OpenCxRepCommentTrigger }} on CaseComment(after insert) {
    {{ names.OpenCxRepReplies }}.handleComments(Trigger.new);
}
