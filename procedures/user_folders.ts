/**
 * The folders of the user that Adatom writes to when nothing else is said.
 *
 * @module
 */
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** The user's own folder; asked of the environment first, which needs no further permission. */
function home(): string {
  return process.env.HOME || process.env.USERPROFILE || homedir();
}

/** Where results are cached: `ADATOM_CACHE`, else the system's cache folder of the user. */
export function cacheFolder(): string {
  const { ADATOM_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (ADATOM_CACHE) return ADATOM_CACHE;
  if (process.platform === "win32" && LOCALAPPDATA) return join(LOCALAPPDATA, "adatom", "cache");
  if (process.platform === "darwin") return join(home(), "Library", "Caches", "adatom");
  return join(XDG_CACHE_HOME || join(home(), ".cache"), "adatom");
}

/** Where installed plugins and their lock are: below `ADATOM_HOME`, else the user's data folder. */
export function pluginsFolder(): string {
  const { ADATOM_HOME, XDG_DATA_HOME, APPDATA } = process.env;
  if (ADATOM_HOME) return join(ADATOM_HOME, "plugins");
  if (process.platform === "win32" && APPDATA) return join(APPDATA, "adatom", "plugins");
  const data = process.platform === "darwin"
    ? join(home(), "Library", "Application Support")
    : XDG_DATA_HOME || join(home(), ".local", "share");
  return join(data, "adatom", "plugins");
}
