//! The sObjects of the org: fields, relationships, key prefixes.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::super::types::{ObjectId, Type};
use super::custom_metadata::CustomMetadata;

/// A kind of field (`Schema.DisplayType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the names are those of Apex, which documents them"
)]
pub enum FieldKind {
    Base64,
    Boolean,
    Combobox,
    Currency,
    Date,
    DateTime,
    Double,
    Email,
    Id,
    Integer,
    MultiPicklist,
    Percent,
    Phone,
    Picklist,
    Reference,
    String,
    TextArea,
    Time,
    Url,
}

impl FieldKind {
    const ALL: [(&'static str, Self); 19] = [
        ("Base64", Self::Base64),
        ("Boolean", Self::Boolean),
        ("Combobox", Self::Combobox),
        ("Currency", Self::Currency),
        ("Date", Self::Date),
        ("DateTime", Self::DateTime),
        ("Double", Self::Double),
        ("Email", Self::Email),
        ("Id", Self::Id),
        ("Integer", Self::Integer),
        ("MultiPicklist", Self::MultiPicklist),
        ("Percent", Self::Percent),
        ("Phone", Self::Phone),
        ("Picklist", Self::Picklist),
        ("Reference", Self::Reference),
        ("String", Self::String),
        ("TextArea", Self::TextArea),
        ("Time", Self::Time),
        ("Url", Self::Url),
    ];

    /// The name in `Schema.DisplayType`.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, kind)| *kind)
    }

    /// The kind of a custom field of a metadata type (`CustomField.type`), where there is one.
    pub fn of_metadata(name: &str) -> Option<Self> {
        Some(match name {
            "Checkbox" => Self::Boolean,
            "Currency" => Self::Currency,
            "Date" => Self::Date,
            "DateTime" => Self::DateTime,
            "Number" => Self::Double,
            "Email" => Self::Email,
            "MultiselectPicklist" => Self::MultiPicklist,
            "Percent" => Self::Percent,
            "Phone" => Self::Phone,
            "Picklist" => Self::Picklist,
            "Lookup" | "MasterDetail" => Self::Reference,
            "Text" | "AutoNumber" => Self::String,
            "TextArea" | "LongTextArea" | "Html" => Self::TextArea,
            "Time" => Self::Time,
            "Url" => Self::Url,
            _ => return None,
        })
    }

    /// The Apex type of its values.
    pub fn apex_type(self) -> Type {
        match self {
            Self::Base64 => Type::Blob,
            Self::Boolean => Type::Boolean,
            Self::Integer => Type::Integer,
            Self::Currency | Self::Double | Self::Percent => Type::Decimal,
            Self::Date => Type::Date,
            Self::DateTime => Type::Datetime,
            Self::Time => Type::Time,
            Self::Id | Self::Reference => Type::Id,
            _ => Type::String,
        }
    }
}

/// A field.
#[derive(Debug, Clone)]
pub struct Field {
    /// API name.
    pub name: Arc<str>,
    /// What it holds.
    pub kind: FieldKind,
    /// Characters, for texts.
    pub length: u32,
    /// May be given in an insert.
    pub createable: bool,
    /// May be given in an update.
    pub updateable: bool,
    /// May be empty.
    pub nillable: bool,
    /// Gets a value by itself.
    pub defaulted: bool,
    /// The value that it gets.
    pub default: Option<Arc<str>>,
    /// Picklist values.
    pub values: Vec<Arc<str>>,
    /// The object that it refers to.
    pub target: Option<Arc<str>>,
    /// The name of the relationship to the parent.
    pub relationship: Option<Arc<str>>,
    /// Whether it is an external id.
    pub external_id: bool,
}

impl Field {
    /// A plain custom field that anybody may write.
    pub fn custom(name: &str, kind: FieldKind, length: u32) -> Self {
        Self {
            name: name.into(),
            kind,
            length,
            createable: true,
            updateable: true,
            nillable: kind != FieldKind::Boolean,
            defaulted: kind == FieldKind::Boolean,
            default: None,
            values: Vec::new(),
            target: None,
            relationship: None,
            external_id: false,
        }
    }
}

/// When a platform event leaves (Metadata API, `CustomObject.publishBehavior`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publishing {
    /// When its transaction is committed, and not if it isn't.
    AfterCommit,
    /// At once, whatever becomes of the transaction.
    Immediately,
}

/// An sObject.
#[derive(Debug, Clone)]
pub struct Object {
    /// API name.
    pub name: Arc<str>,
    /// The first three characters of its Ids.
    pub prefix: Arc<str>,
    /// Fields by name in lower case.
    pub fields: BTreeMap<String, Field>,
    /// Child relationships: name, child object, field of the child.
    pub children: Vec<(Arc<str>, Arc<str>, Arc<str>)>,
    /// For platform events: when they leave.
    pub publishing: Option<Publishing>,
    /// Whether its records are metadata.
    pub is_custom_metadata: bool,
}

impl Object {
    /// A field by name, in any case.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(&name.to_ascii_lowercase())
    }
}

/// What a name after an sObject means.
pub enum Member<'a> {
    /// A field.
    Field(&'a Field),
    /// The parent of a lookup field, with its object where that is a single one.
    Parent(&'a Field, Option<ObjectId>),
    /// Children: relationship, object, and the child's field.
    Children(&'a Arc<str>, ObjectId, &'a Arc<str>),
}

/// All sObjects.
#[derive(Debug, Clone)]
pub struct Schema {
    objects: Vec<Object>,
    by_name: BTreeMap<String, ObjectId>,
    pub(super) custom_metadata: Vec<CustomMetadata>,
}

static STANDARD: LazyLock<Schema> = LazyLock::new(|| read(include_str!("standard.txt")));

impl Schema {
    /// The standard objects and fields that the local org has.
    pub fn standard() -> Self {
        STANDARD.clone()
    }

    /// Whether the local org knows a standard object of this name, even where an org has it switched
    /// off.
    pub fn has_standard(name: &str) -> bool {
        STANDARD.find(name).is_some()
    }

    /// Adds a platform event with the fields that every event has.
    pub fn add_event(&mut self, name: &str, publishing: Publishing) {
        let fields = EVENT_FIELDS.lines().filter_map(field).collect();
        let id = ObjectId(u32::try_from(self.objects.len()).unwrap_or(u32::MAX));
        self.objects.push(Object {
            name: name.into(),
            prefix: "e00".into(),
            fields,
            children: Vec::new(),
            publishing: Some(publishing),
            is_custom_metadata: false,
        });
        self.by_name.insert(name.to_ascii_lowercase(), id);
    }

    /// Adds a custom metadata type with the fields that each has.
    pub fn add_custom_metadata_type(&mut self, name: &str) {
        let fields = super::custom_metadata::FIELDS
            .lines()
            .filter_map(field)
            .collect();
        let number = self.objects.len();
        let id = ObjectId(u32::try_from(number).unwrap_or(u32::MAX));
        self.objects.push(Object {
            name: name.into(),
            prefix: format!("m{number:02}").into(),
            fields,
            children: Vec::new(),
            publishing: None,
            is_custom_metadata: true,
        });
        self.by_name.insert(name.to_ascii_lowercase(), id);
    }

    /// Adds a custom field to an object that exists; says whether it does.
    pub fn add_field(&mut self, object: &str, field: Field) -> bool {
        let Some(id) = self.find(object) else {
            return false;
        };
        let key = field.name.to_ascii_lowercase();
        self.objects[id.0 as usize].fields.insert(key, field);
        true
    }

    /// Takes an object away by its name: it is there no more, and nothing leads to it.
    pub fn remove(&mut self, name: &str) {
        if self.by_name.remove(&name.to_ascii_lowercase()).is_some() {
            for object in &mut self.objects {
                object
                    .children
                    .retain(|(_, child, _)| !child.eq_ignore_ascii_case(name));
            }
        }
    }

    /// An object by name, in any case.
    pub fn find(&self, name: &str) -> Option<ObjectId> {
        self.by_name.get(&name.to_ascii_lowercase()).copied()
    }

    /// The names of all objects.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name
            .values()
            .map(|id| &*self.objects[id.0 as usize].name)
    }

    /// An object.
    pub fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id.0 as usize]
    }

    /// The object that Ids with this prefix belong to.
    pub fn of_prefix(&self, prefix: &str) -> Option<ObjectId> {
        let index = self
            .objects
            .iter()
            .position(|object| &*object.prefix == prefix)?;
        u32::try_from(index).ok().map(ObjectId)
    }

    /// A field, parent or child relationship of an object.
    pub fn member(&self, object: ObjectId, name: &str) -> Option<Member<'_>> {
        let found = self.object(object);
        if let Some(field) = found.field(name) {
            return Some(Member::Field(field));
        }
        let is_named = |relationship: &Arc<str>| relationship.eq_ignore_ascii_case(name);
        if let Some(field) = found
            .fields
            .values()
            .find(|field| field.relationship.as_ref().is_some_and(is_named))
        {
            // What is said of an owner is what users and queues have in common; users have it all.
            let target = match &field.target {
                None if &*field.name == "OwnerId" => Some("User"),
                target => target.as_deref(),
            };
            let parent = target.and_then(|target| self.find(target));
            return Some(Member::Parent(field, parent));
        }
        found
            .children
            .iter()
            .find(|(relationship, ..)| is_named(relationship))
            .and_then(|(relationship, child, field)| {
                Some(Member::Children(relationship, self.find(child)?, field))
            })
    }
}

// What every object has.
const SYSTEM_FIELDS: &str = "Id Id 18 ard
CreatedDate DateTime 0 ard
CreatedById Reference 18 ard to=User as=CreatedBy
LastModifiedDate DateTime 0 ard
LastModifiedById Reference 18 ard to=User as=LastModifiedBy
SystemModstamp DateTime 0 ard
IsDeleted Boolean 0 ard
OwnerId Reference 18 curd as=Owner";

// What has no owner of its own (Object Reference).
const OWNERLESS: [&str; 9] = [
    "AsyncApexJob",
    "CampaignMember",
    "CaseComment",
    "ContentDocumentLink",
    "EmailMessage",
    "EmailMessageRelation",
    "FeedItem",
    "OrgWideEmailAddress",
    "Product2",
];

// What every platform event has (Object Reference, "StandardObjectNameEvent").
const EVENT_FIELDS: &str = "Id Id 18 ard
EventUuid String 36 a
ReplayId String 1000 a
CreatedDate DateTime 0 a
CreatedById Reference 18 a to=User as=CreatedBy";

fn read(text: &str) -> Schema {
    let mut schema = Schema {
        objects: Vec::new(),
        by_name: BTreeMap::new(),
        custom_metadata: Vec::new(),
    };
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["object", name, prefix] => {
                let id = ObjectId(u32::try_from(schema.objects.len()).unwrap_or(u32::MAX));
                schema.by_name.insert(name.to_ascii_lowercase(), id);
                let fields = SYSTEM_FIELDS.lines().filter_map(field);
                let fields = fields
                    .filter(|(key, _)| key != "ownerid" || !OWNERLESS.contains(name))
                    .collect();
                schema.objects.push(Object {
                    name: (*name).into(),
                    prefix: (*prefix).into(),
                    fields,
                    children: Vec::new(),
                    publishing: None,
                    is_custom_metadata: false,
                });
            }
            ["children", name, child, by] => {
                if let Some(object) = schema.objects.last_mut() {
                    object
                        .children
                        .push(((*name).into(), (*child).into(), (*by).into()));
                }
            }
            _ => {
                if let (Some(object), Some((key, field))) = (schema.objects.last_mut(), field(line))
                {
                    object.fields.insert(key, field);
                }
            }
        }
    }
    schema
}

fn field(line: &str) -> Option<(String, Field)> {
    let mut words = line.splitn(4, ' ');
    let name = words.next()?;
    let kind = FieldKind::parse(words.next()?)?;
    let length = words.next()?.parse().ok()?;
    let rest = words.next().unwrap_or_default();
    let flags = rest.split(' ').next().unwrap_or_default();
    // Values may hold blanks, so a setting reaches to the next one.
    let setting = |key: &str| {
        let start = rest.find(&format!("{key}="))? + key.len() + 1;
        let text = &rest[start..];
        let end = ["values=", "default=", "to=", "as="]
            .iter()
            .filter_map(|next| text.find(&format!(" {next}")))
            .min()
            .unwrap_or(text.len());
        Some(&text[..end])
    };
    let values = setting("values").map(|list| list.split('|').map(Arc::from).collect());
    let field = Field {
        name: name.into(),
        kind,
        length,
        createable: flags.contains('c'),
        updateable: flags.contains('u'),
        nillable: !flags.contains('r') && kind != FieldKind::Boolean,
        defaulted: flags.contains('d'),
        default: setting("default").map(Arc::from),
        values: values.unwrap_or_default(),
        target: setting("to").map(Arc::from),
        relationship: setting("as").map(Arc::from),
        external_id: false,
    };
    Some((name.to_ascii_lowercase(), field))
}
