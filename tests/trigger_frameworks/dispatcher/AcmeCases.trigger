trigger AcmeCases on Case (before insert, after insert) {
    TriggerDispatcher.dispatch(Case.SObjectType);
}
