//! Everything that a job may hold, through JSON text and back.

use super::*;
use crate::emulator::runtime::{Program, Schema};
use crate::metadata::{ComponentId, MetadataType};

const HOLDER: &str = "public virtual class Holder {
    private List<String> names;
    public class Special extends Holder {
        private Integer names;
    }
    public enum Color { RED, GREEN }
}";

fn compiled(source: &str) -> Program {
    let id = ComponentId::new(MetadataType::ApexClass, "Holder");
    Program::compile(&[(id, source.to_owned())], &Schema::standard()).unwrap()
}

fn through_text(world: &World, values: &[Value]) -> Result<Vec<Value>, Gone> {
    let text = freeze(world, values).to_string();
    thaw(world, &serde_json::from_str(&text).unwrap())
}

#[test]
fn values_come_back_as_they_were() {
    let program = compiled(HOLDER);
    let world = &program.world;
    let color = class_named(world, "Holder.Color").unwrap();
    let case = world.schema.find("Case").unwrap();
    let fields: [(Arc<str>, Value); 1] = [("Subject".into(), Value::text("s"))];
    let values = [
        Value::Null,
        Value::Boolean(true),
        Value::Integer(-7),
        Value::Long(i64::MAX),
        Value::Double(0.1),
        Value::Decimal("12.3400".parse().unwrap()),
        Value::text("\"ä\n"),
        Value::Id("500Fk0000000001AAA".into()),
        Value::Date("2026-03-04".parse().unwrap()),
        Value::Datetime(1),
        Value::Time(2),
        Value::Blob(vec![0, 255].into()),
        Value::Enum(color, 1),
        Value::ObjectToken(case),
        Value::FieldToken(case, "Subject".into()),
        Value::Type(Type::list(Type::Class(color))),
        Value::record(case, fields.into(), true),
        Value::set(Type::Integer, vec![Value::Integer(2), Value::Integer(1)]),
        Value::map(
            Arc::new((Type::String, Type::SObject)),
            vec![(Value::text("k"), Value::Null)],
        ),
    ];
    let back = through_text(world, &values).unwrap();
    let keys = |values: &[Value]| -> Vec<String> {
        values
            .iter()
            .map(crate::emulator::runtime::value::hash_key)
            .collect()
    };
    assert_eq!(keys(&back), keys(&values));
    let Value::Double(double) = back[4] else {
        panic!("a Double")
    };
    assert_eq!(double.to_bits(), 0.1_f64.to_bits());
    let Value::Decimal(decimal) = back[5] else {
        panic!("a Decimal")
    };
    assert_eq!(decimal.scale(), 4);
}

#[test]
fn what_was_shared_is_shared_and_variables_go_by_name() {
    let program = compiled(HOLDER);
    let world = &program.world;
    let class = class_named(world, "Holder.Special").unwrap();
    let list = Value::list(Type::String, vec![Value::text("a")]);
    let object = Value::Object(Rc::new(Object {
        class,
        slots: vec![Value::Null; world.class(class).instance_slots].into(),
    }));
    let slot = |world: &World, owner: &str| {
        let class = class_named(world, "Holder.Special").unwrap();
        let found = variables(world, class);
        let found = found.iter().find(|(name, _)| name == owner);
        found.unwrap().1.slot
    };
    if let Value::Object(object) = &object {
        let mut slots = object.slots.borrow_mut();
        slots[slot(world, "Holder.names")] = list.clone();
        slots[slot(world, "Holder.Special.names")] = Value::Integer(1);
    }
    // A list that holds itself ends, too.
    if let Value::List(inner) = &list {
        inner.items.borrow_mut().push(list.clone());
    }
    let frozen = freeze(world, &[object, list]);
    // The class has one more variable by the time that it is needed.
    let later = HOLDER.replace(
        "private List<String> names;",
        "private Integer a; private List<String> names;",
    );
    let later = compiled(&later);
    let back = thaw(&later.world, &frozen).unwrap();
    let (Value::Object(object), Value::List(list)) = (&back[0], &back[1]) else {
        panic!("an object and a list")
    };
    let slots = object.slots.borrow();
    let Value::List(same) = &slots[slot(&later.world, "Holder.names")] else {
        panic!("the list")
    };
    assert!(Rc::ptr_eq(same, list));
    assert!(matches!(
        slots[slot(&later.world, "Holder.Special.names")],
        Value::Integer(1)
    ));
    assert!(matches!(&list.items.borrow()[1], Value::List(inner) if Rc::ptr_eq(inner, list)));
}

#[test]
fn what_is_gone_is_named() {
    let program = compiled(HOLDER);
    let color = class_named(&program.world, "Holder.Color").unwrap();
    let frozen = freeze(&program.world, &[Value::Enum(color, 1)]);
    let fewer = compiled(&HOLDER.replace(", GREEN", ""));
    assert_eq!(
        thaw(&fewer.world, &frozen).err().unwrap().to_string(),
        "the constant Holder.Color.GREEN is not there any more, or has changed"
    );
    let none = compiled("public class Holder {}");
    assert_eq!(
        thaw(&none.world, &frozen).err().unwrap().to_string(),
        "the class Holder.Color is not there any more, or has changed"
    );
}
