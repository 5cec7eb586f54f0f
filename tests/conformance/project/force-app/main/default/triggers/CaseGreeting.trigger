trigger CaseGreeting on Case(before insert) {
    for (Case opened : Trigger.new) {
        if (opened.Subject == null) {
            opened.Subject = Greeting.of(opened.SuppliedName);
        }
    }
}
