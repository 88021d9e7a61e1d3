// A stand-in for the `vscode` module, enough of it for the language client to work: what VS Code
// itself would do with events and diagnostics is recorded instead of shown.
"use strict";

const Module = require("node:module");
const { createVSCodeMock } = require("jest-mock-vscode");

function fn(implementation) {
  const mock = (...values) => (mock.implementation ? mock.implementation(...values) : undefined);
  mock.implementation = implementation;
  mock.mockImplementation = (next) => ((mock.implementation = next), mock);
  mock.mockReturnValue = (value) => mock.mockImplementation(() => value);
  mock.mockName = () => mock;
  return mock;
}

const base = createVSCodeMock({ fn, spyOn: () => fn() });
const commands = new Map();
const collections = [];
const opened = new base.EventEmitter();
const changed = new base.EventEmitter();
const closed = new base.EventEmitter();
const documents = [];
const anything = () => ({ dispose() {} });
const event = () => anything();

class Collection {
  constructor(name) {
    this.name = name;
    this.entries = new Map();
    collections.push(this);
  }
  set(uri, diagnostics) {
    if (Array.isArray(uri)) {
      for (const [key, value] of uri) this.entries.set(key.toString(), value ?? []);
    } else {
      this.entries.set(uri.toString(), diagnostics ?? []);
    }
  }
  delete(uri) { this.entries.delete(uri.toString()); }
  clear() { this.entries.clear(); }
  get(uri) { return this.entries.get(uri.toString()); }
  has(uri) { return this.entries.has(uri.toString()); }
  forEach() {}
  dispose() {}
}

class CancellationTokenSource {
  constructor() {
    this.emitter = new base.EventEmitter();
    this.token = { isCancellationRequested: false, onCancellationRequested: this.emitter.event };
  }
  cancel() {
    this.token.isCancellationRequested = true;
    this.emitter.fire();
  }
  dispose() {}
}

/** The classes that only exist so that the client can derive from them or build them. */
function plain(name) {
  return { [name]: class { constructor(...values) { Object.assign(this, { values }); } } }[name];
}

const settings = new Map([["path", process.env.SLOTWISE ?? ""]]);
const vscode = {
  ...base,
  version: "1.91.0",
  CancellationTokenSource,
  commands: {
    registerCommand(name, run) { commands.set(name, run); return anything(); },
    async executeCommand(name, ...values) { return commands.get(name)?.(...values); },
  },
  languages: new Proxy(
    {
      createDiagnosticCollection: (name) => new Collection(name),
      getDiagnostics: () => [],
      onDidChangeDiagnostics: event,
      match: () => 10,
    },
    { get: (target, name) => target[name] ?? anything },
  ),
  window: new Proxy(
    {
      createOutputChannel: () =>
        new Proxy({ name: "slotwise", dispose() {} }, { get: (target, name) => target[name] ?? (() => {}) }),
      createStatusBarItem: () => ({ show() {}, hide() {}, dispose() {} }),
      activeTextEditor: undefined,
      visibleTextEditors: [],
      tabGroups: { all: [], onDidChangeTabs: event, onDidChangeTabGroups: event },
    },
    { get: (target, name) => (name in target ? target[name] : anything) },
  ),
  workspace: new Proxy(
    {
      textDocuments: documents,
      notebookDocuments: [],
      workspaceFolders: undefined,
      onDidOpenTextDocument: opened.event,
      onDidChangeTextDocument: changed.event,
      onDidCloseTextDocument: closed.event,
      registerTextDocumentContentProvider: (_, provider) => { vscode.preview = provider; return anything(); },
      getConfiguration: () => ({
        get: (name, missing) => settings.get(name) ?? missing,
        has: (name) => settings.has(name),
      }),
      createFileSystemWatcher: () => ({ onDidCreate: event, onDidChange: event, onDidDelete: event, dispose() {} }),
      applyEdit: async () => true,
      getWorkspaceFolder: () => undefined,
      asRelativePath: (path) => String(path),
    },
    { get: (target, name) => (name in target ? target[name] : event) },
  ),
  env: { language: "en", appName: "test", clipboard: {}, onDidChangeTelemetryEnabled: event },
  extensions: { getExtension: () => undefined, all: [] },
};

const module_ = new Proxy(vscode, {
  get(target, name) {
    if (typeof name === "string" && !(name in target) && /^[A-Z]/.test(name)) {
      target[name] = plain(name);
    }
    return target[name];
  },
});

const load = Module._load;
Module._load = function (request, ...rest) {
  return request === "vscode" ? module_ : load.call(this, request, ...rest);
};

module.exports = { vscode, commands, collections, documents, opened, changed, closed };
