// The pool's charts. A sample is [time, in use, idle, opening, waiting, wait p50, p95, p99, use p95 (microseconds),
// timed out, refused, dropped, TLS reconnects]; the page brings 15 minutes of them, and each second's answer the newest.
"use strict";
(() => {
  const SPAN = 15 * 60;
  const SHORTEST = 60;
  const live = document.getElementById("live");
  const samples = [];
  const charts = [];
  let limits = { max: 0, waiting: 0 };
  let said = null;
  let first = null;
  let others = 0;
  let othersInARow = 0;
  let answeredAt = new Date();

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const newest = () => (samples.length ? samples[samples.length - 1][0] : 0);
  // A service that has just been started has no 15 minutes to show.
  const span = () => Math.min(SPAN, Math.max(SHORTEST, samples.length ? newest() - samples[0][0] : 0));
  const ago = (seconds) => (seconds === 0 ? "now" : span() > 300 ? `${Math.round(seconds / 60)} min` : `${seconds} s`);
  const step = () => (span() > 300 ? 60 * Math.ceil(span() / 300) : 5 * Math.ceil(span() / 25));
  const column = (index, scale, least) => samples.map((s) => ({ x: s[0] - newest(), y: Math.max(s[index] * scale, least) }));

  // Behind a balancer each second may be another replica's: then the charts stay with the first. One that has taken over
  // for good, as after a restart, gets a page of its own.
  function isAnother(process) {
    first = first || process;
    if (process === first) {
      document.getElementById("mixed").hidden = others === 0;
      othersInARow = 0;
      return false;
    }
    others++;
    if (++othersInARow === 5) {
      location.reload();
    }
    return true;
  }

  function take() {
    const source = document.getElementById("samples");
    if (isAnother(source.dataset.process)) {
      return;
    }
    for (const sample of JSON.parse(source.dataset.samples)) {
      if (sample[0] > newest()) {
        samples.push(sample);
      }
    }
    while (samples.length && samples[0][0] <= newest() - SPAN) {
      samples.shift();
    }
    limits = { max: Number(source.dataset.max), waiting: Number(source.dataset.waiting) };
    if (said !== null && said !== source.dataset.said) {
      document.getElementById("spoken").textContent = source.dataset.said;
    }
    said = source.dataset.said;
  }

  const limitLines = {
    id: "limits",
    afterDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales } = chart;
      ctx.save();
      ctx.strokeStyle = token("--c-limit");
      ctx.fillStyle = token("--muted");
      ctx.font = `11px ${token("--sans")}`;
      ctx.textAlign = "right";
      ctx.setLineDash([5, 4]);
      for (const [value, label] of [[limits.max, `pool ${limits.max}`], [limits.max + limits.waiting, `pool + queue ${limits.max + limits.waiting}`]]) {
        const y = scales.y.getPixelForValue(value);
        if (y >= area.top) {
          ctx.beginPath();
          ctx.moveTo(area.left, y);
          ctx.lineTo(area.right, y);
          ctx.stroke();
          ctx.fillText(label, area.right - 4, y - 4);
        }
      }
      ctx.restore();
    },
  };

  const marks = {
    id: "marks",
    afterDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales } = chart;
      ctx.save();
      for (const [index, name, lane] of [[9, "--m-timeout", 2], [10, "--m-refusal", 3], [11, "--m-drop", 0], [12, "--m-reconnect", 1]]) {
        ctx.fillStyle = token(name);
        for (const sample of samples) {
          if (sample[index] > 0) {
            const x = scales.x.getPixelForValue(sample[0] - newest());
            ctx.fillRect(x - 1.5, area.top + lane * 9, 3, 7);
          }
        }
      }
      ctx.restore();
    },
  };

  // Waits and uses are far apart: only their magnitudes can be seen together.
  const LEAST = 0.1;
  const magnitude = (v) => (Math.abs(Math.log10(v) % 1) > 1e-9 ? null : v < 1000 ? `${v} ms` : `${v / 1000} s`);

  function axes(max) {
    const text = { color: token("--muted"), font: { family: token("--sans"), size: 11 } };
    return {
      x: {
        type: "linear", min: -span(), max: 0, grid: { color: token("--grid") }, border: { display: false },
        ticks: { ...text, stepSize: step(), maxRotation: 0, includeBounds: false, callback: ago },
      },
      y: {
        ...(max === null
          ? { type: "logarithmic", min: LEAST, suggestedMax: 100, ticks: { ...text, callback: magnitude } }
          : { beginAtZero: true, stacked: true, suggestedMax: max, ticks: { ...text, maxTicksLimit: 6, precision: 0 } }),
        grid: { color: token("--grid") }, border: { display: false }, afterFit: (axis) => { axis.width = 52; },
      },
    };
  }

  function tooltip(unit) {
    return {
      mode: "index", intersect: false, animation: false, backgroundColor: token("--text"), titleColor: token("--surface"), bodyColor: token("--surface"),
      callbacks: {
        title: (items) => (items.length ? `${new Date((newest() + items[0].parsed.x) * 1000).toISOString().slice(11, 19)} UTC` : ""),
        label: (item) => ` ${item.dataset.label}: ${Number(item.parsed.y.toFixed(2))}${unit}`,
      },
    };
  }

  function draw(id, sets, max, unit, plugins) {
    const datasets = sets.map(([label, index, color, scale]) => ({
      label, data: column(index, scale, max === null ? LEAST : 0), index, scale, borderColor: token(color), backgroundColor: token(color),
      fill: max !== null, borderWidth: max === null ? 1.5 : 0, pointRadius: 0, stepped: max !== null,
    }));
    const chart = new Chart(document.getElementById(id), {
      type: "line",
      data: { datasets },
      options: {
        animation: false, parsing: false, normalized: true, responsive: true, maintainAspectRatio: false, scales: axes(max),
        interaction: { mode: "index", intersect: false }, plugins: { legend: { display: false }, tooltip: tooltip(unit) },
      },
      plugins,
    });
    charts.push(chart);
  }

  function drawAll() {
    charts.splice(0).forEach((chart) => chart.destroy());
    draw("pool-chart", [["in use", 1, "--c-in-use", 1], ["idle", 2, "--c-idle", 1], ["opening", 3, "--c-opening", 1], ["waiting", 4, "--c-waiting", 1]],
      limits.max * 1.25, "", [limitLines, marks]);
    draw("wait-chart", [["wait p50", 5, "--c-p50", 0.001], ["wait p95", 6, "--c-p95", 0.001], ["wait p99", 7, "--c-p99", 0.001], ["use p95", 8, "--c-usage", 0.001]],
      null, " ms", []);
  }

  function refresh() {
    for (const chart of charts) {
      for (const set of chart.data.datasets) {
        set.data = column(set.index, set.scale, set.fill ? 0 : LEAST);
      }
      chart.options.scales.x.min = -span();
      chart.options.scales.x.ticks.stepSize = step();
      chart.update("none");
    }
  }

  function lost(is) {
    document.getElementById("lost").hidden = !is;
    live.classList.toggle("old", is);
    if (is) {
      document.getElementById("lost-since").textContent = `${answeredAt.toISOString().slice(11, 19)} UTC`;
    } else {
      answeredAt = new Date();
    }
  }

  take();
  drawAll();
  live.addEventListener("htmx:configRequest", (event) => {
    event.detail.parameters.after = newest();
  });
  live.addEventListener("htmx:beforeRequest", (event) => {
    // Nobody looks; coming back brings what was missed.
    if (document.hidden) {
      event.preventDefault();
    }
  });
  // Whoever reads the list of events keeps their place in it.
  const kept = () => [...document.querySelectorAll("#details .events, #details .scroll")];
  let places = [];
  live.addEventListener("htmx:beforeSwap", () => {
    places = kept().map((part) => ({ name: part.getAttribute("aria-label"), top: part.scrollTop, left: part.scrollLeft, focus: part === document.activeElement }));
  });
  live.addEventListener("htmx:afterSwap", () => {
    for (const part of kept()) {
      const place = places.find((p) => p.name === part.getAttribute("aria-label"));
      if (place) {
        part.scrollTo(place.left, place.top);
        if (place.focus) {
          part.focus({ preventScroll: true });
        }
      }
    }
    take();
    refresh();
    lost(false);
  });
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    live.addEventListener(failure, () => lost(true));
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
