/**
 * Shows what a host is doing: a bar on a terminal, plain lines otherwise.
 *
 * @module
 */
import type { HostEvent } from "../mod.ts";
import { err, warning } from "./terminal.ts";

/** Receives the events of a host and shows them on stderr. */
export interface Progress {
  readonly onEvent: (event: HostEvent) => void;
  /** A line of its own, such as the name of a set. */
  line(text: string): void;
  /** Removes the bar. */
  end(): void;
}

const BAR_WIDTH = 24;

/** Makes the progress display; `quiet` shows warnings only. */
export function createProgress(quiet = false): Progress {
  const bar = Deno.stderr.isTerminal() && !quiet;
  const active = new Map<string, { fraction: number; note: string | undefined }>();
  let shown = false;
  const clear = () => {
    if (shown) err("\r\x1b[K");
    shown = false;
  };
  const draw = () => {
    if (!bar || active.size === 0) return;
    const [step, { fraction, note }] = [...active].at(-1)!;
    const full = Math.round(fraction * BAR_WIDTH);
    const text = `${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)} ${
      String(Math.round(100 * fraction)).padStart(3)
    } % ${step}${note ? `: ${note}` : ""}`;
    err(`\r\x1b[K${text.slice(0, 100)}`);
    shown = true;
  };
  return {
    onEvent(event) {
      switch (event.type) {
        case "step-started":
          active.set(event.step, { fraction: 0, note: undefined });
          break;
        case "step-progress":
          active.set(event.step, { fraction: event.fraction, note: event.note });
          break;
        case "step-done": {
          active.delete(event.step);
          clear();
          const { report } = event;
          const { hits, runs } = report.cache;
          const from = runs === 0 ? "from cache" : `${(report.ms / 1000).toFixed(2)} s`;
          const partly = hits > 0 && runs > 0 ? `, ${hits} of ${hits + runs} from cache` : "";
          if (!quiet) err(`  ${event.step.padEnd(28)} ${from}${partly}\n`);
          for (const { message, exposure } of report.warnings) {
            const where = exposure === undefined ? "" : `exposure ${exposure}: `;
            warning(`${report.stage}: ${where}${message}`);
          }
          break;
        }
        case "file-warning":
          clear();
          warning(`${event.warning.path}: ${event.warning.message}`);
          break;
        case "migrated": {
          const { step, stage, from, to } = event.migration;
          clear();
          warning(`step ${step}: parameters of ${stage} migrated from version ${from} to ${to}`);
          break;
        }
        case "plugin-printed":
          clear();
          if (!quiet) {
            err(event.text.replace(/\n$/, "").replace(/^/gm, `  ${event.plugin}: `) + "\n");
          }
          break;
        case "store-failed":
          clear();
          warning(`results cannot be cached (${event.message}); going on without`);
          break;
      }
      draw();
    },
    line(text) {
      clear();
      if (!quiet) err(`${text}\n`);
    },
    end: clear,
  };
}
