"""A client of a language server process: sends, receives, and measures the time between."""
import json
import os
import re
import subprocess
import time


class Session:
    """One server process and what it said."""

    def __init__(self, command, capabilities=None, settings=None, environment=None):
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
        self.fd = self.process.stdout.fileno()
        self.buffer = b""
        self.settings = settings or {}
        self.next_id = 0
        self.received = 0
        self.backlog = []
        result = self.request("initialize", {
            "processId": os.getpid(), "rootUri": None,
            "capabilities": capabilities or {"textDocument": {"publishDiagnostics": {"relatedInformation": True}}},
        })
        self.capabilities = result["capabilities"]
        self.startup = time.perf_counter() - self.started
        self.notify("initialized", {})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def receive(self):
        """The next message; answers what the server asks."""
        while True:
            head = self.buffer.find(b"\r\n\r\n")
            if head >= 0:
                length = int(re.search(rb"Content-Length: *(\d+)", self.buffer[:head]).group(1))
                end = head + 4 + length
                while len(self.buffer) < end:
                    self._fill()
                body, self.buffer = self.buffer[head + 4:end], self.buffer[end:]
                self.received = len(body)
                message = json.loads(body)
                if "method" in message and "id" in message:
                    self._answer(message)
                    continue
                return message
            self._fill()

    def _fill(self):
        data = os.read(self.fd, 1 << 20)
        if not data:
            raise EOFError("the server has left")
        self.buffer += data

    def _answer(self, message):
        result = None
        if message["method"] == "workspace/configuration":
            result = [self.settings.get(item.get("section")) for item in message["params"]["items"]]
        self.send({"id": message["id"], "result": result})

    def wait(self, fits):
        for index, message in enumerate(self.backlog):
            if fits(message):
                return self.backlog.pop(index)
        while True:
            message = self.receive()
            if fits(message):
                return message
            self.backlog.append(message)

    def request(self, method, params):
        self.next_id += 1
        wanted = self.next_id
        self.send({"id": wanted, "method": method, "params": params})
        answer = self.wait(lambda message: message.get("id") == wanted)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def open(self, uri, text, language="yaml"):
        """Seconds until the diagnostics of a new file, and these."""
        self.version = 1
        start = time.perf_counter()
        self.notify("textDocument/didOpen", {
            "textDocument": {"uri": uri, "languageId": language, "version": 1, "text": text}})
        return self._diagnostics(uri, start)

    def change(self, uri, changes):
        """Seconds until the diagnostics of a changed file, and these."""
        self.version += 1
        start = time.perf_counter()
        self.notify("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": self.version}, "contentChanges": changes})
        return self._diagnostics(uri, start)

    def _diagnostics(self, uri, start):
        def fits(message):
            return message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri
        # Some servers leave the version out; the scripts send one edit at a time.
        message = self.wait(fits)
        while message["params"].get("version") not in (None, self.version):
            message = self.wait(fits)
        return time.perf_counter() - start, message["params"]["diagnostics"]

    def timed(self, method, params):
        """Seconds until an answer, and this."""
        start = time.perf_counter()
        result = self.request(method, params)
        return time.perf_counter() - start, result

    def memory(self, name="VmHWM"):
        """MiB: the peak so far, or with VmRSS the present size; of all processes of the server."""
        total = 0
        pids = [self.process.pid]
        while pids:
            pid = pids.pop()
            try:
                status = open(f"/proc/{pid}/status").read()
                children = open(f"/proc/{pid}/task/{pid}/children").read()
            except FileNotFoundError:
                continue
            total += int(re.search(rf"{name}:\s+(\d+)", status).group(1))
            pids += [int(child) for child in children.split()]
        return total / 1024

    def close(self):
        try:
            self.request("shutdown", None)
            self.notify("exit", None)
            self.process.wait(10)
        except (EOFError, BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        return self.process.returncode
