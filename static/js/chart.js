// Draws the numbers of a table as stacked bars. The table is the source and stays: without this file it is all there is.
(() => {
  "use strict";

  const SERIES = ["created", "updated", "unchanged", "skipped", "waiting", "needs_you"];
  const drawn = new WeakMap();

  function read(plot) {
    const root = plot.closest("#chart-body");
    const rows = [...document.getElementById(plot.dataset.chart).tBodies[0].rows];
    const heads = [...document.getElementById(plot.dataset.chart).tHead.rows[0].cells].slice(2);
    const layers = SERIES.map((name, index) => {
      const swatch = root.querySelector(`[data-series=${name}]`);
      const values = rows.map((row) => Number(row.querySelectorAll("[data-n]")[index].dataset.n));
      const isUsed = values.some((value) => value > 0);
      swatch.parentElement.hidden = !isUsed;
      return { title: heads[index].textContent, values, isUsed, colour: getComputedStyle(swatch).backgroundColor };
    }).filter((layer) => layer.isUsed);
    return { rows, layers };
  }

  // Each layer stands on those before it, so the tallest is painted first and the others over it.
  function stack(layers, length) {
    const heights = new Array(length).fill(0);
    return layers.map((layer) => layer.values.map((value, index) => (heights[index] += value))).reverse();
  }

  function options(plot, rows, layers) {
    const style = getComputedStyle(plot);
    const font = `11px ${style.fontFamily}`;
    const axis = { stroke: style.color, font, ticks: { show: false } };
    const step = Math.ceil(rows.length / Math.max(1, Math.floor(plot.clientWidth / 58)));
    const isLabelled = (index) => (rows.length - 1 - index) % step === 0;
    return {
      width: plot.clientWidth,
      height: plot.clientHeight,
      legend: { show: false },
      cursor: { y: false, x: false, points: { show: false }, drag: { setScale: false, x: false } },
      scales: {
        x: { time: false, range: () => [-0.5, rows.length - 0.5] },
        y: { range: (u, min, max) => [0, Math.max(4, max * 1.05)] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 24,
          splits: () => rows.map((row, index) => index).filter(isLabelled),
          values: (u, splits) => splits.map((index) => rows[index].dataset.label),
        },
        {
          ...axis,
          size: 46,
          grid: { stroke: style.borderTopColor, width: 1 },
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000],
          values: (u, splits) => splits.map((value) => value.toLocaleString(document.documentElement.lang)),
        },
      ],
      series: [
        {},
        ...layers
          .map((layer) => ({ fill: layer.colour, width: 0, paths: uPlot.paths.bars({ size: [0.62, 56] }), points: { show: false } }))
          .reverse(),
      ],
      hooks: {
        drawClear: [(u) => shadeToday(u, rows, style.outlineColor)],
        setCursor: [(u) => tell(u, plot, rows, layers)],
      },
    };
  }

  function shadeToday(u, rows, colour) {
    const index = rows.findIndex((row) => "today" in row.dataset);
    if (index < 0) return;
    const left = u.valToPos(index - 0.5, "x", true);
    u.ctx.fillStyle = colour;
    u.ctx.fillRect(left, u.bbox.top, u.valToPos(index + 0.5, "x", true) - left, u.bbox.height);
  }

  function tell(u, plot, rows, layers) {
    const tip = plot.querySelector(".plot-tip");
    const index = u.cursor.left < 0 ? null : Math.round(u.posToVal(u.cursor.left, "x"));
    tip.hidden = index === null || !rows[index];
    if (tip.hidden) return;
    const title = document.createElement("b");
    title.textContent = rows[index].cells[0].textContent;
    const lines = layers.map((layer) => {
      const line = document.createElement("div");
      line.textContent = `${layer.title}: ${layer.values[index].toLocaleString(document.documentElement.lang)}`;
      return line;
    });
    tip.replaceChildren(title, ...lines);
    const beside = u.over.offsetLeft + u.valToPos(index, "x") + 14;
    const room = plot.clientWidth - tip.offsetWidth;
    tip.style.left = `${Math.min(beside, Math.max(0, room))}px`;
  }

  function draw(plot) {
    if (!plot.clientWidth && !plot.isConnected) return;
    drawn.get(plot)?.destroy();
    const tip = document.createElement("div");
    tip.className = "plot-tip";
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    plot.replaceChildren(tip);
    const { rows, layers } = read(plot);
    const xs = rows.map((row, index) => index);
    drawn.set(plot, new uPlot(options(plot, rows, layers), [xs, ...stack(layers, rows.length)], plot));
    plot.uplot = drawn.get(plot);
  }

  function drawAll(root) {
    root.querySelectorAll("[data-chart]").forEach(draw);
  }

  let isOpen = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const details = document.getElementById("chart-details");
    if (details && event.target.id === "chart-body") isOpen = details.open;
  });
  document.addEventListener("htmx:afterSwap", () => {
    const details = document.getElementById("chart-details");
    const plot = document.querySelector("[data-chart]");
    if (details && isOpen) details.open = true;
    if (plot && !drawn.has(plot)) draw(plot);
  });

  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => drawAll(document), 120);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(document));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => drawAll(document));
  else drawAll(document);
})();
