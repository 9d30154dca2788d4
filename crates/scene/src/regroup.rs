//! Which points make which instance, and what instances are called. Each change gives a new memory with an
//! entry in its journal; the old one stays as it is.

use reasmory_geom::Obb;

use crate::edit::EditError;
use crate::{Instance, JournalEntry, Manifest, Memory, Points};

/// The category of instances that nobody has named yet.
pub const UNLABELLED: &str = "unlabelled";

/// The memory with these instances in place of its own: `of_point` is the instance of each point, from 1, or 0
/// for none. Supports are counted anew. `note` is what the journal says.
pub fn replace(
    memory: &Memory,
    instances: Vec<Instance>,
    of_point: Vec<u32>,
    note: String,
) -> Result<Memory, EditError> {
    let mut m = memory.manifest().as_ref().clone();
    m.instances = instances;
    m.grounding.clear();
    m.categories.clear();
    m.journal.push(JournalEntry { action: "segment".into(), what: note });
    finish(memory, m, of_point)
}

/// Gives instances categories of their own; `because` is added to what the journal says.
pub fn name(memory: &Memory, names: &[(u32, String)], because: &str) -> Result<Memory, EditError> {
    let mut m = memory.manifest().as_ref().clone();
    let mut said = Vec::new();
    for (id, category) in names {
        let to = category.trim().to_lowercase();
        if to.is_empty() {
            return Err(error("the category is empty", "give a name, for instance `chair`"));
        }
        let known = m.instances.len();
        let Some(i) = (*id as usize).checked_sub(1).and_then(|k| m.instances.get_mut(k)) else {
            return Err(error(
                format!("there is no instance {id}"),
                format!("ids are 1 to {known}"),
            ));
        };
        said.push(format!("instance {id}, `{}`, is `{to}`", i.category));
        i.category = to;
    }
    if said.is_empty() {
        return Err(error("no instance is named", "give at least one id with a category"));
    }
    m.journal.push(JournalEntry { action: "label".into(), what: said.join("; ") + because });
    let of_point = memory.points().instance.to_vec();
    finish(memory, m, of_point)
}

/// Makes an instance of some points (rows of the memory), which leave the instances they belonged to. `obb` is
/// its box, `boxes` are those of instances that lost points. The new one has the highest id.
pub fn carve(
    memory: &Memory,
    rows: &[u32],
    new: Instance,
    boxes: &[(u32, Obb)],
) -> Result<Memory, EditError> {
    let mut m = memory.manifest().as_ref().clone();
    let mut of_point = memory.points().instance.to_vec();
    let id = m.instances.len() as u32 + 1;
    for r in rows {
        match of_point.get_mut(*r as usize) {
            Some(i) => *i = id,
            None => return Err(error(format!("there is no point {r}"), "give rows of the memory")),
        }
    }
    for (id, obb) in boxes {
        if let Some(i) = (*id as usize).checked_sub(1).and_then(|k| m.instances.get_mut(k)) {
            i.obb = *obb;
        }
    }
    let what = format!("{} points are instance {id}, `{}`", rows.len(), new.category);
    m.instances.push(Instance { id, ..new });
    m.journal.push(JournalEntry { action: "carve".into(), what });
    finish(memory, m, of_point)
}

/// The memory with the photos that see an instance; the journal says nothing of it.
pub fn seen(memory: &Memory, id: u32, photos: Vec<u32>) -> Result<Memory, EditError> {
    let mut m = memory.manifest().as_ref().clone();
    if let Some(i) = (id as usize).checked_sub(1).and_then(|k| m.instances.get_mut(k)) {
        i.seen_in = photos;
    }
    let of_point = memory.points().instance.to_vec();
    finish(memory, m, of_point)
}

/// The memory with other boxes of instances; the journal says nothing of it.
pub fn fit(memory: &Memory, boxes: &[(u32, Obb)]) -> Result<Memory, EditError> {
    let mut m = memory.manifest().as_ref().clone();
    for (id, obb) in boxes {
        if let Some(i) = (*id as usize).checked_sub(1).and_then(|k| m.instances.get_mut(k)) {
            i.obb = *obb;
        }
    }
    let of_point = memory.points().instance.to_vec();
    finish(memory, m, of_point)
}

fn error(what: impl Into<String>, remedy: impl Into<String>) -> EditError {
    EditError { what: what.into(), remedy: remedy.into() }
}

fn finish(memory: &Memory, mut m: Manifest, of_point: Vec<u32>) -> Result<Memory, EditError> {
    let mut support = vec![0u64; m.instances.len() + 1];
    for id in &of_point {
        if let Some(n) = support.get_mut(*id as usize) {
            *n += 1;
        }
    }
    // A memory of boxes alone has no points to count.
    if !of_point.is_empty() {
        m.instances.iter_mut().zip(&support[1..]).for_each(|(i, n)| i.support = *n);
    }
    m.index_categories();
    let points = Points { instance: of_point.into(), ..memory.points().clone() };
    Ok(Memory::new(m, points, memory.pixels())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scale;
    use reasmory_geom::{Point3, Vec3};

    fn thing(id: u32, category: &str) -> Instance {
        Instance {
            id,
            category: category.into(),
            obb: Obb::upright(Point3::origin(), Vec3::new(1.0, 1.0, 1.0), 0.0),
            confidence: 0.5,
            support: 9,
            front: None,
            seen_in: vec![],
        }
    }

    fn memory() -> Memory {
        let mut m = Manifest::empty("room", "test", Scale::relative("test"));
        m.points = 4;
        let points = Points {
            positions: vec![[0.0; 3]; 4].into(),
            colors: vec![[0; 3]; 4].into(),
            confidence: vec![1.0; 4].into(),
            instance: vec![0; 4].into(),
        };
        Memory::new(m, points, None).unwrap()
    }

    #[test]
    fn instances_are_replaced_named_and_carved() {
        let things = vec![thing(1, UNLABELLED), thing(2, UNLABELLED)];
        let m = replace(&memory(), things, vec![1, 1, 2, 0], "two things".into()).unwrap();
        assert_eq!(m.manifest().category(UNLABELLED).unwrap().instances, [1, 2]);
        assert_eq!(m.manifest().instances[0].support, 2);
        let m = name(&m, &[(2, " Chair ".into())], "").unwrap();
        assert_eq!(m.manifest().category("chair").unwrap().instances, [2]);
        assert_eq!(m.manifest().journal[1].what, "instance 2, `unlabelled`, is `chair`");
        let m = carve(&m, &[1, 3], thing(0, "box"), &[(1, m.manifest().instances[1].obb)]).unwrap();
        assert_eq!(m.points().instance[..], [1, 3, 2, 3]);
        assert_eq!(m.manifest().instances[0].support, 1);
        assert_eq!(m.manifest().instances[2].category, "box");
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let m = memory();
        assert!(name(&m, &[(1, "chair".into())], "").unwrap_err().what.contains("no instance 1"));
        assert!(name(&m, &[], "").is_err());
        assert!(carve(&m, &[9], thing(0, "x"), &[]).is_err());
        assert!(replace(&m, vec![], vec![3, 0, 0, 0], String::new()).is_err());
        assert!(replace(&m, vec![], vec![0], String::new()).is_err());
    }
}
