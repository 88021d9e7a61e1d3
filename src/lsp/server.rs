//! The protocol loop: state, edits in order, and who answers what.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, select, unbounded};
use gen_lsp_types as lsp;
use gen_lsp_types::{Notification as _, Request as _};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::assessor::{Answered, Assessor};
use super::client::{Capabilities, UserSettings};
use super::document::{Document, Documents, Environment};
use super::handlers;
use super::layers::Layers;
use super::snapshot::Snapshot;
use super::transport::{Incoming, MalformedMessage, Reader, frame};
use super::workers::Workers;
use super::{from_proto, to_proto};
use crate::workspace::{SETTINGS_FILE_NAME, SettingsFinder, WorkloadFinder};

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The client asked for it.
    Orderly,
    /// The client went away, or sent what cannot be read.
    Abrupt,
}

/// Messages that are read before problems are looked for again: while a client sends faster than
/// that, only the latest text counts.
const BATCH: usize = 64;
/// Two so that one long request does not hold up the others.
const WORKER_COUNT: usize = 2;

/// Answers a client until it leaves.
pub fn serve(input: impl Read + Send + 'static, mut output: impl Write + Send + 'static) -> End {
    let (incoming_sender, incoming) = unbounded();
    // Not joined: it may wait for input that never comes.
    std::thread::spawn(move || {
        let mut reader = Reader::new(BufReader::with_capacity(1 << 16, input));
        while let Ok(Some(message)) = reader.read() {
            let is_last = matches!(message, Incoming::Broken(_));
            if incoming_sender.send(message).is_err() || is_last {
                return;
            }
        }
    });
    let (outgoing, outgoing_receiver) = unbounded::<Vec<u8>>();
    let writer = std::thread::spawn(move || {
        for bytes in &outgoing_receiver {
            if output.write_all(&bytes).and_then(|()| output.flush()).is_err() {
                return; // Nobody listens.
            }
        }
    });
    let (assessor, answers) = Assessor::start();
    let end = Server::new(Outbox { outgoing }, assessor).run(&incoming, &answers);
    let _ = writer.join();
    end
}

/// Where answers go.
#[derive(Debug, Clone)]
pub(super) struct Outbox {
    outgoing: Sender<Vec<u8>>,
}

/// Why a request has no result.
#[derive(Debug)]
pub(super) struct Failure {
    code: ErrorCode,
    message: String,
}

impl Failure {
    /// The request asks for what cannot be done; the message says why.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::RequestFailed, message: message.into() }
    }
}

impl Outbox {
    fn send(&self, message: &impl Serialize) {
        // Writing to memory fails only where a map has keys that are no text, and none has.
        if let Ok(body) = serde_json::to_vec(message) {
            let _ = self.outgoing.send(frame(&body)); // Fails only once nobody listens.
        }
    }

    fn respond<T: Serialize>(&self, id: &RequestId, result: &Result<T, Failure>) {
        #[derive(Serialize)]
        struct Success<'a, T> {
            jsonrpc: &'static str,
            id: &'a RequestId,
            result: &'a T,
        }
        match result {
            Ok(result) => self.send(&Success { jsonrpc: "2.0", id, result }),
            Err(failure) => {
                let error = json!({ "code": failure.code as i32, "message": failure.message });
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "error": error }));
            }
        }
    }

    /// Answers what has no id that could be read.
    fn refuse(&self, malformed: &MalformedMessage) {
        let error = json!({ "code": malformed.code as i32, "message": malformed.message });
        self.send(&json!({ "jsonrpc": "2.0", "id": null, "error": error }));
    }

    fn notify<N: lsp::Notification>(&self, params: &N::Params) {
        #[derive(Serialize)]
        struct Message<'a, P> {
            jsonrpc: &'static str,
            method: &'static str,
            params: &'a P,
        }
        self.send(&Message { jsonrpc: "2.0", method: N::METHOD.as_str(), params });
    }

    fn log(&self, kind: lsp::MessageType, message: impl Into<String>) {
        let params = lsp::LogMessageParams { kind, message: message.into() };
        self.notify::<lsp::LogMessageNotification>(&params);
    }

    fn show(&self, kind: lsp::MessageType, message: impl Into<String>) {
        let params = lsp::ShowMessageParams { kind, message: message.into() };
        self.notify::<lsp::ShowMessageNotification>(&params);
    }
}

/// Requests under way, and whether the client still wants them.
type Pending = Arc<Mutex<BTreeMap<RequestId, Arc<AtomicBool>>>>;

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    /// Before `initialize`.
    New,
    Running,
    /// After `shutdown`.
    Stopping,
}

#[derive(Debug)]
struct Server {
    outbox: Outbox,
    workers: Workers,
    assessor: Assessor,
    pending: Pending,
    phase: Phase,
    capabilities: Arc<Capabilities>,
    environment: Arc<Environment>,
    documents: Documents,
    folders: Arc<Vec<PathBuf>>,
    /// Documents whose problems the client does not know yet.
    unpublished: BTreeSet<String>,
    /// Requests of our own without an answer.
    asked: BTreeMap<RequestId, Question>,
    question_count: i32,
}

/// What we ask a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Configuration,
    /// Whatever the answer is.
    Indifferent,
}

impl Server {
    fn new(outbox: Outbox, assessor: Assessor) -> Self {
        Self {
            outbox,
            workers: Workers::new(WORKER_COUNT),
            assessor,
            pending: Pending::default(),
            phase: Phase::New,
            capabilities: Arc::default(),
            environment: Arc::default(),
            documents: Documents::default(),
            folders: Arc::default(),
            unpublished: BTreeSet::new(),
            asked: BTreeMap::new(),
            question_count: 0,
        }
    }

    fn run(mut self, incoming: &Receiver<Incoming>, answers: &Receiver<Answered>) -> End {
        loop {
            let first = select! {
                recv(incoming) -> message => message,
                recv(answers) -> answered => {
                    if let Ok(answered) = answered {
                        self.take(answered);
                        self.publish();
                    }
                    continue;
                }
            };
            let Ok(first) = first else { return End::Abrupt };
            for message in std::iter::once(first).chain(incoming.try_iter().take(BATCH)) {
                match message {
                    Incoming::Message(message) => {
                        if let Some(end) = self.message(message) {
                            return end;
                        }
                    }
                    Incoming::Malformed(malformed) => self.outbox.refuse(&malformed),
                    Incoming::Broken(message) => {
                        let code = ErrorCode::ParseError;
                        self.outbox.refuse(&MalformedMessage { code, message });
                        return End::Abrupt;
                    }
                }
            }
            self.publish();
        }
    }

    fn message(&mut self, message: Message) -> Option<End> {
        match message {
            Message::Request(request) => self.request(request),
            Message::Notification(notification) => {
                if notification.method == lsp::ExitNotification::METHOD.as_str() {
                    let asked = self.phase == Phase::Stopping;
                    return Some(if asked { End::Orderly } else { End::Abrupt });
                }
                if self.phase == Phase::Running {
                    self.notification(notification);
                }
            }
            Message::Response(response) => self.response(response),
        }
        None
    }

    fn request(&mut self, request: Request) {
        let is = |method: lsp::LspRequestMethod<'_>| request.method == method.as_str();
        let refuse = |code, message: &str| {
            let failure = Failure { code, message: message.to_owned() };
            self.outbox.respond::<()>(&request.id, &Err(failure));
        };
        match self.phase {
            Phase::New if is(lsp::InitializeRequest::METHOD) => self.initialize(request),
            Phase::New => refuse(ErrorCode::ServerNotInitialized, "expected initialize first"),
            Phase::Running if is(lsp::InitializeRequest::METHOD) => {
                refuse(ErrorCode::InvalidRequest, "initialized already");
            }
            Phase::Running if is(lsp::ShutdownRequest::METHOD) => {
                self.phase = Phase::Stopping;
                self.outbox.respond(&request.id, &Ok(()));
            }
            Phase::Running => self.dispatch(request),
            Phase::Stopping => refuse(ErrorCode::InvalidRequest, "shut down already"),
        }
    }

    fn initialize(&mut self, request: Request) {
        self.phase = Phase::Running;
        self.capabilities = Arc::new(Capabilities::new(&request.params));
        self.folders = Arc::new(from_proto::folders(&request.params));
        if let Some(options) = request.params.get("initializationOptions") {
            self.set_settings(options.get("slotwise").unwrap_or(options));
        }
        let result = handlers::capabilities(&self.capabilities);
        self.outbox.respond(&request.id, &Ok(result));
    }

    fn dispatch(&mut self, request: Request) {
        Route { server: self, request: Some(request) }
            .on::<lsp::DocumentDiagnosticRequest>(handlers::diagnostic)
            .on::<lsp::HoverRequest>(handlers::hover)
            .on::<lsp::CompletionRequest>(handlers::completion)
            .on::<lsp::CompletionResolveRequest>(handlers::resolve)
            .on::<lsp::CodeActionRequest>(handlers::code_action)
            .on::<lsp::InlayHintRequest>(handlers::inlay_hint)
            .on::<lsp::CodeLensRequest>(handlers::code_lens)
            .on::<lsp::ExecuteCommandRequest>(handlers::execute_command)
            .on::<lsp::DocumentSymbolRequest>(handlers::document_symbol)
            .on::<lsp::WorkspaceDiagnosticRequest>(handlers::workspace_diagnostic)
            .on::<lsp::DefinitionRequest>(handlers::definition)
            .on::<lsp::ReferencesRequest>(handlers::references)
            .on::<lsp::PrepareRenameRequest>(handlers::prepare_rename)
            .on::<lsp::RenameRequest>(handlers::rename)
            .on::<lsp::DocumentLinkRequest>(handlers::document_link)
            .on::<lsp::SelectionRangeRequest>(handlers::selection_range)
            .on::<lsp::FoldingRangeRequest>(handlers::folding_range)
            .on::<lsp::SemanticTokensRequest>(handlers::semantic_tokens)
            .on::<lsp::DocumentFormattingRequest>(handlers::formatting)
            .end();
    }

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        let is = |name: lsp::LspNotificationMethod<'_>| method == name.as_str();
        if is(lsp::DidChangeTextDocumentNotification::METHOD) {
            self.with(&method, params, Self::did_change);
        } else if is(lsp::DidOpenTextDocumentNotification::METHOD) {
            self.with(&method, params, Self::did_open);
        } else if is(lsp::DidCloseTextDocumentNotification::METHOD) {
            self.with(&method, params, Self::did_close);
        } else if is(lsp::CancelNotification::METHOD) {
            self.with(&method, params, Self::cancel);
        } else if is(lsp::InitializedNotification::METHOD) {
            self.initialized();
        } else if is(lsp::DidChangeConfigurationNotification::METHOD) {
            self.did_change_configuration(&params);
        } else if is(lsp::DidChangeWatchedFilesNotification::METHOD) {
            self.with(&method, params, Self::did_change_watched_files);
        } else if is(lsp::DidChangeWorkspaceFoldersNotification::METHOD) {
            self.with(&method, params, Self::did_change_workspace_folders);
        }
        // The protocol wants other notifications ignored.
    }

    /// Runs `apply` if the parameters are of its type, and otherwise says in the log that they
    /// are not; a notification has no answer.
    fn with<P: DeserializeOwned>(
        &mut self,
        method: &str,
        params: Value,
        apply: impl FnOnce(&mut Self, P),
    ) {
        match serde_json::from_value(params) {
            Ok(params) => apply(self, params),
            Err(error) => {
                self.outbox.log(lsp::MessageType::Error, format!("{method}: {error}"));
            }
        }
    }

    fn initialized(&mut self) {
        if self.capabilities.watches_files {
            // Workloads go by any name.
            let watchers = json!([{ "globPattern": "**/*.{yaml,yml}" }]);
            let registration = json!({
                "id": "files",
                "method": lsp::DidChangeWatchedFilesNotification::METHOD.as_str(),
                "registerOptions": { "watchers": watchers },
            });
            let params = json!({ "registrations": [registration] });
            self.ask(lsp::RegistrationRequest::METHOD, &params, Question::Indifferent);
        }
        self.ask_for_settings();
    }

    fn ask(&mut self, method: lsp::LspRequestMethod<'_>, params: &Value, question: Question) {
        self.question_count += 1;
        let id = RequestId::from(self.question_count);
        self.outbox.send(&json!({
            "jsonrpc": "2.0",
            "id": id,
            "method": method.as_str(),
            "params": params,
        }));
        self.asked.insert(id, question);
    }

    fn ask_for_settings(&mut self) {
        if self.capabilities.configuration {
            let params = json!({ "items": [{ "section": "slotwise" }] });
            self.ask(lsp::ConfigurationRequest::METHOD, &params, Question::Configuration);
        }
    }

    fn response(&mut self, response: Response) {
        let question = self.asked.remove(&response.id);
        if question == Some(Question::Configuration)
            && let Ok(Value::Array(items)) = response.response_result
            && let Some(settings) = items.first()
        {
            self.set_settings(settings);
        }
    }

    fn did_change_configuration(&mut self, params: &Value) {
        if self.capabilities.configuration {
            self.ask_for_settings();
        } else if let Some(settings) = params.pointer("/settings/slotwise") {
            self.set_settings(settings);
        }
    }

    fn set_settings(&mut self, settings: &Value) {
        let (settings, problems) = UserSettings::new(settings);
        for problem in problems {
            self.outbox.show(lsp::MessageType::Warning, problem);
        }
        self.set_environment(settings);
    }

    /// Looks at everything anew.
    fn set_environment(&mut self, settings: UserSettings) {
        let generation = self.environment.generation + 1;
        let finder = SettingsFinder::default();
        let workloads = WorkloadFinder::default();
        let layers = Layers::read(&settings, &self.folders, &self.documents);
        let environment = Environment { settings, finder, workloads, layers, generation };
        self.environment = Arc::new(environment);
        let fresh = self.documents.iter();
        let fresh = fresh.map(|(uri, document)| (uri.clone(), Arc::new(document.fresh())));
        self.documents = Arc::new(fresh.collect());
        self.unpublished.extend(self.documents.keys().cloned());
        self.refresh();
    }

    /// Has a client ask anew for what it asks for.
    fn refresh(&mut self) {
        let wanted = [
            (self.capabilities.refreshes_diagnostics, lsp::DiagnosticRefreshRequest::METHOD),
            (self.capabilities.refreshes_inlay_hints, lsp::InlayHintRefreshRequest::METHOD),
            (self.capabilities.refreshes_code_lenses, lsp::CodeLensRefreshRequest::METHOD),
        ];
        for (can, method) in wanted {
            if can && !self.documents.is_empty() {
                self.ask(method, &Value::Null, Question::Indifferent);
            }
        }
    }

    fn did_change_watched_files(&mut self, params: lsp::DidChangeWatchedFilesParams) {
        let matters = |change: &lsp::FileEvent| {
            from_proto::path(&change.uri).is_some_and(|path| {
                is_around(&path)
                    || self.environment.workloads.has_read(&path)
                    || self.environment.layers.has(&path)
            })
        };
        if params.changes.iter().any(matters) {
            self.set_environment(self.environment.settings.clone());
        }
    }

    fn did_change_workspace_folders(&mut self, params: lsp::DidChangeWorkspaceFoldersParams) {
        let path = |folder: &lsp::WorkspaceFolder| from_proto::path(&folder.uri);
        let removed: Vec<_> = params.event.removed.iter().filter_map(path).collect();
        let kept = self.folders.iter().filter(|folder| !removed.contains(folder)).cloned();
        self.folders = Arc::new(kept.chain(params.event.added.iter().filter_map(path)).collect());
    }

    fn did_open(&mut self, params: lsp::DidOpenTextDocumentParams) {
        let lsp::TextDocumentItem { uri, language_id, version, text } = params.text_document;
        self.put(Document::new(uri, language_id.into(), version, text));
    }

    fn did_change(&mut self, params: lsp::DidChangeTextDocumentParams) {
        let lsp::DidChangeTextDocumentParams { text_document, content_changes } = params;
        let uri = &text_document.text_document_identifier.uri;
        let Some(document) = self.documents.get(&uri.0) else {
            self.outbox.log(lsp::MessageType::Error, format!("{} is not open", uri.0));
            return;
        };
        let encoding = self.capabilities.encoding;
        let edited = document.edited(text_document.version, content_changes, encoding);
        self.put(edited);
    }

    fn put(&mut self, document: Document) {
        let uri = document.uri.0.clone();
        let is_layer = document.path().is_some_and(|path| self.environment.layers.has(&path));
        Arc::make_mut(&mut self.documents).insert(uri.clone(), Arc::new(document));
        self.unpublished.insert(uri);
        if is_layer {
            self.set_environment(self.environment.settings.clone());
        }
    }

    fn did_close(&mut self, params: lsp::DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        self.unpublished.remove(&uri.0);
        self.assessor.forget(&uri.0);
        let was_open = Arc::make_mut(&mut self.documents).remove(&uri.0).is_some();
        if from_proto::path(&uri).is_some_and(|path| self.environment.layers.has(&path)) {
            self.set_environment(self.environment.settings.clone());
        }
        if was_open && !self.capabilities.pulls_diagnostics {
            let params =
                lsp::PublishDiagnosticsParams { uri, version: None, diagnostics: Vec::new() };
            self.outbox.notify::<lsp::PublishDiagnosticsNotification>(&params);
        }
    }

    fn cancel(&mut self, params: lsp::CancelParams) {
        let id = match params.id {
            lsp::Id::Int(id) => RequestId::from(id),
            lsp::Id::String(id) => RequestId::from(id),
        };
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(is_cancelled) = pending.get(&id) {
            is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            capabilities: Arc::clone(&self.capabilities),
            environment: Arc::clone(&self.environment),
            documents: Arc::clone(&self.documents),
            folders: Arc::clone(&self.folders),
        }
    }

    /// Notes what a workload's run has told, if the document still asks that.
    fn take(&mut self, answered: Answered) {
        let Some(document) = self.documents.get(&answered.uri) else { return };
        let Some(answered) = document.answered(answered, &self.environment) else { return };
        self.put(answered);
        if self.capabilities.pulls_diagnostics {
            self.refresh();
        }
    }

    /// Tells the client of the problems that it does not know yet, unless it asks for them.
    fn publish(&mut self) {
        let unpublished = std::mem::take(&mut self.unpublished);
        if !self.capabilities.pulls_diagnostics {
            self.push(&unpublished);
        }
        // A client that pulls may not have asked yet, so nobody knows whether there is a workload.
        if self.capabilities.pulls_diagnostics || self.environment.workloads.is_used() {
            for document in unpublished.iter().filter_map(|uri| self.documents.get(uri)) {
                self.assessor.consider(Arc::clone(document), Arc::clone(&self.environment));
            }
        }
    }

    fn push(&self, unpublished: &BTreeSet<String>) {
        let snapshot = self.snapshot();
        for uri in unpublished {
            let Some(document) = self.documents.get(uri) else { continue };
            let diagnostics = catch_unwind(AssertUnwindSafe(|| {
                to_proto::diagnostics(&snapshot.view_of(document))
            }));
            let Ok(diagnostics) = diagnostics else {
                self.outbox.log(lsp::MessageType::Error, format!("{uri}: the check failed"));
                continue;
            };
            let params = lsp::PublishDiagnosticsParams {
                uri: document.uri.clone(),
                version: Some(document.version),
                diagnostics,
            };
            self.outbox.notify::<lsp::PublishDiagnosticsNotification>(&params);
        }
    }
}

/// Whether a file has a say in how others are read.
fn is_around(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| [SETTINGS_FILE_NAME, "flink-conf.yaml", "config.yaml"].contains(&name))
}

/// Finds the handler of a request.
struct Route<'s> {
    server: &'s mut Server,
    /// Taken by the handler whose it is.
    request: Option<Request>,
}

impl Route<'_> {
    /// Runs `handler` on a worker if the request is an `R`.
    fn on<R: lsp::Request>(
        mut self,
        handler: fn(&Snapshot, R::Params) -> Result<R::Result, Failure>,
    ) -> Self
    where
        R::Params: Send + 'static,
        R::Result: Send + 'static,
    {
        let Some(request) = self.request.take_if(|it| it.method == R::METHOD.as_str()) else {
            return self;
        };
        let outbox = self.server.outbox.clone();
        let params = match serde_json::from_value::<R::Params>(request.params) {
            Ok(params) => params,
            Err(error) => {
                let failure =
                    Failure { code: ErrorCode::InvalidParams, message: error.to_string() };
                outbox.respond::<()>(&request.id, &Err(failure));
                return self;
            }
        };
        let (snapshot, pending) = (self.server.snapshot(), Arc::clone(&self.server.pending));
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let mut all = pending.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(request.id.clone(), Arc::clone(&is_cancelled));
        drop(all);
        self.server.workers.run(move || {
            let run = AssertUnwindSafe(|| {
                if is_cancelled.load(Ordering::Relaxed) {
                    None
                } else {
                    Some(handler(&snapshot, params))
                }
            });
            let result = catch_unwind(run).unwrap_or_else(|_| {
                let message = "the request failed; the server goes on".to_owned();
                Some(Err(Failure { code: ErrorCode::InternalError, message }))
            });
            pending.lock().unwrap_or_else(PoisonError::into_inner).remove(&request.id);
            let cancelled =
                || Failure { code: ErrorCode::RequestCanceled, message: "cancelled".to_owned() };
            let result = result
                .filter(|_| !is_cancelled.load(Ordering::Relaxed))
                .unwrap_or_else(|| Err(cancelled()));
            outbox.respond(&request.id, &result);
        });
        self
    }

    fn end(self) {
        if let Some(request) = self.request {
            let message = format!("unknown request {}", request.method);
            let failure = Failure { code: ErrorCode::MethodNotFound, message };
            self.server.outbox.respond::<()>(&request.id, &Err(failure));
        }
    }
}
