//! Events as Python objects: frozen, their fields readable.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use salon_sfu_net as net;

#[pyclass(frozen, get_all, module = "salon._sfu")]
pub(crate) struct Completed {
    ticket: u64,
    value: Option<String>,
    error: Option<&'static str>,
    detail: String,
}

#[pyclass(frozen, get_all, module = "salon._sfu")]
pub(crate) struct PeerState {
    room: String,
    peer: String,
    state: &'static str,
    cause: String,
}

#[pyclass(frozen, get_all, module = "salon._sfu")]
pub(crate) struct OfferReady {
    room: String,
    peer: String,
    neg: u32,
    sdp: String,
}

#[pyclass(frozen, get_all, module = "salon._sfu")]
pub(crate) struct TrackPublished {
    room: String,
    peer: String,
    track: String,
    kind: &'static str,
    codec: &'static str,
}

#[pyclass(frozen, get_all, module = "salon._sfu")]
pub(crate) struct TrackEnded {
    room: String,
    peer: String,
    track: String,
}

#[pyclass(frozen, get_all, module = "salon._sfu")]
pub(crate) struct RecordingState {
    room: String,
    recording: String,
    state: &'static str,
    detail: String,
}

#[pyclass(frozen, get_all, module = "salon._sfu")]
pub(crate) struct RoomFault {
    room: String,
    detail: String,
}

#[pyclass(frozen, module = "salon._sfu")]
pub(crate) struct AudioChunk {
    chunk: net::Chunk,
}

impl From<net::Chunk> for AudioChunk {
    fn from(chunk: net::Chunk) -> Self {
        Self { chunk }
    }
}

#[pymethods]
impl AudioChunk {
    #[getter]
    fn room(&self) -> &str {
        &self.chunk.room
    }

    #[getter]
    fn peer(&self) -> &str {
        &self.chunk.peer
    }

    #[getter]
    fn stream(&self) -> &str {
        &self.chunk.stream
    }

    #[getter]
    fn track(&self) -> &str {
        &self.chunk.track
    }

    #[getter]
    fn at_us(&self) -> u64 {
        self.chunk.at_us
    }

    #[getter]
    fn has_gap(&self) -> bool {
        self.chunk.has_gap
    }

    #[getter]
    fn is_last(&self) -> bool {
        self.chunk.is_last
    }

    #[getter]
    fn pcm<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let samples = self.chunk.pcm.iter();
        let bytes: Vec<u8> = samples.flat_map(|sample| sample.to_le_bytes()).collect();
        PyBytes::new(py, &bytes)
    }
}

/// The Python object of an event.
pub(crate) fn to_python(py: Python<'_>, event: net::Event) -> PyResult<Py<PyAny>> {
    let object = match event {
        net::Event::Completed { ticket, outcome } => {
            let completed = match outcome {
                Ok(value) => Completed {
                    ticket,
                    value,
                    error: None,
                    detail: String::new(),
                },
                Err(failure) => Completed {
                    ticket,
                    value: None,
                    error: Some(failure.kind.as_str()),
                    detail: failure.detail,
                },
            };
            Py::new(py, completed)?.into_any()
        }
        net::Event::PeerState {
            room,
            peer,
            state,
            cause,
        } => {
            let state = state.as_str();
            Py::new(
                py,
                PeerState {
                    room: room.to_string(),
                    peer: peer.to_string(),
                    state,
                    cause,
                },
            )?
            .into_any()
        }
        net::Event::OfferReady {
            room,
            peer,
            neg,
            sdp,
        } => Py::new(
            py,
            OfferReady {
                room: room.to_string(),
                peer: peer.to_string(),
                neg,
                sdp,
            },
        )?
        .into_any(),
        net::Event::TrackPublished {
            room,
            peer,
            track,
            kind,
            codec,
        } => {
            let (room, peer, kind) = (room.to_string(), peer.to_string(), kind.as_str());
            Py::new(
                py,
                TrackPublished {
                    room,
                    peer,
                    track,
                    kind,
                    codec,
                },
            )?
            .into_any()
        }
        net::Event::TrackEnded { room, peer, track } => Py::new(
            py,
            TrackEnded {
                room: room.to_string(),
                peer: peer.to_string(),
                track,
            },
        )?
        .into_any(),
        net::Event::RecordingState {
            room,
            recording,
            state,
            detail,
        } => Py::new(
            py,
            RecordingState {
                room: room.to_string(),
                recording: recording.to_string(),
                state: state.as_str(),
                detail,
            },
        )?
        .into_any(),
        net::Event::RoomFault { room, detail } => Py::new(
            py,
            RoomFault {
                room: room.to_string(),
                detail,
            },
        )?
        .into_any(),
    };
    Ok(object)
}
