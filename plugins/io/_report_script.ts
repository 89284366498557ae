/**
 * The script of the report: zoom, pan and hover over the labels. Plain JavaScript that a browser
 * runs as it stands; it reads the data of each set from the page and loads nothing.
 *
 * @module
 */

/** The script, to be put into a script element. */
export const REPORT_SCRIPT: string = String.raw`
"use strict";
(function () {
  var markers = JSON.parse(document.getElementById("markers").textContent);
  var viewers = {};

  function shapes(marker, xs, ys, codes, code, r) {
    var d = "";
    for (var i = 0; i < xs.length; i++) {
      if (codes.charCodeAt(i) - 48 !== code) continue;
      var x = xs[i] / 100 + 0.5, y = ys[i] / 100 + 0.5;
      marker.circles.forEach(function (c) { d += circle(x, y, c * r); });
      var arm = 0.13 * r, size = (2 * arm).toFixed(2);
      d += "M" + (x - arm).toFixed(2) + " " + y.toFixed(2) + "h" + size +
        "M" + x.toFixed(2) + " " + (y - arm).toFixed(2) + "v" + size;
      marker.lines.forEach(function (line) {
        for (var k = 0; k < line.length; k += 2) {
          d += (k ? "L" : "M") + (x + line[k] * r).toFixed(2) + " " + (y + line[k + 1] * r).toFixed(2);
        }
      });
    }
    return d;
  }

  function circle(x, y, r) {
    var s = r.toFixed(2);
    return "M" + (x - r).toFixed(2) + " " + y.toFixed(2) + "a" + s + " " + s + " 0 1 0 " +
      (2 * r).toFixed(2) + " 0a" + s + " " + s + " 0 1 0 " + (-2 * r).toFixed(2) + " 0";
  }

  function viewer(root) {
    var data = JSON.parse(root.querySelector("script").textContent);
    var svg = root.querySelector("svg"), image = svg.querySelector("image");
    var stage = root.querySelector(".stage"), tip = root.querySelector(".tip");
    var bar = root.querySelector(".scalebar"), now = root.querySelector(".now");
    var paths = svg.querySelectorAll("path.status");
    var droppedPath = svg.querySelector("path.dropped"), halo = svg.querySelector("path.halo");
    var ticks = root.querySelectorAll(".legend input[data-code]");
    var droppedTick = root.querySelector(".legend input[data-dropped]");
    var picks = root.querySelectorAll(".picks button");
    var counts = root.querySelectorAll(".legend .n[data-code]");
    var view = { x: 0, y: 0, w: data.width, h: data.height };
    var shown = null;

    function draw() {
      svg.setAttribute("viewBox", [view.x, view.y, view.w, view.h].join(" "));
      // One pixel of the image seen as more than three on the screen: show it as the square it is.
      var scale = svg.clientWidth / view.w;
      image.style.imageRendering = scale > 3 ? "pixelated" : "auto";
      if (!bar || !scale) return;
      var perUnit = scale / data.nm[0];
      var wanted = svg.clientWidth * 0.2 / perUnit;
      var power = Math.pow(10, Math.floor(Math.log10(wanted)));
      var nm = [5, 2, 1].map(function (m) { return m * power; }).find(function (v) { return v <= wanted; });
      bar.querySelector("i").style.width = nm * perUnit + "px";
      bar.querySelector("span").textContent = nm >= 1 ? nm + " nm" : Number((nm * 1000).toPrecision(3)) + " pm";
    }

    function show(n) {
      shown = data.exposures.find(function (e) { return e.n === n; });
      if (!shown) return;
      var picture = document.getElementById(shown.picture);
      image.setAttribute("href", picture.src);
      // The last block of a shrunk picture may reach beyond the image.
      image.setAttribute("width", shown.width);
      image.setAttribute("height", shown.height);
      markers.forEach(function (marker, code) {
        paths[code].setAttribute("d", shapes(marker, shown.x, shown.y, shown.s, code, data.radius));
        counts[code].textContent = shown.s.split(String(code)).length - 1;
      });
      if (droppedPath) {
        var d = "";
        if (n === data.chosen) {
          data.dropped.x.forEach(function (x, i) {
            d += circle(x / 100 + 0.5, data.dropped.y[i] / 100 + 0.5, data.radius * 0.3);
          });
        }
        droppedPath.setAttribute("d", d);
        droppedTick.disabled = n !== data.chosen;
      }
      picks.forEach(function (b) { b.setAttribute("aria-pressed", String(Number(b.value) === n)); });
      now.textContent = shown.about;
      halo.setAttribute("d", "");
      tip.hidden = true;
    }

    function clampView() {
      view.x = Math.max(0, Math.min(view.x, data.width - view.w));
      view.y = Math.max(0, Math.min(view.y, data.height - view.h));
    }

    function zoomAt(x, y, factor) {
      var w = Math.min(data.width, Math.max(12, view.w * factor));
      var f = w / view.w;
      view = { x: x - (x - view.x) * f, y: y - (y - view.y) * f, w: w, h: view.h * f };
      if (w === data.width) view = { x: 0, y: 0, w: data.width, h: data.height };
      clampView();
      draw();
    }

    function place(event) {
      var point = new DOMPoint(event.clientX, event.clientY);
      return point.matrixTransform(svg.getScreenCTM().inverse());
    }

    function nearest(x, y, limit) {
      var best = -1, bestSquare = limit * limit;
      for (var i = 0; i < shown.x.length; i++) {
        var code = shown.s.charCodeAt(i) - 48;
        if (!ticks[code].checked) continue;
        var dx = shown.x[i] / 100 + 0.5 - x, dy = shown.y[i] / 100 + 0.5 - y;
        if (dx * dx + dy * dy < bestSquare) { best = i; bestSquare = dx * dx + dy * dy; }
      }
      return best;
    }

    function mark(i) {
      if (i < 0) { tip.hidden = true; halo.setAttribute("d", ""); return; }
      var x = shown.x[i] / 100, y = shown.y[i] / 100;
      halo.setAttribute("d", circle(x + 0.5, y + 0.5, data.radius * 1.5));
      var text = "label " + i + ": " + markers[shown.s.charCodeAt(i) - 48].status +
        "\nx " + x.toFixed(2) + ", y " + y.toFixed(2) + " px";
      if (data.nm) {
        text += "\nx " + (x * data.nm[0]).toFixed(4) + ", y " + (y * data.nm[1]).toFixed(4) + " nm";
      }
      if (shown.ex[i] !== null) {
        text += "\nerror x " + (shown.ex[i] / 1000).toFixed(3) + ", y " +
          (shown.ey[i] / 1000).toFixed(3) + " px";
      }
      tip.textContent = text;
      tip.hidden = false;
      var at = new DOMPoint(x + 0.5, y + 0.5).matrixTransform(svg.getScreenCTM());
      var box = stage.getBoundingClientRect();
      var away = data.radius * 1.5 * svg.getScreenCTM().a + 8;
      var left = at.x - box.left + away, top = at.y - box.top - tip.offsetHeight / 2;
      if (left + tip.offsetWidth > box.width) left = at.x - box.left - tip.offsetWidth - away;
      tip.style.left = Math.max(0, left) + "px";
      tip.style.top = Math.max(0, Math.min(box.height - tip.offsetHeight, top)) + "px";
    }

    svg.addEventListener("wheel", function (event) {
      event.preventDefault();
      var p = place(event);
      var lines = event.deltaMode === 1 ? 30 : 1;
      zoomAt(p.x, p.y, Math.exp(Math.max(-120, Math.min(120, event.deltaY * lines)) * 0.002));
    }, { passive: false });
    var drag = null;
    svg.addEventListener("pointerdown", function (event) {
      drag = place(event);
      svg.setPointerCapture(event.pointerId);
      svg.classList.add("dragging");
    });
    svg.addEventListener("pointermove", function (event) {
      var p = place(event);
      if (drag) {
        view.x += drag.x - p.x;
        view.y += drag.y - p.y;
        clampView();
        draw();
        mark(-1);
      } else {
        mark(nearest(p.x, p.y, data.radius * 2));
      }
    });
    function release() { drag = null; svg.classList.remove("dragging"); }
    svg.addEventListener("pointerup", release);
    svg.addEventListener("pointercancel", release);
    svg.addEventListener("pointerleave", function () { mark(-1); });
    svg.addEventListener("dblclick", function () { zoomAt(0, 0, 1e9); });
    root.querySelectorAll(".zoom button").forEach(function (button) {
      button.addEventListener("click", function () {
        zoomAt(view.x + view.w / 2, view.y + view.h / 2, Number(button.value));
      });
    });
    picks.forEach(function (button) {
      button.addEventListener("click", function () { show(Number(button.value)); });
    });
    ticks.forEach(function (tick) {
      tick.addEventListener("change", function () {
        paths[Number(tick.dataset.code)].style.display = tick.checked ? "" : "none";
      });
    });
    if (droppedTick) {
      droppedTick.addEventListener("change", function () {
        droppedPath.style.display = droppedTick.checked ? "" : "none";
      });
    }
    new ResizeObserver(draw).observe(svg);
    show(data.first);
    draw();

    return function goTo(n, i) {
      show(n);
      var w = Math.min(data.width, data.radius * 40), h = w * data.height / data.width;
      view = { x: shown.x[i] / 100 + 0.5 - w / 2, y: shown.y[i] / 100 + 0.5 - h / 2, w: w, h: h };
      clampView();
      draw();
      stage.scrollIntoView({ block: "center" });
      setTimeout(function () { mark(i); }, 350);
    };
  }

  document.querySelectorAll(".viewer").forEach(function (root) {
    viewers[root.dataset.set] = viewer(root);
  });
  document.querySelectorAll("button.go").forEach(function (button) {
    button.addEventListener("click", function () {
      var at = button.value.split(" ").map(Number);
      viewers[at[0]](at[1], at[2]);
    });
  });
  function openTarget() {
    var target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  }
  addEventListener("hashchange", openTarget);
  openTarget();
})();
`;
