/**
 * The folders of the user that Adatom writes to when nothing else is said.
 *
 * @module
 */
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Where results are cached: `ADATOM_CACHE`, else the system's cache folder of the user. */
export function cacheFolder(): string {
  const { ADATOM_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (ADATOM_CACHE) return ADATOM_CACHE;
  if (process.platform === "win32" && LOCALAPPDATA) return join(LOCALAPPDATA, "adatom", "cache");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "adatom");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "adatom");
}
