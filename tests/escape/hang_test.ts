import { testHostile } from "./escape_host.ts";
import { SLOW } from "./hostile_plugins.ts";

testHostile(SLOW);
