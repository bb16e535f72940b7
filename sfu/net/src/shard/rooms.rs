//! The rooms of a shard, by name and by index.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use salon_sfu_recorder::RecordingKey;

use super::room::LiveRoom;

/// Indices are dense and used again.
#[derive(Default)]
pub(crate) struct Rooms {
    slots: Vec<Option<Box<LiveRoom>>>,
    free: Vec<usize>,
    by_name: HashMap<Arc<str>, usize>,
}

impl Rooms {
    pub(crate) fn insert(&mut self, room: LiveRoom) -> usize {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.by_name.insert(Arc::clone(&room.name), index);
        if let Some(slot) = self.slots.get_mut(index) {
            *slot = Some(Box::new(room));
        }
        index
    }

    pub(crate) fn remove(&mut self, index: usize) -> Option<Box<LiveRoom>> {
        let room = self.slots.get_mut(index)?.take()?;
        self.by_name.remove(&room.name);
        self.free.push(index);
        Some(room)
    }

    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&LiveRoom> {
        self.slots.get(index)?.as_deref()
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut LiveRoom> {
        self.slots.get_mut(index)?.as_deref_mut()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &LiveRoom)> {
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(index, slot)| Some((index, slot.as_deref()?)))
    }

    /// Rooms whose media plane wants to be called.
    pub(crate) fn due(&self, now: Instant) -> Vec<usize> {
        self.iter()
            .filter(|(_, room)| room.due.is_some_and(|at| at <= now))
            .map(|(index, _)| index)
            .collect()
    }

    /// The room that is recorded under this key, if it is there.
    pub(crate) fn recorded_by(&self, key: RecordingKey) -> Option<usize> {
        let mut rooms = self.iter();
        let is_of = |room: &LiveRoom| room.recording.is_some_and(|(of, _)| of == key);
        rooms.find(|(_, room)| is_of(room)).map(|(index, _)| index)
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}
