trigger CaseRollUp on Case (after insert, after update, after delete, after undelete) {
    if (Trigger.isDelete) {
        RollUp.run(Trigger.old, null);
    } else {
        RollUp.run(Trigger.new, Trigger.oldMap);
    }
}
