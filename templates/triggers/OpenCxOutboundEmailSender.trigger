{# version: 1 #}
/**
 * Sends the replies that OpenCX writes on Cases to the customer. The work is done by {{ names.OpenCxOutboundEmail }}.
 *
 * REPLY_TO_ADDRESS, the address that customers answer to, is a constant of the class {{ names.OpenCxSenderIdentity }}.
 * Only rows of users with the custom permission {{ names.OpenCX_Outbound_Sender }} are sent; they get it from the
 * permission set {{ names.OpenCX_Integration }} (Setup > Permission Sets).
 */
trigger {{ names.OpenCxOutboundEmailSender }} on EmailMessage(after insert) {
    {{ names.OpenCxOutboundEmail }}.handleAfterInsert(Trigger.new);
}
