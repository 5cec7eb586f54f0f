// opencx-sf template=triggers/CaseTrigger.trigger version=1 digest=12de3b0257cb852c
/**
 * Announces new Cases to OpenCX. The work is done by OpenSalesforceCaseManagement.
 *
 * If your org already has a trigger on Case, add the one line of this trigger to it instead.
 * To switch it off, assign the custom permission OpenCX_Bypass (Setup > Custom Permissions).
 */
trigger CaseTrigger on Case(after insert) {
    OpenSalesforceCaseManagement.handleAfterInsert(Trigger.new);
}
