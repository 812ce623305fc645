// The console's page: asks for the live values once a second, and for spectrum and map when they are new.
// Everything from outside is put on the page as text, never as markup.
"use strict";

const element = (id) => document.getElementById(id);
const state = { instrument: null, live: null, spectrumTime: null, paused: false, failures: 0 };
const periodMilliseconds = 1000;

// Words for numbers

const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
function scaled(number, unit = "") {
  for (const [scale, prefix] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (Math.abs(number) >= scale) return `${plain.format(number / scale)} ${prefix}${unit}`;
  }
  return `${plain.format(number)} ${unit}`.trim();
}
function age(milliseconds) {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
function parsed(text) {
  try { return JSON.parse(text) || {}; } catch { return {}; }
}

function shown(value) {
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}, …]`;
  return typeof value === "number" ? plain.format(value) : String(value);
}

// Theme: the system's, until the person chooses

function applyTheme(name) {
  document.documentElement.dataset.theme = name;
  state.theme = name;
  drawSpectrum();
  drawRates();
}
function colours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(["card", "ink", "soft", "line", "accent", "good", "warn"].map((n) => [n, style.getPropertyValue(`--${n}`).trim()]));
}
function layout(extra) {
  const c = colours();
  const axis = { gridcolor: c.line, zerolinecolor: c.line, linecolor: c.line, automargin: true };
  return {
    paper_bgcolor: c.card, plot_bgcolor: c.card, font: { color: c.ink, size: 12 }, margin: { l: 60, r: 16, t: 8, b: 40 },
    showlegend: false, hovermode: "x", ...extra,
    xaxis: { ...axis, ...extra.xaxis }, yaxis: { ...axis, ...extra.yaxis },
    ...(extra.yaxis2 ? { yaxis2: { ...axis, ...extra.yaxis2 } } : {}),
  };
}
const plotOptions = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d"] };

// Plots. `uirevision` keeps the person's zoom while data change; it changes only with "Reset zoom".

function drawSpectrum() {
  const spectrum = state.spectrum;
  element("spectrum-empty").hidden = Boolean(spectrum);
  element("spectrum").hidden = !spectrum;
  if (!spectrum || !window.Plotly) return;
  const edges = spectrum.edges.map((nanoseconds) => nanoseconds / 1000);
  // A step through every edge: the last count is drawn to the last edge.
  const counts = [...spectrum.counts, spectrum.counts[spectrum.counts.length - 1]];
  const isLog = element("log-axis").checked;
  Plotly.react("spectrum", [{
    x: edges, y: isLog ? counts.map((n) => (n > 0 ? n : null)) : counts, mode: "lines",
    line: { shape: "hv", width: 1.3, color: colours().accent }, name: "counts",
  }], layout({
    uirevision: `${state.instrument}/${state.resets || 0}`,
    xaxis: { title: { text: "time of flight (µs)" } },
    yaxis: { title: { text: "counts" }, type: isLog ? "log" : "linear", rangemode: "tozero", uirevision: isLog },
  }), plotOptions);
}

function drawRates() {
  const history = state.live && state.live.history;
  if (!history || !window.Plotly) return;
  const times = history.time.map((milliseconds) => new Date(milliseconds));
  const c = colours();
  Plotly.react("rates", [
    { x: times, y: history.events_per_second, name: "events/s", mode: "lines", line: { color: c.accent, width: 1.5 } },
    { x: times, y: history.bytes_per_second, name: "bytes/s", mode: "lines", line: { color: c.good, width: 1.5 }, yaxis: "y2" },
  ], layout({
    uirevision: "rates", showlegend: true, legend: { orientation: "h", y: 1.15 }, margin: { l: 60, r: 60, t: 8, b: 30 },
    yaxis: { title: { text: "events/s" }, rangemode: "tozero" },
    yaxis2: { title: { text: "bytes/s" }, rangemode: "tozero", overlaying: "y", side: "right", showgrid: false },
  }), plotOptions);
}

// Viridis in five steps, mixed linearly.
const palette = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
function drawMap(counts, width, height) {
  const canvas = element("map");
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  let largest = 1;
  for (const count of counts) if (count > largest) largest = count;
  const scale = 4 / Math.log1p(largest);
  for (let index = 0; index < counts.length; index++) {
    const place = Math.log1p(counts[index]) * scale;
    const step = Math.min(3, Math.floor(place));
    const share = place - step;
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * index + channel] = palette[step][channel] * (1 - share) + palette[step + 1][channel] * share;
    }
    image.data[4 * index + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  element("map-scale").textContent = `0 to ${plain.format(largest)} counts, log colours`;
}

// Tables: rows are reused, so that scrolling and selection stay

function fill(table, rows) {
  const body = element(table).tBodies[0];
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((cells, index) => {
    const row = body.rows[index] || body.insertRow();
    cells.forEach((cell, column) => {
      const place = row.cells[column] || row.insertCell();
      const { text, style } = typeof cell === "object" ? cell : { text: cell, style: "" };
      if (place.textContent !== text) place.textContent = text;
      if (place.className !== style) place.className = style;
    });
  });
}

function show(live) {
  const chooser = element("instrument");
  const names = live.instruments.map((i) => i.name);
  if (names.join() !== [...chooser.options].map((o) => o.value).join()) {
    chooser.replaceChildren(...names.map((name) => new Option(name, name)));
  }
  if (!names.includes(state.instrument)) state.instrument = names[0] || null;
  if (state.instrument) chooser.value = state.instrument;
  const view = live.instruments.find((i) => i.name === state.instrument);
  showInstrument(view, live.time);
  const last = (name) => live.history[name][live.history[name].length - 1] || 0;
  element("bytes-rate").textContent = `${scaled(last("bytes_per_second"), "B")}/s`;
  element("messages-rate").textContent = `${scaled(last("messages_per_second"))} messages/s`;
  fill("topics", live.topics.map((t) => [
    t.name, { text: String(t.partitions), style: "n" }, { text: plain.format(t.messages), style: "n" },
    { text: t.bytes === null ? "–" : scaled(t.bytes, "B"), style: "n" },
    { text: scaled(t.messages_per_second), style: "n" }, { text: scaled(t.bytes_per_second, "B"), style: "n" },
  ]));
}

function showInstrument(view, now) {
  const run = view && view.run;
  const metadata = run ? parsed(run.metadata) : {};
  if (!run) {
    element("run").textContent = "no run";
  } else {
    const title = metadata.title ? ` “${metadata.title}”` : "";
    const when = run.stop === null ? `running for ${age(now - run.start)}` : `ended ${age(now - run.stop)} ago`;
    element("run").textContent = `Run ${run.number}${title}, ${when}`;
  }
  element("events").textContent = view ? scaled(view.events) : "–";
  element("events-rate").textContent = view ? `${scaled(view.events_per_second)} events/s` : "";
  const variables = view ? view.variables : [];
  element("variables-count").textContent = variables.length ? String(variables.length) : "–";
  const alarms = variables.filter((v) => v.severity && v.severity !== "OK").length;
  element("alarms").textContent = variables.length ? `${alarms} in alarm` : "";
  fill("variables", variables.map((v) => [
    v.name, shown(parsed(v.value).value), { text: v.severity || "–", style: v.severity || "" }, { text: age(now - v.time), style: "n" },
  ]));
  showWriter(view);
}

function showWriter(view) {
  const writer = Object.values(view ? view.services : {}).map(parsed).find((s) => "file_being_written" in s || s.state);
  element("writer").textContent = writer ? writer.state || "–" : "–";
  element("writer-file").textContent = writer ? (writer.file_being_written || "").split("/").pop() : "";
}

// Asking

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok && answer.status !== 404) throw new Error(`${path}: HTTP ${answer.status}`);
  return answer.ok ? answer : null;
}

async function update() {
  const live = await (await ask("api/v1/live")).json();
  state.live = live;
  show(live);
  drawRates();
  const view = live.instruments.find((i) => i.name === state.instrument);
  const key = view && `${view.name}/${view.spectrum_timestamp}`;
  if (!view || view.spectrum_timestamp === null) {
    state.spectrum = null;
    drawSpectrum();
  } else if (key !== state.spectrumTime) {
    const query = `?instrument=${encodeURIComponent(view.name)}`;
    const spectrum = await ask(`api/v1/spectrum${query}`);
    state.spectrum = spectrum && (await spectrum.json());
    state.spectrumTime = key;
    drawSpectrum();
    const map = view.has_map ? await ask(`api/v1/detector${query}`) : null;
    if (map) {
      const [height, width] = map.headers.get("X-Shape").split("x").map(Number);
      drawMap(new Uint32Array(await map.arrayBuffer()), width, height);
    }
  }
}

async function loop() {
  const dot = element("connection");
  if (!state.paused && !document.hidden) {
    try {
      await update();
      state.failures = 0;
      dot.className = "dot live";
      dot.textContent = state.live.failure ? state.live.failure : "live";
    } catch (error) {
      state.failures += 1;
      dot.className = "dot lost";
      dot.textContent = `no answer (${error.message})`;
    }
  }
  setTimeout(loop, periodMilliseconds);
}

function setPaused(paused) {
  state.paused = paused;
  element("pause").textContent = paused ? "Resume" : "Pause";
  if (paused) {
    element("connection").className = "dot waiting";
    element("connection").textContent = "paused";
  }
}

element("pause").addEventListener("click", () => setPaused(!state.paused));
element("theme").addEventListener("click", () => applyTheme(state.theme === "dark" ? "light" : "dark"));
element("log-axis").addEventListener("change", drawSpectrum);
element("reset").addEventListener("click", () => { state.resets = (state.resets || 0) + 1; drawSpectrum(); });
element("instrument").addEventListener("change", (event) => {
  state.instrument = event.target.value;
  state.spectrumTime = null;
  if (state.live) show(state.live);
});
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select, button") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "p") setPaused(!state.paused);
  if (event.key === "r") element("reset").click();
  if (event.key === "l") { element("log-axis").checked = !element("log-axis").checked; drawSpectrum(); }
});
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => applyTheme(dark.matches ? "dark" : "light"));
applyTheme(dark.matches ? "dark" : "light");
loop();
