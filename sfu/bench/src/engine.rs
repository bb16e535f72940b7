//! The bench's hold on the engine's process.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::Failure;
use crate::child::{FLAG, News, Order};
use crate::machine::{self, Cores, CpuTime};

/// Longest wait for the engine's process to say that it runs.
const START: Duration = Duration::from_secs(10);

/// The engine's process; dropping it ends the process.
pub struct EngineProcess {
    child: Child,
    orders: Option<ChildStdin>,
    news: Receiver<News>,
    media_threads: Vec<i32>,
}

impl EngineProcess {
    /// Starts the process and binds its media threads to their core.
    ///
    /// # Errors
    /// It does not start, or says nothing in time.
    pub fn start(cores: &Cores) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(FLAG)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = child.stdin.take();
        let out = child
            .stdout
            .take()
            .ok_or("the engine's process has no output")?;
        let (tell, news) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let parsed = serde_json::from_str(&line).unwrap_or(News::Trouble { text: line });
                if tell.send(parsed).is_err() {
                    break;
                }
            }
        });
        let mut process = Self {
            child,
            orders,
            news,
            media_threads: Vec::new(),
        };
        match process.news.recv_timeout(START) {
            Ok(News::Ready { threads }) => process.media_threads = threads,
            other => return Err(format!("the engine did not start: {other:?}").into()),
        }
        // Its other threads stay on the generator's core, from which they were started.
        for thread in &process.media_threads {
            machine::pin(*thread, cores.engine)?;
        }
        Ok(process)
    }

    /// Gives an order.
    ///
    /// # Errors
    /// The process is gone.
    pub fn order(&mut self, order: &Order) -> Result<(), Failure> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        let pipe = self
            .orders
            .as_mut()
            .ok_or("the engine's process is closing")?;
        pipe.write_all(&line)?;
        pipe.flush()?;
        Ok(())
    }

    /// The next news, if there is any.
    ///
    /// # Errors
    /// The process is gone.
    pub fn find_news(&mut self) -> Result<Option<News>, Failure> {
        match self.news.recv_timeout(Duration::ZERO) {
            Ok(news) => Ok(Some(news)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err("the engine's process ended".into()),
        }
    }

    /// CPU time of the media threads so far.
    ///
    /// # Errors
    /// The process is gone.
    pub fn media_cpu_time(&self) -> Result<CpuTime, Failure> {
        machine::cpu_time(self.child.id(), &self.media_threads)
    }

    /// CPU time of the thread that writes recordings so far.
    ///
    /// # Errors
    /// The process is gone, or has no such thread.
    pub fn recorder_cpu_time(&self) -> Result<CpuTime, Failure> {
        for task in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let task = task?.path();
            if std::fs::read_to_string(task.join("comm"))?.trim() == "sfu-recorder" {
                let name = task.file_name().and_then(|name| name.to_str());
                let thread = name.ok_or("a thread without a number")?.parse()?;
                return machine::cpu_time(self.child.id(), &[thread]);
            }
        }
        Err("the engine has no thread that writes recordings".into())
    }

    /// Memory of the process in RAM, in KiB.
    ///
    /// # Errors
    /// The process is gone.
    pub fn resident_kib(&self) -> Result<u64, Failure> {
        machine::resident_kib(self.child.id())
    }
}

impl Drop for EngineProcess {
    fn drop(&mut self) {
        // The end of its input is its sign to stop; if it does not, it is ended.
        drop(self.orders.take());
        for _ in 0..50 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        if let Err(error) = self
            .child
            .kill()
            .and_then(|()| self.child.wait().map(|_| ()))
        {
            eprintln!("salon-sfu-bench: the engine's process did not end: {error}");
        }
    }
}
