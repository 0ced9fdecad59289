//! The worker threads: each drives its own sessions with a runtime of its own, so that a session's
//! state is never shared and never locked.

use std::{
    io,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use narrows_journal::Journal;
use tokio::{
    runtime::Builder,
    sync::mpsc,
    task::{LocalSet, spawn_local},
};

use crate::batch::Batch;

type Job = Box<dyn FnOnce(&Rc<Batch>) + Send>;

/// The way to one worker thread. Its thread ends when the last of these is gone.
#[derive(Clone, Debug)]
pub(crate) struct Worker(mpsc::UnboundedSender<Job>);

/// All workers, used in turn.
#[derive(Clone, Debug)]
pub(crate) struct Workers {
    workers: Arc<[Worker]>,
    turn: Arc<AtomicUsize>,
}

impl Workers {
    /// Starts `count` threads, each with a batch of its own for `journal`.
    pub(crate) fn start(count: usize, journal: &Arc<Journal>) -> io::Result<(Workers, Vec<JoinHandle<()>>)> {
        let mut workers = Vec::with_capacity(count);
        let mut threads = Vec::with_capacity(count);
        for number in 0..count.max(1) {
            let (worker, thread) = Worker::start(number, Arc::clone(journal))?;
            workers.push(worker);
            threads.push(thread);
        }
        Ok((Workers { workers: workers.into(), turn: Arc::default() }, threads))
    }

    /// The worker whose turn it is.
    pub(crate) fn next(&self) -> &Worker {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.workers.len();
        #[expect(clippy::indexing_slicing, reason = "a remainder of the length; there is at least one")]
        &self.workers[turn]
    }
}

impl Worker {
    fn start(number: usize, journal: Arc<Journal>) -> io::Result<(Worker, JoinHandle<()>)> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (sender, mut jobs) = mpsc::unbounded_channel::<Job>();
        let thread = std::thread::Builder::new().name(format!("narrows-{number}")).spawn(move || {
            let batch = Rc::new(Batch::new(journal));
            LocalSet::new().block_on(&runtime, async {
                while let Some(job) = jobs.recv().await {
                    job(&batch);
                }
            });
        })?;
        Ok((Worker(sender), thread))
    }

    /// Makes a task on the worker's thread, where it may use the worker's batch, and runs it there. After
    /// shutdown nothing happens.
    pub(crate) fn spawn<Task>(&self, task: impl FnOnce(&Rc<Batch>) -> Task + Send + 'static)
    where
        Task: Future<Output = ()> + 'static,
    {
        drop(self.0.send(Box::new(move |batch| drop(spawn_local(task(batch))))));
    }
}
