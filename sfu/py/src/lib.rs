//! The module `salon._sfu`: the engine for Python. Its face, with all docstrings, is `src/salon/_sfu.pyi`.

mod engine;
mod event;

use pyo3::prelude::*;

#[pymodule(name = "_sfu")]
fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("SOURCE_HASH", env!("SALON_SOURCE_HASH"))?;
    m.add("EngineBusy", m.py().get_type::<engine::EngineBusy>())?;
    m.add_class::<engine::Engine>()?;
    m.add_class::<event::AudioChunk>()?;
    add_events(m)
}

/// The event classes, and `Event`: any of them.
fn add_events(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<event::Completed>()?;
    m.add_class::<event::PeerState>()?;
    m.add_class::<event::OfferReady>()?;
    m.add_class::<event::TrackPublished>()?;
    m.add_class::<event::TrackEnded>()?;
    m.add_class::<event::RecordingState>()?;
    m.add_class::<event::RoomFault>()?;
    let any = m.getattr("Completed")?;
    let others = [
        "PeerState",
        "OfferReady",
        "TrackPublished",
        "TrackEnded",
        "RecordingState",
        "RoomFault",
    ];
    let any = others
        .iter()
        .try_fold(any, |any, name| any.bitor(m.getattr(*name)?))?;
    m.add("Event", any)
}
