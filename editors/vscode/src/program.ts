import * as fs from "node:fs";
import * as path from "node:path";

/** The program to start: the user's choice, the one packaged with the extension, or the PATH's. */
export function program(chosen: string, extension: string): string {
  if (chosen.trim() !== "") {
    return chosen.trim();
  }
  const name = process.platform === "win32" ? "slotwise.exe" : "slotwise";
  const packaged = path.join(extension, "bin", name);
  return fs.existsSync(packaged) ? packaged : name;
}
