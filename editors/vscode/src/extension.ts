import * as vscode from "vscode";
import {
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
} from "vscode-languageclient/node";
import { program } from "./program";

const SCHEME = "slotwise";
let client: LanguageClient | undefined;

/** Starts the server and adds what a language client does not have by itself. */
export async function activate(context: vscode.ExtensionContext): Promise<LanguageClient> {
  const chosen = vscode.workspace.getConfiguration("slotwise").get<string>("path", "");
  const command = program(chosen, context.extensionPath);
  const server: ServerOptions = { command, args: ["lsp"] };
  const options: LanguageClientOptions = {
    // Manifests and compose files are YAML like any other; the server says nothing about those
    // that have nothing to do with Flink.
    documentSelector: [{ language: "flink-conf" }, { language: "yaml" }, { language: "dockercompose" }],
    // The lens's command opens a preview here; the server's own would return a text to nobody.
    middleware: {
      executeCommand: async (name, parameters, next) => {
        const result: unknown = await next(name, parameters);
        if (name === "slotwise.showMemory" && typeof result === "string") {
          await preview("Memory", result);
        }
        return result;
      },
    },
  };
  client = new LanguageClient("slotwise", "slotwise", server, options);

  const previews = new Map<string, string>();
  const provider: vscode.TextDocumentContentProvider = {
    provideTextDocumentContent: (uri) => previews.get(uri.path) ?? "",
  };
  async function preview(title: string, markdown: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}.md` });
    previews.set(uri.path, markdown);
    await vscode.commands.executeCommand("markdown.showPreview", uri);
  }

  async function ask(name: string, argument: string): Promise<unknown> {
    return client?.sendRequest(ExecuteCommandRequest.type, { command: name, arguments: [argument] });
  }

  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider),
    vscode.commands.registerCommand("slotwise.memoryOfFile", async () => {
      const document = vscode.window.activeTextEditor?.document;
      if (document) {
        const picture = await ask("slotwise.showMemory", document.uri.toString());
        await preview("Memory", String(picture));
      }
    }),
    vscode.commands.registerCommand("slotwise.explain", async () => {
      const code = await vscode.window.showInputBox({ prompt: "Code or name of a rule", value: codeAtCursor() });
      if (code) {
        await preview(code, String(await ask("slotwise.explainRule", code)));
      }
    }),
    vscode.commands.registerCommand("slotwise.restart", () => client?.restart()),
    statusBar(ask),
  );
  await client.start();
  return client;
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

/** The rule of the problem under the cursor. */
function codeAtCursor(): string {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    return "";
  }
  const problems = vscode.languages.getDiagnostics(editor.document.uri);
  const here = problems.find((it) => it.source === "slotwise" && it.range.contains(editor.selection.active));
  const code = here?.code;
  return String(typeof code === "object" ? code.value : (code ?? ""));
}

/** The target of the file in front, always in sight. */
function statusBar(ask: (name: string, argument: string) => Promise<unknown>): vscode.Disposable {
  const item = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Right, 50);
  item.command = "slotwise.memoryOfFile";
  const refresh = async (): Promise<void> => {
    const document = vscode.window.activeTextEditor?.document;
    try {
      if (document && client?.code2ProtocolConverter) {
        const answer = (await ask("slotwise.target", document.uri.toString())) as
          | { target: string; reason: string }
          | undefined;
        if (answer) {
          item.text = answer.target;
          item.tooltip = `slotwise checks for ${answer.target}: ${answer.reason}`;
          item.show();
          return;
        }
      }
    } catch {
      // Not a file of ours, or the server has not started.
    }
    item.hide();
  };
  return vscode.Disposable.from(
    item,
    vscode.window.onDidChangeActiveTextEditor(refresh),
    vscode.languages.onDidChangeDiagnostics(refresh),
  );
}
