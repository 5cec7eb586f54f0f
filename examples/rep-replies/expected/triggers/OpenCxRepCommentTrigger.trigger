// opencx-sf template=triggers/OpenCxRepCommentTrigger.trigger version=1 digest=9ca790e576338b35
/**
 * Announces comments that agents publish on Cases to OpenCX. The work is done by OpenCxRepReplies.
 *
 * It is here because of `email_cases.rep_replies.comments`. To switch it off, assign the custom permission
 * OpenCX_Bypass (Setup > Custom Permissions).
 */
trigger OpenCxRepCommentTrigger on CaseComment(after insert) {
    OpenCxRepReplies.handleComments(Trigger.new);
}
