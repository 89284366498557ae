import { testHostile } from "./escape_host.ts";
import { QUICK } from "./hostile_plugins.ts";

testHostile(QUICK);
