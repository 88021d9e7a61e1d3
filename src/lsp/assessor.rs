//! What a workload makes of the open files, found out in the background.
//!
//! A run takes a second, so no keystroke waits for one: once an editor has been still for a
//! moment, a thread of its own answers the questions that a document has, and the loop publishes
//! the document anew. An answer belongs to a question, not to a text, so none is ever shown
//! beside other figures than its own; what is asked no more is not run to its end.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, unbounded};

use super::document::{Document, Environment};
use crate::capacity::{Asked, Assessment};
use crate::workspace::AssessmentQuestion;

/// How long nobody types before a run starts: longer than between two keystrokes, shorter than
/// what it takes to look up.
const PAUSE: Duration = Duration::from_millis(300);

/// What the rules on capacity read, if a configuration can be assessed.
pub(super) type Answer = Option<Box<Assessment>>;

/// An answer to a question of a document.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) uri: String,
    pub(super) question: AssessmentQuestion,
    pub(super) answer: Answer,
}

#[derive(Debug)]
enum Wish {
    /// The newest version of a document, in place of the one before.
    Consider(Arc<Document>, Arc<Environment>),
    /// The document was closed.
    Forget(String),
}

/// The thread that runs workloads; it ends after this.
#[derive(Debug)]
pub(super) struct Assessor {
    wishes: Sender<Wish>,
}

impl Assessor {
    /// Starts the thread; its answers come out of the other end.
    pub(super) fn start() -> (Self, Receiver<Answered>) {
        let (wishes, wanted) = unbounded();
        let (answers, answered) = unbounded();
        // Not joined: what it runs, nobody waits for.
        std::thread::spawn(move || {
            let mut queue = Queue { wanted, waiting: BTreeMap::new(), is_over: false };
            while let Some((uri, wish)) = queue.next() {
                for question in wish.document.unanswered(&wish.environment) {
                    let Some(answer) = queue.run(&uri, &question) else { break };
                    if answers.send(Answered { uri: uri.clone(), question, answer }).is_err() {
                        return;
                    }
                }
            }
        });
        (Self { wishes }, answered)
    }

    /// Has the questions of a document answered, and not those of its version before.
    pub(super) fn consider(&self, document: Arc<Document>, environment: Arc<Environment>) {
        let _ = self.wishes.send(Wish::Consider(document, environment)); // The thread is there.
    }

    /// Leaves a document alone.
    pub(super) fn forget(&self, uri: &str) {
        let _ = self.wishes.send(Wish::Forget(uri.to_owned()));
    }
}

/// A document whose questions are to be answered.
struct Waiting {
    document: Arc<Document>,
    environment: Arc<Environment>,
    due: Instant,
}

struct Queue {
    wanted: Receiver<Wish>,
    waiting: BTreeMap<String, Waiting>,
    /// The server has gone.
    is_over: bool,
}

/// What a run unwinds with that nobody waits for any more.
struct Abandoned;

impl Queue {
    /// The next document that was left alone for a while; `None` once the server has gone.
    fn next(&mut self) -> Option<(String, Waiting)> {
        loop {
            let first = self.waiting.iter().min_by_key(|(_, waiting)| waiting.due);
            let first = first.map(|(uri, waiting)| (uri.clone(), waiting.due));
            let wish = match &first {
                Some((_, due)) => self.wanted.recv_deadline(*due),
                None => self.wanted.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match (wish, first) {
                (Ok(wish), _) => self.take(wish),
                (Err(RecvTimeoutError::Timeout), Some((uri, _))) => {
                    let waiting = self.waiting.remove(&uri)?;
                    return Some((uri, waiting));
                }
                _ => return None,
            }
        }
    }

    fn take(&mut self, wish: Wish) {
        match wish {
            Wish::Consider(document, environment) => {
                let waiting = Waiting { environment, due: Instant::now() + PAUSE, document };
                self.waiting.insert(waiting.document.uri.0.clone(), waiting);
            }
            Wish::Forget(uri) => {
                self.waiting.remove(&uri);
            }
        }
    }

    /// Answers a question of a document, unless it is edited or closed meanwhile.
    fn run(&mut self, uri: &str, question: &AssessmentQuestion) -> Option<Answer> {
        let run = AssertUnwindSafe(|| {
            question.answer(Asked::default(), &mut |_, _| {
                if self.is_stale(uri, question) {
                    resume_unwind(Box::new(Abandoned)); // Says nothing on standard error.
                }
            })
        });
        match catch_unwind(run) {
            Ok(answer) => Some(answer),
            Err(why) if why.is::<Abandoned>() => None,
            // Asking again would end alike.
            Err(_) => Some(None),
        }
    }

    /// Whether the document has changed so that the question is none of it any more.
    fn is_stale(&mut self, uri: &str, question: &AssessmentQuestion) -> bool {
        loop {
            match self.wanted.try_recv() {
                Ok(Wish::Forget(closed)) if closed == uri => {
                    self.waiting.remove(uri);
                    return true;
                }
                Ok(wish) => self.take(wish),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.is_over = true;
                    break;
                }
            }
        }
        let newer = self.waiting.get(uri);
        let asks =
            |newer: &Waiting| newer.document.unanswered(&newer.environment).contains(question);
        self.is_over || newer.is_some_and(|newer| !asks(newer))
    }
}
