{# version: 1 #}
/**
 * Announces new Cases to OpenCX. The work is done by {{ names.OpenSalesforceCaseManagement }}.
 *
 * If your org already has a trigger on Case, add the one line of this trigger to it instead.
 * To switch it off, assign the custom permission {{ names.OpenCX_Bypass }} (Setup > Custom Permissions).
 */
trigger {{ names.CaseTrigger }} on Case(after insert) {
    {{ names.OpenSalesforceCaseManagement }}.handleAfterInsert(Trigger.new);
}
