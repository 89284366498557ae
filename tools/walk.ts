/**
 * The files of the tree, without what git ignores.
 *
 * @module
 */

/** Paths of all files below a folder that are part of the project, from that folder, sorted. */
export function walkFiles(root: string): string[] {
  const found: string[] = [];
  const walk = (folder: string) => {
    for (const entry of Deno.readDirSync(root + folder)) {
      if (entry.name === ".git" || entry.name === "node_modules") continue;
      if (/^(out|demo|\.cov)$/.test(entry.name) || entry.name.endsWith(".partial")) continue;
      const path = folder + entry.name;
      if (entry.isDirectory) walk(`${path}/`);
      else found.push(path);
    }
  };
  walk("");
  return found.sort();
}
