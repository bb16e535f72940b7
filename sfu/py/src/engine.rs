//! The engine as a Python object: converts, and nothing else.

use std::net::IpAddr;
use std::path::PathBuf;

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use salon_sfu_net as net;
use salon_sfu_net::Command;

use crate::event;

create_exception!(salon._sfu, EngineBusy, PyException);

#[pyclass(frozen, module = "salon._sfu")]
pub(crate) struct Engine {
    engine: net::Engine,
}

impl Engine {
    fn submit(&self, command: Command) -> PyResult<u64> {
        self.engine
            .submit(command)
            .map_err(|busy| EngineBusy::new_err(busy.to_string()))
    }
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (*, bind_ip="0.0.0.0", udp_port=0, advertised_ips, shards=1, max_peers=500, max_lines=100, real_time=false))]
    #[allow(
        clippy::too_many_arguments,
        reason = "in Python each has its name and a default"
    )]
    fn new(
        py: Python<'_>,
        bind_ip: &str,
        udp_port: u16,
        advertised_ips: Vec<String>,
        shards: usize,
        max_peers: usize,
        max_lines: usize,
        real_time: bool,
    ) -> PyResult<Self> {
        let config = net::EngineConfig {
            bind_ip: address(bind_ip)?,
            udp_port,
            advertised_ips: advertised_ips
                .iter()
                .map(|ip| address(ip))
                .collect::<PyResult<_>>()?,
            shards,
            max_peers,
            max_lines,
            real_time,
            ..net::EngineConfig::default()
        };
        let engine =
            py.detach(|| net::Engine::start(config))
                .map_err(|error| match error.kind() {
                    std::io::ErrorKind::InvalidInput => PyValueError::new_err(error.to_string()),
                    _ => PyErr::from(error),
                })?;
        Ok(Self { engine })
    }

    #[getter]
    fn udp_port(&self) -> u16 {
        self.engine.udp_port()
    }

    fn events_fd(&self) -> i32 {
        self.engine.events_fd()
    }

    #[pyo3(signature = (max_events=256))]
    fn poll_events(&self, py: Python<'_>, max_events: usize) -> PyResult<Vec<Py<PyAny>>> {
        let mut events = Vec::new();
        self.engine.poll_some_events(&mut events, max_events);
        events
            .into_iter()
            .map(|event| event::to_python(py, event))
            .collect()
    }

    #[pyo3(signature = (*, room, peer, stream, offer))]
    fn join(&self, room: String, peer: String, stream: String, offer: String) -> PyResult<u64> {
        self.submit(Command::Join {
            room,
            peer,
            stream,
            offer,
        })
    }

    #[pyo3(signature = (*, room, peer, sdp))]
    fn offer(&self, room: String, peer: String, sdp: String) -> PyResult<u64> {
        self.submit(Command::Offer { room, peer, sdp })
    }

    #[pyo3(signature = (*, room, peer, sdp, neg))]
    fn answer(&self, room: String, peer: String, sdp: String, neg: Option<u32>) -> PyResult<u64> {
        self.submit(Command::Answer {
            room,
            peer,
            sdp,
            neg,
        })
    }

    #[pyo3(signature = (*, room, peer, candidate))]
    fn add_candidate(&self, room: String, peer: String, candidate: String) -> PyResult<u64> {
        self.submit(Command::AddCandidate {
            room,
            peer,
            candidate,
        })
    }

    #[pyo3(signature = (*, room, peer, reason))]
    fn leave(&self, room: String, peer: String, reason: String) -> PyResult<u64> {
        self.submit(Command::Leave { room, peer, reason })
    }

    #[pyo3(signature = (*, room, reason))]
    fn close_room(&self, room: String, reason: String) -> PyResult<u64> {
        self.submit(Command::CloseRoom { room, reason })
    }

    #[pyo3(signature = (*, room, peer, audio, video))]
    fn set_publish(&self, room: String, peer: String, audio: bool, video: bool) -> PyResult<u64> {
        self.submit(Command::SetPublish {
            room,
            peer,
            audio,
            video,
        })
    }

    #[pyo3(signature = (*, room))]
    fn room_stats(&self, room: String) -> PyResult<u64> {
        self.submit(Command::RoomStats { room })
    }

    #[pyo3(signature = (*, room, recording, folder))]
    fn start_recording(&self, room: String, recording: String, folder: PathBuf) -> PyResult<u64> {
        self.submit(Command::StartRecording {
            room,
            recording,
            folder,
        })
    }

    #[pyo3(signature = (*, room, recording))]
    fn stop_recording(&self, room: String, recording: String) -> PyResult<u64> {
        self.submit(Command::StopRecording { room, recording })
    }

    #[pyo3(signature = (*, room))]
    fn listen(&self, room: String) -> PyResult<u64> {
        self.submit(Command::Listen { room })
    }

    #[pyo3(signature = (*, room))]
    fn unlisten(&self, room: String) -> PyResult<u64> {
        self.submit(Command::Unlisten { room })
    }

    fn audio_fd(&self) -> i32 {
        self.engine.audio_fd()
    }

    #[pyo3(signature = (max_chunks=64))]
    fn take_audio(&self, max_chunks: usize) -> Vec<event::AudioChunk> {
        let chunks = self.engine.take_audio(max_chunks);
        chunks.into_iter().map(event::AudioChunk::from).collect()
    }

    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = PyDict::new(py);
        for (name, value) in self.engine.stats().values {
            stats.set_item(name, value)?;
        }
        Ok(stats)
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.engine.close());
    }
}

fn address(text: &str) -> PyResult<IpAddr> {
    text.parse()
        .map_err(|_| PyValueError::new_err(format!("{text:?} is not an IP address")))
}
