"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { after, before, test } = require("node:test");
const { vscode, commands, collections, documents, opened, changed } = require("./vscode.cjs");
const extension = require("../dist/extension.js");

const root = path.resolve(__dirname, "..");
const TEXT = "taskmanager.memory.process.size: 4g\ntaskmanager.memory.netwrok.max: 1g\nstate.bac\n";
const uri = vscode.Uri.file("/tmp/slotwise-test/flink-conf.yaml");
let client;
let text = TEXT;
let version = 1;

const document = {
  uri,
  languageId: "flink-conf",
  get version() { return version; },
  getText: () => text,
  fileName: uri.fsPath,
  isClosed: false,
};
const place = (line, character) => ({ textDocument: { uri: uri.toString() }, position: { line, character } });

async function until(done) {
  for (let round = 0; round < 500; round += 1) {
    const result = await done();
    if (result) return result;
    await new Promise((wake) => setTimeout(wake, 20));
  }
  throw new Error("waited for nothing");
}

/** The server's problems as the client has turned them into the editor's. */
async function problems() {
  const pulled = await client.sendRequest("textDocument/diagnostic", { textDocument: { uri: uri.toString() } });
  const items = await client.protocol2CodeConverter.asDiagnostics(pulled.items);
  return items;
}

before(async () => {
  const context = { extensionPath: root, subscriptions: [] };
  documents.push(document);
  client = await extension.activate(context);
  opened.fire(document);
});

after(async () => {
  await extension.deactivate();
});

test("the client and the real server agree on what they can", () => {
  const can = client.initializeResult.capabilities;
  assert.equal(can.positionEncoding, "utf-16");
  assert.ok(can.diagnosticProvider.workspaceDiagnostics);
  assert.equal(client.initializeResult.serverInfo.name, "slotwise");
});

test("a typo becomes a problem of the editor", async () => {
  const typo = await until(async () => (await problems()).find((it) => it.code?.value === "FK001"));
  assert.equal(typo.range.start.line, 1);
  assert.match(String(typo.code.target), /docs\/rules\.md/);
  assert.ok(collections.length > 0, "the client keeps a collection");
});

test("typing reaches the server", async () => {
  const line = 1;
  const fixed = text.replace("netwrok", "network");
  const from = TEXT.split("\n")[line].indexOf("netwrok");
  text = fixed;
  version += 1;
  changed.fire({
    document,
    reason: undefined,
    contentChanges: [{
      range: new vscode.Range(new vscode.Position(line, from), new vscode.Position(line, from + 7)),
      rangeOffset: 0,
      rangeLength: 7,
      text: "network",
    }],
  });
  await until(async () => !(await problems()).some((it) => it.code?.value === "FK001" && it.range.start.line === 1));
});

test("hover and completion arrive as the editor's own", async () => {
  const hover = client.protocol2CodeConverter.asHover(await client.sendRequest("textDocument/hover", place(0, 5)));
  const words = JSON.stringify(hover);
  assert.match(words, /Total Process: \*\*4 GiB\*\*/);
  const list = await client.sendRequest("textDocument/completion", place(2, 9));
  assert.ok(list.items.length > 0 && list.items.length <= 50);
  assert.ok(list.items.some((it) => it.label === "state.backend.type"));
});

test("the commands show a preview", async () => {
  vscode.window.activeTextEditor = { document };
  let shown;
  commands.set("markdown.showPreview", (target) => { shown = target; });
  await commands.get("slotwise.memoryOfFile")();
  assert.match(vscode.preview.provideTextDocumentContent(shown), /\| Total Process \| 4 GiB \|/);
  vscode.window.showInputBox = async () => "FK001";
  await commands.get("slotwise.explain")();
  assert.match(vscode.preview.provideTextDocumentContent(shown), /^# FK001 unknown-key/);
});

test("every setting and command of the manifest is known", () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  for (const { command } of manifest.contributes.commands) {
    assert.ok(commands.has(command), command);
  }
  const properties = Object.keys(manifest.contributes.configuration.properties);
  assert.deepEqual(properties.filter((name) => !name.startsWith("slotwise.")), []);
});
