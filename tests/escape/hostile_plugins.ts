/**
 * All hostile plugins of the escape suite.
 *
 * @module
 */
import type { HostilePlugin } from "./hostile.ts";
import { HANGING } from "./hostile_hang.ts";
import { NOISY } from "./hostile_noise.ts";
import { REACHING } from "./hostile_reach.ts";
import { LYING } from "./hostile_values.ts";

/** Hostile plugins that end by themselves or are stopped at once. */
export const QUICK: readonly HostilePlugin[] = [...REACHING, ...NOISY, ...LYING];

/** Hostile plugins that run into the time or memory limit. */
export const SLOW: readonly HostilePlugin[] = HANGING;
