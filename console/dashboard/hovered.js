// What is said of the candle that is pointed at. Names come from outside: they are set as text, so that no browser runs them.
(rows) => {
  const DIGITS = 8;
  const put = (parent, tag, words) => {
    const made = document.createElement(tag);
    made.textContent = words;
    parent.append(made);
    return made;
  };
  const box = document.createElement("div");
  box.className = "hovered";
  put(box, "strong", rows[0].axisValueLabel);
  const told = (name, value, colour) => {
    put(box, "span", name).style.borderColor = colour;
    put(box, "b", Number(value.toPrecision(DIGITS)));
  };
  for (const row of [...rows].sort((one, other) => one.seriesIndex - other.seriesIndex)) {
    if (row.seriesType === "candlestick") {
      ["open", "close", "low", "high"].forEach((name, at) => told(name, row.value[at + 1], row.color));
    } else if (row.seriesType === "scatter") {
      told(row.name, row.value[1], row.color);
    } else if (typeof row.value === "number") {
      told(row.seriesName, row.value, row.color);
    }
  }
  return box;
}
