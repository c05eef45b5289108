"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const columns = Object.fromEntries(data.trades.columns.map((name, place) => [name, place]));
  const trades = data.trades.rows;
  const narrow = () => window.innerWidth < 600;
  const date = (seconds) => new Date(seconds * 1000).toISOString();
  const minute = (seconds) => date(seconds).slice(0, 16).replace("T", " ");
  const plain = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const THEMES = ["system", "light", "dark"];
  let theme = 0;

  function axis(more) {
    return Object.assign(
      { gridcolor: colour("line"), linecolor: colour("line"), zerolinecolor: colour("line"), automargin: true }, more);
  }

  function layout(more) {
    return Object.assign({
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "x unified", showlegend: false,
      dragmode: narrow() ? false : "zoom",
      font: { color: colour("ink"), family: "system-ui, sans-serif", size: 12 },
      hoverlabel: { bgcolor: colour("card"), bordercolor: colour("line"), font: { color: colour("ink") } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("quiet"), activecolor: colour("accent") },
      margin: { l: 8, r: 8, t: 26, b: 8 }, xaxis: axis({ type: "date" }), yaxis: axis({}),
    }, more);
  }

  function draw(id, traces, more) {
    const options = {
      responsive: true, displaylogo: false, displayModeBar: narrow() ? false : "hover",
      modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
    };
    Plotly.react(id, traces, layout(more), options);
  }

  function say(id, text) {
    const said = document.createElement("p");
    said.className = "empty";
    said.textContent = text;
    byId(id).style.height = "auto";
    byId(id).replaceChildren(said);
  }

  function drawEquity() {
    const time = data.equity.time.map(date);
    const fell = data.equity.fall.some((one) => one < 0);
    draw("equity-chart", [
      { x: time, y: data.equity.equity, type: "scatter", mode: "lines", name: "equity",
        line: { color: colour("accent"), width: 1.6 }, hovertemplate: "%{y:,.2f} " + plain(data.currency) },
      { x: time, y: data.equity.fall, type: "scatter", mode: "lines", name: "below the peak", yaxis: "y2",
        line: { color: colour("loss"), width: 1 }, fill: "tozeroy", hovertemplate: "%{y:.4f}" },
    ], {
      xaxis: axis({ type: "date", anchor: "y2" }), yaxis: axis({ domain: [0.34, 1], tickformat: ",.6~g" }),
      yaxis2: axis({ domain: [0, 0.28], tickformat: ".3~f", ...(fell ? { rangemode: "tozero" } : { range: [-0.01, 0] }) }),
    });
  }

  function drawSharpe() {
    if (!data.sharpe) {
      say("sharpe-chart", "The time is too short for it, or all was lost.");
      return;
    }
    draw("sharpe-chart", [
      { x: data.sharpe.time.map(date), y: data.sharpe.ratio, type: "scatter", mode: "lines", name: "Sharpe ratio",
        line: { color: colour("accent"), width: 1.4 }, hovertemplate: "%{y:.2f}" },
    ], { yaxis: axis({ zeroline: true, zerolinecolor: colour("quiet"),
                       title: { text: data.sharpe.window + " days", font: { color: colour("quiet") } } }) });
  }

  function drawMultiples() {
    if (!data.multiples) {
      say("multiples-chart", "No trade was closed whose risk is known.");
      return;
    }
    const { at, count, width, mean } = data.multiples;
    draw("multiples-chart", [
      { x: at, y: count, type: "bar", width: at.map(() => width * 0.94), name: "trades",
        marker: { color: at.map((middle) => colour(middle < 0 ? "loss" : "gain")) }, hovertemplate: "%{y} trades" },
    ], {
      bargap: 0, xaxis: axis({ title: { text: "R" } }), yaxis: axis({ rangemode: "tozero" }),
      shapes: [{ type: "line", x0: mean, x1: mean, y0: 0, y1: 1, yref: "paper",
                 line: { color: colour("ink"), width: 1.4, dash: "dot" } }],
      annotations: [{ x: mean, y: 1, yref: "paper", text: "mean " + mean.toFixed(3), showarrow: false,
                      xanchor: "left", yanchor: "top", font: { color: colour("ink") } }],
    });
  }

  const MOST_MARKED = 1500;
  let market = null;
  let looked = null;

  function tradesOf(name) {
    return trades.filter((row) => row[columns.instrument] === name);
  }

  function markers(rows, exits, name, symbol, tint) {
    const when = exits ? columns.closed : columns.opened;
    const price = exits ? columns.exit : columns.entry;
    return {
      x: rows.map((row) => date(row[when])), y: rows.map((row) => row[price]), type: "scatter", mode: "markers", name,
      marker: { symbol, size: 9, color: tint, line: { color: colour("card"), width: 1 } },
      text: rows.map((row) => "trade " + row[columns.number] + ", " + plain(row[columns.strategy]) +
        (exits ? ", " + plain(row[columns["exit reason"]]) + ", " + row[columns.profit].toFixed(2) : "")),
      hovertemplate: "%{y} (%{text})",
    };
  }

  function lines(rows, name, tint, dash, ends) {
    const x = [], y = [];
    for (const row of rows) {
      const levels = ends(row);
      if (levels) {
        x.push(date(row[columns.opened]), date(row[columns.closed]), null);
        y.push(levels[0], levels[1], null);
      }
    }
    return { x, y, type: "scatter", mode: "lines", name, line: { color: tint, width: 1.2, dash }, hoverinfo: "skip" };
  }

  function openMarks() {
    if (!market.open) {
      return [];
    }
    const { opened, price, side, stop } = market.open;
    const until = data.equity.time[data.equity.time.length - 1];
    const found = [{
      x: [date(opened)], y: [price], type: "scatter", mode: "markers", name: "open " + side,
      marker: { symbol: "star", size: 13, color: colour("accent") }, hovertemplate: "%{y} (open at the end)",
    }];
    if (stop !== null) {
      found.push({ x: [date(opened), date(until)], y: [stop, stop], type: "scatter", mode: "lines", name: "stop",
                   line: { color: colour("loss"), width: 1.2, dash: "dash" }, hoverinfo: "skip" });
    }
    return found;
  }

  function candlesFor(row) {
    const fine = market.fine;
    const has = row !== null && fine.time.some((at) =>
      at >= row[columns.opened] - market.seconds && at <= row[columns.closed]);
    return has ? [fine, true] : [market.candles, false];
  }

  function rangeOf(row) {
    if (row === null) {
      return null;
    }
    const held = row[columns.closed] - row[columns.opened];
    const around = Math.max(held * 0.6, market.seconds * 25);
    return [row[columns.opened] - around, row[columns.closed] + around];
  }

  function heightOf(candles, range, row) {
    if (range === null) {
      return {};
    }
    const seen = candles.time.map((at, place) => place).filter((place) =>
      candles.time[place] >= range[0] && candles.time[place] <= range[1]);
    const levels = [columns.entry, columns.exit, columns.stop].map((place) => row[place]).filter((one) => one !== null);
    const low = Math.min(...levels, ...seen.map((place) => candles.low[place]));
    const high = Math.max(...levels, ...seen.map((place) => candles.high[place]));
    const room = (high - low) * 0.06 || 1;
    return { range: [low - room, high + room] };
  }

  function drawMarket() {
    if (!market) {
      say("market-chart", "There is no instrument.");
      return;
    }
    const rows = tradesOf(market.name).slice(-MOST_MARKED);
    const [candles, fine] = candlesFor(looked);
    const range = rangeOf(looked);
    const long = rows.filter((row) => row[columns.side] === "long");
    const short = rows.filter((row) => row[columns.side] === "short");
    const won = rows.filter((row) => row[columns.profit] > 0);
    const lost = rows.filter((row) => row[columns.profit] <= 0);
    draw("market-chart", [
      { x: candles.time.map(date), open: candles.open, high: candles.high, low: candles.low, close: candles.close,
        type: "candlestick", name: market.name, hoverinfo: looked ? "all" : "skip",
        increasing: { line: { color: colour("gain"), width: 1 } },
        decreasing: { line: { color: colour("loss"), width: 1 } } },
      lines(rows, "stop", colour("loss"), "dash", (row) => row[columns.stop] === null ? null : [row[columns.stop], row[columns.stop]]),
      lines(won, "won", colour("gain"), "dot", (row) => [row[columns.entry], row[columns.exit]]),
      lines(lost, "lost", colour("loss"), "dot", (row) => [row[columns.entry], row[columns.exit]]),
      markers(long, false, "long", "triangle-up", colour("accent")),
      markers(short, false, "short", "triangle-down", colour("accent")),
      markers(won, true, "exit, won", "x", colour("gain")),
      markers(lost, true, "exit, lost", "x", colour("loss")),
      ...openMarks(),
    ], {
      hovermode: "closest", dragmode: narrow() ? false : "pan",
      xaxis: axis({ type: "date", rangeslider: { visible: false }, ...(range ? { range: range.map(date) } : {}) }),
      yaxis: axis({ tickformat: ",.7~g", ...heightOf(candles, range, looked) }),
    });
    const left = tradesOf(market.name).length - rows.length;
    byId("market-note").textContent = (looked ? "trade " + looked[columns.number] + ", " : "") +
      (fine ? "candles as they were traded" : market.timeframe + " candles") +
      (left > 0 ? ", the newest " + rows.length + " trades" : "") + ", " + rows.length + " trades";
    byId("before").disabled = byId("after").disabled = rows.length === 0;
    byId("whole").disabled = looked === null;
  }

  function look(row) {
    market = data.markets.find((one) => one.name === row[columns.instrument]) || market;
    byId("instrument").value = String(data.markets.indexOf(market));
    looked = row;
    drawMarket();
  }

  function step(by) {
    const rows = tradesOf(market.name);
    const place = looked === null ? (by > 0 ? 0 : rows.length - 1) : rows.indexOf(looked) + by;
    look(rows[(place + rows.length) % rows.length]);
  }

  function prepareMarket() {
    const select = byId("instrument");
    data.markets.forEach((one, place) => {
      const option = document.createElement("option");
      option.value = String(place);
      option.textContent = one.name;
      select.append(option);
    });
    market = data.markets[0] || null;
    const whole = () => { looked = null; drawMarket(); };
    select.addEventListener("change", () => { market = data.markets[Number(select.value)]; whole(); });
    byId("whole").addEventListener("click", whole);
    byId("before").addEventListener("click", () => step(-1));
    byId("after").addEventListener("click", () => step(1));
  }

  const PAGE = 50;
  const CHOSEN = ["instrument", "strategy", "side", "exit reason"];
  const filters = {};
  let shown = trades.slice().reverse();
  let page = 0;
  let sorted = null;
  let rising = false;

  function told(row, name) {
    const value = row[columns[name]];
    if (value === null) {
      return "";
    }
    if (name === "opened" || name === "closed") {
      return minute(value);
    }
    if (["profit", "costs", "R", "worst R", "best R"].includes(name)) {
      return value.toFixed(2);
    }
    return String(value);
  }

  function cell(row, name) {
    const made = document.createElement("td");
    made.textContent = told(row, name);
    if (typeof row[columns[name]] === "number" && name !== "opened" && name !== "closed") {
      made.className = row[columns[name]] < 0 ? "number loss" : "number";
    }
    return made;
  }

  function fillTable() {
    const body = byId("all-trades").tBodies[0];
    const rows = shown.slice(page * PAGE, (page + 1) * PAGE).map((row) => {
      const line = document.createElement("tr");
      line.title = "show it on the candles";
      line.append(...data.trades.columns.map((name) => cell(row, name)));
      line.addEventListener("click", () => { look(row); byId("market").scrollIntoView({ behavior: "smooth" }); });
      return line;
    });
    body.replaceChildren(...rows);
    const pages = Math.max(Math.ceil(shown.length / PAGE), 1);
    byId("place").textContent = shown.length + " of " + trades.length + " trades, page " + (page + 1) + " of " + pages;
    byId("back").disabled = page === 0;
    byId("forth").disabled = page >= pages - 1;
    byId("csv").disabled = shown.length === 0;
  }

  function choose() {
    shown = trades.filter((row) => CHOSEN.every((name) => !filters[name] || row[columns[name]] === filters[name]) &&
      (!filters.result || (filters.result === "won") === (row[columns.profit] > 0)) &&
      (!filters.text || data.trades.columns.some((name) => told(row, name).includes(filters.text))));
    if (sorted === null) {
      shown.reverse();
    } else {
      const order = (a, b) => a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -1 : 1;
      shown.sort((a, b) => order(a[columns[sorted]], b[columns[sorted]]) * (rising ? 1 : -1));
    }
    page = 0;
    fillTable();
  }

  function addSelect(name, values) {
    const label = document.createElement("label");
    const select = document.createElement("select");
    for (const value of ["", ...values]) {
      const option = document.createElement("option");
      option.value = value;
      option.textContent = value || "all";
      select.append(option);
    }
    select.addEventListener("change", () => { filters[name] = select.value; choose(); });
    label.append(name + " ", select);
    byId("filters").append(label);
  }

  function prepareTrades() {
    for (const name of CHOSEN) {
      addSelect(name, [...new Set(trades.map((row) => row[columns[name]]))].sort());
    }
    addSelect("result", ["won", "lost"]);
    const text = document.createElement("input");
    text.placeholder = "any text";
    text.setAttribute("aria-label", "any text");
    text.addEventListener("input", () => { filters.text = text.value; choose(); });
    byId("filters").append(text);
    const heading = document.createElement("tr");
    for (const name of data.trades.columns) {
      const made = document.createElement("th");
      made.scope = "col";
      made.textContent = name;
      made.addEventListener("click", () => { rising = sorted === name ? !rising : false; sorted = name; choose(); });
      heading.append(made);
    }
    byId("all-trades").tHead.append(heading);
    byId("back").addEventListener("click", () => { page -= 1; fillTable(); });
    byId("forth").addEventListener("click", () => { page += 1; fillTable(); });
    byId("csv").addEventListener("click", save);
    choose();
  }

  function quoted(value) {
    // A spreadsheet would take such a text for a formula.
    const text = /^[=+@\t\r]|^-(?!\d)/.test(value) ? "'" + value : value;
    return /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  }

  function exact(row, name) {
    const value = row[columns[name]];
    return value === null ? "" : name === "opened" || name === "closed" ? date(value) : String(value);
  }

  function save() {
    const names = data.trades.columns;
    const rows = [names, ...shown.map((row) => names.map((name) => exact(row, name)))];
    const text = rows.map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = "trades.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function drawAll() {
    drawEquity();
    drawMarket();
    drawMultiples();
    drawSharpe();
  }

  byId("theme").addEventListener("click", () => {
    theme = (theme + 1) % THEMES.length;
    document.documentElement.dataset.theme = THEMES[theme];
    byId("theme").textContent = "theme: " + THEMES[theme];
    drawAll();
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  prepareMarket();
  prepareTrades();
  drawAll();
})();
