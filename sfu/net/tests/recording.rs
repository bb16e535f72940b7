//! What recording must never do: hold up a packet.

mod support;

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use salon_sfu_net::{Command, Disk, Engine, EngineConfig, Event, RecorderState, Sink};
use support::Call;

/// A disk that keeps nothing, and stands still while it is told to.
#[derive(Clone, Default)]
struct StandingDisk(Arc<(Mutex<bool>, Condvar)>);

impl StandingDisk {
    fn stand(&self, stands: bool) {
        *self.0.0.lock().expect("the lock") = stands;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let stands = self.0.0.lock().expect("the lock");
        drop(
            self.0
                .1
                .wait_while(stands, |stands| *stands)
                .expect("the lock"),
        );
    }
}

impl Sink for StandingDisk {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<()> {
        self.wait();
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.wait();
        Ok(())
    }

    fn truncate(&mut self, _len: u64) -> io::Result<()> {
        Ok(())
    }
}

impl Disk for StandingDisk {
    fn make_folder(&mut self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn create(&mut self, _path: &Path) -> io::Result<Box<dyn Sink>> {
        Ok(Box::new(self.clone()))
    }

    fn append(&mut self, _path: &Path) -> io::Result<(Box<dyn Sink>, u64)> {
        Ok((Box::new(self.clone()), 0))
    }

    fn highest_number(&mut self, _folder: &Path) -> u32 {
        0
    }
}

fn states(call: &Call) -> Vec<RecorderState> {
    let events = call.log.iter();
    events
        .filter_map(|event| match event {
            Event::RecordingState { state, .. } => Some(*state),
            _ => None,
        })
        .collect()
}

fn start() -> Command {
    Command::StartRecording {
        room: Call::room(),
        recording: "rec".to_owned(),
        folder: "rec".into(),
    }
}

#[test]
fn a_disk_that_stands_still_costs_the_recording_packets_and_nobody_else() {
    let disk = StandingDisk::default();
    let config = EngineConfig {
        recording_buffer_bytes: 64 * 1024,
        ..EngineConfig::default()
    };
    let engine = Engine::start_on(config, disk.clone()).expect("an engine");
    let mut call = Call::on(engine);
    call.order(start()).expect("a recording");
    for _ in 0..2 {
        let position = call.join();
        call.publish(position);
    }
    call.until("everybody to get everybody", |call| {
        (0..2).all(|position| call.hears_and_sees(position, 1))
    });
    call.until("the first bytes to be written", |call| {
        states(call) == [RecorderState::Writing]
    });
    disk.stand(true);
    call.until("the recording to be behind", |call| {
        states(call) == [RecorderState::Writing, RecorderState::Slow]
    });
    call.run_for(Duration::from_millis(500));
    for (at, from) in [(0, 1), (1, 0)] {
        for kind in ["audio", "video"] {
            let peer = call.peer(at);
            let track = peer.track(&Call::stream(from), kind).expect("a track");
            assert_eq!((track.lost(), track.duplicates, track.damaged), (0, 0, 0));
        }
    }
    let recovered = [
        RecorderState::Writing,
        RecorderState::Slow,
        RecorderState::Writing,
    ];
    disk.stand(false);
    call.until("the recording to go on", |call| {
        states(call).starts_with(&recovered)
    });
    let stop = Command::StopRecording {
        room: Call::room(),
        recording: "rec".to_owned(),
    };
    let summary = call.order(stop).expect("a summary").expect("a text");
    assert!(
        summary.contains("\"segments\":") && !summary.contains("\"gaps\":0"),
        "{summary}"
    );
    assert!(call.engine.stats().get("recorded_packets_total") > 0);
}
