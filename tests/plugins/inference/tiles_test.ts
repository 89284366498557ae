import { assertAtMost, assertEquals, assertTrue } from "@assert";
import {
  padByReflection,
  planFixedTiles,
  planTiles,
  type Tile,
} from "../../../plugins/inference/_tiles.ts";

/** Every pixel belongs to one core, which lies in its tile as far from its border as the halo says. */
function checkTiles(tiles: readonly Tile[], width: number, height: number, halo: number): void {
  const seen = new Uint8Array(width * height);
  for (const { x, y, width: w, height: h, core } of tiles) {
    assertTrue(x >= 0 && y >= 0 && x + w <= width && y + h <= height, "a tile inside the image");
    assertTrue(x === 0 || core.x - x >= halo, "halo on the left");
    assertTrue(y === 0 || core.y - y >= halo, "halo above");
    assertTrue(x + w === width || x + w - core.x - core.width >= halo, "halo on the right");
    assertTrue(y + h === height || y + h - core.y - core.height >= halo, "halo below");
    for (let v = core.y; v < core.y + core.height; v++) {
      for (let u = core.x; u < core.x + core.width; u++) seen[v * width + u]++;
    }
  }
  assertTrue(seen.every((count) => count === 1), "each pixel in one core");
}

Deno.test("planTiles covers images of any size with aligned tiles of bounded area", () => {
  for (const [width, height] of [[16, 16], [1024, 1024], [4096, 4096], [4096, 64], [512, 2000]]) {
    const w = Math.ceil(width / 16) * 16, h = Math.ceil(height / 16) * 16;
    const tiles = planTiles(w, h, 16, 112, 1152 ** 2, 400 * 400, 2);
    checkTiles(tiles, w, h, 112);
    for (const tile of tiles) {
      assertEquals([tile.x % 16, tile.y % 16, tile.width % 16, tile.height % 16], [0, 0, 0, 0]);
      assertAtMost(tile.width * tile.height, 1152 ** 2);
    }
  }
});

Deno.test("planTiles gives two at once equal halves, and small images and one at a time whole", () => {
  assertEquals(planTiles(1024, 1024, 16, 112, 1152 ** 2, 400 * 400, 2).length, 2);
  assertEquals(planTiles(1024, 1024, 16, 112, 1152 ** 2, 400 * 400, 1).length, 1);
  assertEquals(planTiles(256, 256, 16, 112, 1152 ** 2, 400 * 400, 2).length, 1);
  assertEquals(planTiles(1024, 1024, 16, 112, 1152 ** 2, 1152 ** 2, 2).length, 1);
});

Deno.test("planFixedTiles covers larger images with tiles of one size", () => {
  for (const [width, height] of [[64, 64], [65, 64], [200, 131], [300, 90]]) {
    const tiles = planFixedTiles(width, height, 64, 64, 10);
    checkTiles(tiles, width, height, 10);
    assertTrue(tiles.every((tile) => tile.width === 64 && tile.height === 64));
  }
});

Deno.test("padByReflection mirrors without repeating the border, as often as it takes", () => {
  const row = new Float32Array(16);
  padByReflection(Float32Array.of(1, 2, 3), 3, 1, 8, 2, row);
  assertEquals([...row], [1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2]);
});
