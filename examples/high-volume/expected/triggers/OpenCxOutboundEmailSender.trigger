// opencx-sf template=triggers/OpenCxOutboundEmailSender.trigger version=1 digest=b70911fd264d4f0c
/**
 * Sends the replies that OpenCX writes on Cases to the customer. The work is done by OpenCxOutboundEmail.
 *
 * REPLY_TO_ADDRESS, the address that customers answer to, is a constant of the class OpenCxSenderIdentity.
 * Only rows of users with the custom permission OpenCX_Outbound_Sender are sent; they get it from the
 * permission set OpenCX_Integration (Setup > Permission Sets).
 */
trigger OpenCxOutboundEmailSender on EmailMessage(after insert) {
    OpenCxOutboundEmail.handleAfterInsert(Trigger.new);
}
