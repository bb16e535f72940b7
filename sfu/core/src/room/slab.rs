//! A vector whose places are reused: dense indices for the packet path.

/// Values by index; an index is reused after its value was removed.
pub(super) struct Slab<T> {
    places: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab {
            places: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    pub(super) fn insert(&mut self, value: T) -> usize {
        let at = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        if let Some(place) = self.places.get_mut(at) {
            *place = Some(value);
        }
        at
    }

    pub(super) fn remove(&mut self, at: usize) -> Option<T> {
        let value = self.places.get_mut(at)?.take()?;
        self.free.push(at);
        Some(value)
    }

    #[inline]
    pub(super) fn get(&self, at: usize) -> Option<&T> {
        self.places.get(at)?.as_ref()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.places.get_mut(at)?.as_mut()
    }

    /// One past the highest index in use.
    pub(super) fn end(&self) -> usize {
        self.places.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.places
            .iter()
            .enumerate()
            .filter_map(|(at, place)| Some((at, place.as_ref()?)))
    }
}
