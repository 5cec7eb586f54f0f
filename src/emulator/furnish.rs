//! The components that a condition consists of: somebody in the org has made them.

use jiff::Timestamp;

use crate::metadata::{ComponentId, MetadataType};

use super::condition::Condition;
use super::state::{State, Stored};
use super::users;

/// Who made them.
const ADMIN: &str = "Dana Admin";

const TRIGGER: &str = "trigger CaseTrigger on Case (before insert) {
    for (Case record : Trigger.new) {
        if (record.Priority == null) {
            record.Priority = 'Medium';
        }
    }
}
";

const TRIGGER_XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<ApexTrigger xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <apiVersion>58.0</apiVersion>
    <status>Active</status>
</ApexTrigger>
";

const FIELD_XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<CustomField xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <externalId>false</externalId>
    <label>Region</label>
    <length>80</length>
    <required>true</required>
    <trackFeedHistory>false</trackFeedHistory>
    <trackHistory>false</trackHistory>
    <trackTrending>false</trackTrending>
    <type>Text</type>
    <unique>false</unique>
</CustomField>
";

impl Condition {
    fn component(self) -> Option<(ComponentId, Option<&'static str>, &'static str)> {
        match self {
            Self::ForeignCaseTrigger => Some((
                ComponentId::new(MetadataType::ApexTrigger, "CaseTrigger"),
                Some(TRIGGER),
                TRIGGER_XML,
            )),
            Self::RequiredCustomField => Some((
                ComponentId::new(MetadataType::CustomField, "Case.Region__c"),
                None,
                FIELD_XML,
            )),
            _ => None,
        }
    }

    /// Makes what the condition consists of, unless something of that name is there.
    pub fn furnish(self, state: &mut State, now: Timestamp) {
        let Some((id, source, xml)) = self.component() else {
            return;
        };
        if state.component(&id).is_none() {
            let stamp = users::stamp(state, ADMIN, now);
            state.put(&id, source.map(str::to_owned), xml.to_owned(), stamp);
        }
    }

    /// Takes that away again, if nobody has changed it since.
    pub fn clear_away(self, state: &mut State) {
        let Some((id, source, xml)) = self.component() else {
            return;
        };
        let is_same = |stored: &Stored| stored.source.as_deref() == source && stored.xml == xml;
        if state.component(&id).is_some_and(is_same) {
            state.remove(&id);
        }
    }
}
