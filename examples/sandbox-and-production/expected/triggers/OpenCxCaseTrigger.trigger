// opencx-sf template=triggers/CaseTrigger.trigger version=1 digest=0f4b55bb4e982d4b
/**
 * Announces new Cases to OpenCX. The work is done by OpenSalesforceCaseManagement.
 *
 * If your org already has a trigger on Case, add the one line of this trigger to it instead.
 * To switch it off, assign the custom permission OpenCX_Bypass (Setup > Custom Permissions).
 */
trigger OpenCxCaseTrigger on Case(after insert) {
    OpenSalesforceCaseManagement.handleAfterInsert(Trigger.new);
}
