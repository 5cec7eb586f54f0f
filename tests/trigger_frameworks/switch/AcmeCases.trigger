trigger AcmeCases on Case (before insert, before update, after insert) {
    switch on Trigger.operationType {
        when BEFORE_INSERT, BEFORE_UPDATE {
            for (Case row : Trigger.new) {
                if (row.Subject?.toLowerCase().contains('urgent') == true) {
                    row.Priority = 'High';
                }
            }
            if (Trigger.new[0].Subject == 'refused') {
                Trigger.new[0].addError('No such Case.');
            }
        }
        when AFTER_INSERT {
            List<CaseComment> comments = new List<CaseComment>();
            for (Case row : Trigger.new) {
                if (row.Priority == 'High') {
                    comments.add(new CaseComment(ParentId = row.Id, CommentBody = 'Handled first', IsPublished = false));
                }
            }
            insert comments;
        }
    }
}
