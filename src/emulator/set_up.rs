//! What no deploy does: what an administrator clicks in Setup once the package is there, and records
//! that the org has for whatever reason.

use serde_json::{Map, Value, json};

use crate::metadata::{ComponentId, MetadataType};

use super::clock::rest_date;
use super::compile::org_schema;
use super::org::EmulatedOrg;
use super::records;
use super::runtime::{Given, Operation};
use super::state::{Record, RoutingAddress};
use super::{Error, users};

impl EmulatedOrg {
    /// Adds a routing address of Email-to-Case, or changes whether it is verified.
    pub fn set_routing_address(&mut self, address: &str, is_verified: bool) -> Result<(), Error> {
        self.update(|state| {
            let known = &mut state.mail.routing_addresses;
            known.retain(|other| !other.address.eq_ignore_ascii_case(address));
            known.push(RoutingAddress {
                address: address.to_owned(),
                is_verified,
            });
            Ok(())
        })
    }

    /// Removes every routing address.
    pub fn clear_routing_addresses(&mut self) -> Result<(), Error> {
        self.update(|state| {
            state.mail.routing_addresses.clear();
            Ok(())
        })
    }

    /// Gives a domain an active DKIM key, or takes it away.
    pub fn set_dkim_key(&mut self, domain: &str, is_active: bool) -> Result<(), Error> {
        self.update(|state| {
            let known = &mut state.mail.signed_domains;
            known.retain(|other| !other.eq_ignore_ascii_case(domain));
            if is_active {
                known.push(domain.to_owned());
            }
            Ok(())
        })
    }

    /// Gives a user the profile that may do nothing but what permission sets add, or the
    /// administrator's. The user is made when missing. Its id.
    pub fn set_minimal_profile(&mut self, name: &str, is_minimal: bool) -> Result<String, Error> {
        let now = self.options().clock.now();
        self.update(|state| {
            let id = users::stamp(state, name, now).by;
            for user in state.users.iter_mut().filter(|user| user.id == id) {
                user.is_minimal = is_minimal;
            }
            Ok(id)
        })
    }

    /// Assigns a permission set to a user, who is made when missing.
    pub fn assign(&mut self, permission_set: &str, user: &str) -> Result<(), Error> {
        let set = ComponentId::new(MetadataType::PermissionSet, permission_set);
        let now = self.options().clock.now();
        self.update(|state| {
            let user = users::stamp(state, user, now).by;
            let stored = state
                .component(&set)
                .ok_or_else(|| Error::NoSuchComponent(set.clone()))?;
            let fields = json!({ "AssigneeId": user, "PermissionSetId": stored.id });
            let given = Given {
                object: "PermissionSetAssignment".to_owned(),
                id: None,
                fields: fields.as_object().cloned().unwrap_or_default(),
            };
            // Refused only where the user has it already.
            let _ = records::write_setup(state, Operation::Insert, &given, now);
            Ok(())
        })
    }

    /// Grants or takes a user permission of a permission set.
    pub fn set_user_permission(
        &mut self,
        set: &ComponentId,
        name: &str,
        is_granted: bool,
    ) -> Result<(), Error> {
        self.update(|state| {
            let stored = state
                .component_mut(set)
                .ok_or_else(|| Error::NoSuchComponent(set.clone()))?;
            let mut root = stored.tree();
            for entry in &mut root.children {
                if entry.name == "userPermissions" && entry.text_of("name") == Some(name) {
                    entry.set("enabled", if is_granted { "true" } else { "false" });
                }
            }
            stored.xml = root.document();
            Ok(())
        })
    }

    /// The id that the org has given a component.
    pub fn record_id(&self, id: &ComponentId) -> Result<String, Error> {
        let state = self.state()?;
        let stored = state.component(id);
        stored
            .map(|stored| stored.id.clone())
            .ok_or_else(|| Error::NoSuchComponent(id.clone()))
    }

    /// All that the integration waits for: OpenCX's user with the permission sets, a verified routing
    /// address, a domain that mail may come from.
    pub fn finish_setup(&mut self, reply_to: &str, sets: &[&str]) -> Result<(), Error> {
        const USER: &str = "OpenCX Integration";
        self.set_minimal_profile(USER, true)?;
        for set in sets {
            self.assign(set, USER)?;
        }
        self.set_routing_address(reply_to, true)?;
        for domain in [
            "local.example",
            reply_to.rsplit('@').next().unwrap_or_default(),
        ] {
            self.set_dkim_key(domain, true)?;
        }
        Ok(())
    }

    /// Adds a record as it is, without triggers: what has come about in the org. `Id` and the dates
    /// are added where they are not given. Its id.
    pub fn add_record(
        &mut self,
        object: &str,
        fields: Map<String, Value>,
    ) -> Result<String, Error> {
        let now = self.options().clock.now();
        self.update(|state| {
            let prefix = org_schema(state).find(object).map_or_else(
                || "000".to_owned(),
                |id| org_schema(state).object(id).prefix.to_string(),
            );
            let id = state.next_id(&prefix);
            let admin = state.admin_id();
            let mut all = Map::new();
            for (name, value) in [
                ("Id", json!(id)),
                ("CreatedDate", json!(rest_date(now))),
                ("CreatedById", json!(admin)),
                ("LastModifiedDate", json!(rest_date(now))),
                ("LastModifiedById", json!(admin)),
                ("SystemModstamp", json!(rest_date(now))),
                ("IsDeleted", json!(false)),
            ] {
                all.insert(name.to_owned(), value);
            }
            all.extend(fields);
            state.records.push(Record {
                object: object.to_owned(),
                id: id.clone(),
                deleted: false,
                fields: all,
            });
            Ok(id)
        })
    }
}
