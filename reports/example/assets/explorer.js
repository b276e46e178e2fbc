// The list of samples: filters, search, pages, and which of its addresses is shown.
"use strict";
(() => {
  const { config, element } = samples;
  if (!config) return;
  const PAGE = 50;
  const AT_ONCE = 4;
  const NUMBERS = ["repeat", "score", "tokens", "cost", "seconds"];
  const TEXTS = ["item", "arm", "category", "outcome", "extracted"];
  const byId = (id) => document.getElementById(id);
  const form = byId("filters");
  const total = config.index.reduce((sum, count) => sum + count, 0);
  const columns = Object.fromEntries([...TEXTS, ...NUMBERS, "hash", "hay"].map((name) => [name, []]));
  let loaded = 0;
  let matches = [];
  let page = 0;
  let search = 0;
  let shownRow = -1;
  let listAddress = "#";

  function append(data) {
    for (const name of TEXTS) {
      const { of, at } = data[name];
      for (const place of at) columns[name].push(place < 0 ? null : of[place]);
    }
    for (const name of NUMBERS) columns[name].push(...data[name]);
    for (let row = loaded; row < loaded + data.rows; row++) {
      const { item, category, extracted } = columns;
      columns.hay.push(`${item[row]}\n${category[row]}\n${extracted[row] ?? ""}`.toLowerCase());
      columns.hash.push(data.hash ? data.hash[row - loaded] : "");
    }
    loaded += data.rows;
  }

  // A row as {item, arm, repeat, category, outcome, score, extracted, tokens, cost, seconds, hash, number}.
  const factsOf = (row) => ({
    ...Object.fromEntries(Object.keys(columns).map((name) => [name, columns[name][row]])),
    number: row,
  });

  const field = (name) => form.elements[name]?.value ?? "";

  // Which rows the filters leave, but for a search in the texts.
  function wanted() {
    const arm = field("arm") === "" ? null : config.arms[field("arm")];
    const category = field("category") === "" ? null : config.categories[field("category")];
    const outcome = field("outcome");
    const query = field("in") === "texts" ? "" : field("q").trim().toLowerCase();
    return (row) =>
      (arm === null || columns.arm[row] === arm) &&
      (category === null || columns.category[row] === category) &&
      (outcome === "" || columns.outcome[row] === outcome) &&
      (query === "" || columns.hay[row].includes(query));
  }

  function rowsFrom(start) {
    const test = wanted();
    const found = [];
    for (let row = start; row < loaded; row++) if (test(row)) found.push(row);
    return found;
  }

  const inTexts = () => field("in") === "texts" && field("q").trim() !== "";

  function apply() {
    search += 1;
    page = 0;
    byId("progress").hidden = true;
    matches = inTexts() ? [] : rowsFrom(0);
    if (inTexts()) walkTexts(search);
    draw();
  }

  function hayOf(shard, row) {
    const prompt = row.prompt === null ? [] : shard.prompts[row.prompt];
    const parts = [...prompt, row.reply, row.reasoning, row.received, ...row.also];
    return parts.map((part) => (part ? part.text : "")).join("\n").toLowerCase();
  }

  // Search the texts shard by shard; a newer search, or Stop, ends it.
  async function walkTexts(turn) {
    const query = field("q").trim().toLowerCase();
    const line = byId("progress");
    while (loaded < total) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (turn !== search) return;
    }
    const byShard = new Map();
    for (const row of rowsFrom(0)) {
      const number = samples.shardOf(row);
      if (!byShard.has(number)) byShard.set(number, []);
      byShard.get(number).push(row);
    }
    const todo = [...byShard.keys()];
    line.hidden = false;
    for (let done = 0; done < todo.length; done++) {
      line.firstElementChild.textContent = `Searched ${done} of ${todo.length} files of texts.`;
      try {
        const shard = await samples.textShard(todo[done]);
        if (turn !== search) return;
        const start = samples.starts[todo[done]];
        matches.push(...byShard.get(todo[done]).filter((row) => hayOf(shard, shard.rows[row - start]).includes(query)));
      } catch (error) {
        tell(error);
        return;
      }
      drawSoon();
    }
    line.hidden = true;
    draw();
  }

  let drawing = 0;
  function drawSoon() {
    if (drawing) return;
    drawing = setTimeout(() => {
      drawing = 0;
      draw();
    }, 200);
  }

  // Rows that stand there already stay: a click on one is not lost while a search goes on.
  let drawn = [];
  function drawRows(part) {
    const kept = drawn.every((row, place) => part[place] === row) ? drawn.length : 0;
    const lines = part.slice(kept).map((row) => samples.view.line(factsOf(row)));
    if (kept) byId("rows").append(...lines);
    else byId("rows").replaceChildren(...lines);
    drawn = part;
  }

  function draw() {
    const pages = Math.max(1, Math.ceil(matches.length / PAGE));
    page = Math.min(page, pages - 1);
    drawRows(matches.slice(page * PAGE, (page + 1) * PAGE));
    const told = matches.length === total ? `${total.toLocaleString("en")} samples` :
      `${matches.length.toLocaleString("en")} of ${total.toLocaleString("en")} samples`;
    byId("count").textContent = loaded < total ? `${told}, ${loaded.toLocaleString("en")} read so far` : told;
    const pager = byId("pager");
    pager.hidden = pages === 1;
    pager.querySelector("span").textContent = `Page ${(page + 1).toLocaleString("en")} of ${pages.toLocaleString("en")}`;
    for (const button of pager.querySelectorAll("button")) {
      const to = page + Number(button.dataset.by);
      button.disabled = to < 0 || to >= pages;
    }
  }

  // Columns that say the same in every row, or nothing, are left out.
  function hideColumns() {
    const rows = config.index.length > 1 ? -1 : loaded;
    const empty = (name) => columns[name].every((value) => value === null || value === "");
    const hidden = {
      arm: config.arms.length < 2,
      repeat: rows > 0 && columns.repeat.every((value) => value === 0),
    };
    for (const name of ["category", "extracted", "tokens", "cost", "seconds"]) hidden[name] = rows > 0 && empty(name);
    for (const [name, hide] of Object.entries(hidden)) byId("samples-list").classList.toggle(`no-${name}`, hide);
  }

  function tell(error) {
    byId("count").textContent = error.message;
  }

  function filterAddress() {
    const told = [...new FormData(form)].filter(([, value]) => value !== "");
    return `#${new URLSearchParams(told)}`;
  }

  function filtered() {
    listAddress = filterAddress();
    history.replaceState(null, "", listAddress);
    apply();
  }

  // What the address names: one sample, or the list with its filters.
  function route(arrivals) {
    const address = new URLSearchParams(location.hash.slice(1));
    if (address.has("item")) {
      showSample(address);
      return;
    }
    if (arrivals) return;
    for (const name of ["q", "in", "outcome", "arm", "category"]) {
      if (form.elements[name]) form.elements[name].value = address.get(name) ?? "";
    }
    listAddress = location.hash || "#";
    const from = shownRow;
    shownRow = -1;
    byId("sample").hidden = true;
    byId("samples-list").hidden = false;
    apply();
    if (from >= 0) backTo(from);
  }

  // After a sample, the list stands where it was opened.
  function backTo(row) {
    const place = matches.indexOf(row);
    if (place < 0) return;
    page = Math.floor(place / PAGE);
    draw();
    byId("rows").rows[place % PAGE].querySelector("a").focus();
  }

  function find(address) {
    const [item, arm, repeat] = ["item", "arm", "repeat"].map((name) => address.get(name));
    for (let row = 0; row < loaded; row++) {
      const same = columns.item[row] === item && (arm === null || columns.arm[row] === arm);
      if (same && (repeat === null || String(columns.repeat[row]) === repeat)) return row;
    }
    return -1;
  }

  function showSample(address) {
    const row = find(address);
    if (row >= 0 && row === shownRow) return;
    byId("samples-list").hidden = true;
    byId("sample").hidden = false;
    byId("copied").textContent = "";
    shownRow = row;
    if (row < 0) {
      samples.view.tell(loaded < total ? "Looking for this sample…" : "There is no such sample here.");
    } else {
      samples.view.show(factsOf(row));
      byId("sample-title").focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    const place = matches.indexOf(row);
    byId("back").href = listAddress;
    for (const [id, other] of [["before", matches[place - 1]], ["after", matches[place + 1]]]) {
      byId(id).hidden = place < 0 || other === undefined;
      if (!byId(id).hidden) byId(id).href = samples.view.address(factsOf(other));
    }
  }

  async function read() {
    let next = 0;
    const parts = [];
    const ask = () => {
      if (next < config.index.length) parts.push(samples.load("index", next++));
    };
    ask();
    for (let number = 0; number < config.index.length; number++) {
      const start = loaded;
      append(await parts[number]);
      while (next < config.index.length && next <= number + AT_ONCE) ask();
      if (!inTexts()) matches.push(...rowsFrom(start));
      if (number === 0 || loaded === total) {
        hideColumns();
        draw();
      } else drawSoon();
      route(true);
    }
  }

  let typing = 0;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    clearTimeout(typing);
    typing = setTimeout(filtered, event.target.name === "q" ? 150 : 0);
  });
  form.addEventListener("reset", () => setTimeout(filtered, 0));
  byId("progress").querySelector("button").addEventListener("click", () => {
    search += 1;
    byId("progress").hidden = true;
    draw();
  });
  byId("pager").addEventListener("click", (event) => {
    if (!event.target.dataset.by) return;
    page += Number(event.target.dataset.by);
    draw();
    byId("samples-list").scrollIntoView();
  });
  byId("rows").addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row && !event.target.closest("a") && getSelection().isCollapsed) row.querySelector("a").click();
  });
  byId("rows").addEventListener("keydown", (event) => {
    const by = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const other = by && event.target.closest("tr")?.[by];
    if (!other) return;
    event.preventDefault();
    other.querySelector("a").focus();
  });
  addEventListener("hashchange", () => route(false));
  element.hidden = false;
  route(false);
  read().catch(tell);
})();
