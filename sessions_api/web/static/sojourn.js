// What pages do beyond plain HTML: they stay true by themselves, count times on and ask in a dialog.
// Every page works without this script; nothing here is needed to reach or to do a thing.

const everything = (selector, root = document) => root.querySelectorAll(selector);
const said = document.getElementById("said");
const away = document.getElementById("away");
const ask = document.getElementById("ask");

// Times: the server's clock counts; what is counted on is never announced.
let skew = 0;
const readClock = (page) => { skew = Date.now() - Date.parse(page.body.dataset.now); };
const secondsSince = (element) => Math.max(0, (Date.now() - skew - Date.parse(element.dataset.since)) / 1000);

const two = (first, unit, second, small) => `${first} ${unit}${second ? ` ${second} ${small}` : ""}`;
function duration(seconds) {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return two(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole % 3600 / 60)).padStart(2, "0")} min`;
  const days = Math.floor(whole / 86400);
  return two(days, days === 1 ? "day" : "days", Math.floor(whole % 86400 / 3600), "h");
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  for (const time of everything("time[data-since]")) setText(time, duration(secondsSince(time)));
  for (const bar of everything("progress[data-since]")) bar.value = secondsSince(bar);
  for (const bar of everything("rect[data-since]")) {
    const room = 100 - Number(bar.getAttribute("x"));
    bar.setAttribute("width", Math.min(room, secondsSince(bar) * Number(bar.dataset.scale)).toFixed(1));
  }
  for (const wait of everything("[data-late]")) {
    const { usual, late, p50, p95 } = wait.dataset;
    const seconds = secondsSince(wait);
    setText(wait, seconds <= Number(p50) ? usual : seconds <= Number(p95) ? "any moment now" : late);
  }
}

// Staying true: an event says that something changed, then the page's own address is read again and its
// parts are made like the new ones. Elements stay the same ones, so focus, open menus and scrolling stay too.
function alike(old, fresh) {
  return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && old.id === fresh.id;
}

function become(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (!alike(old, fresh)) { old.replaceWith(fresh); return; }
  if (old.nodeType !== Node.ELEMENT_NODE) { old.data = fresh.data; return; }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && name !== "open") old.setAttribute(name, value);
  }
  if (old.hasAttribute("data-log")) { for (const line of [...fresh.children]) addLine(old, line); return; }
  const kept = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let place = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const known = child.id && kept.get(child.id);
    if (known && known !== place) old.insertBefore(known, place);
    const here = known || place;
    if (here && alike(here, child)) {
      place = here.nextSibling;
      become(here, child);
    } else {
      old.insertBefore(child, place);
    }
  }
  while (place) { const next = place.nextSibling; place.remove(); place = next; }
}

function addLine(log, line) {
  const last = log.lastElementChild;
  if (last && Number(line.dataset.id) <= Number(last.dataset.id)) return;
  const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  log.append(line);
  if (follows) log.scrollTop = log.scrollHeight;
}

function logLine({ data, lastEventId }) {
  const log = document.querySelector("[data-log]");
  const { at, attempt, source, text } = JSON.parse(data);
  if (Number(log?.dataset.log) !== attempt) return;
  const line = document.createElement("p");
  line.dataset.id = lastEventId;
  const seconds = Math.max(0, (Date.parse(at) - Date.parse(log.dataset.start)) / 1000).toFixed(1);
  for (const [tag, words] of [["b", seconds], ["i", source], ["span", text]]) {
    const cell = document.createElement(tag);
    cell.textContent = words;
    line.append(cell, " ");
  }
  addLine(log, line);
}

let reading = false;
let readAgain = false;
async function refresh() {
  if (reading) { readAgain = true; return; }
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected || answer.status === 404) { location.reload(); return; }
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const spoken = document.querySelector("[data-say]")?.dataset.say;
    const anchor = document.activeElement?.closest("[data-part] [id]")?.id;
    readClock(page);
    document.title = page.title;
    for (const part of everything("[data-part]")) {
      const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
      if (fresh) become(part, fresh); else part.replaceChildren();
    }
    if (anchor && document.activeElement === document.body) document.getElementById(anchor)?.querySelector("a, button")?.focus();
    const say = document.querySelector("[data-say]")?.dataset.say;
    if (say && say !== spoken) said.textContent = say;
    tick();
    openWhenReady();
    connect();
  } catch {
    // The next event, or the connection coming back, reads it again.
  } finally {
    reading = false;
    if (readAgain) { readAgain = false; refresh(); }
  }
}

// A launch opens its session, but only for who watched it launch: never after a reload or on the way back.
let watched = false;
function openWhenReady() {
  const run = document.querySelector("[data-run]");
  if (!run) return;
  if (run.dataset.run === "launching") { watched = true; return; }
  if (watched && run.dataset.open) location.assign(run.dataset.open);
  watched = false;
}

let source = null;
let cut = false;
function connect() {
  const url = document.querySelector("[data-events]")?.dataset.events;
  if (source?.asked === url) return;
  source?.close();
  source = null;
  if (!url || (document.hidden && !watched)) return;
  const last = document.querySelector("[data-log]")?.lastElementChild?.dataset.id;
  source = new EventSource(last ? `${url}?after=${last}` : url);
  source.asked = url;
  source.addEventListener("log", logLine);
  for (const name of ["changed", "status", "stage", "end"]) source.addEventListener(name, refresh);
  source.addEventListener("open", () => { away.hidden = true; if (cut) refresh(); cut = false; });
  source.addEventListener("error", () => {
    cut = true;
    setTimeout(() => { away.hidden = !cut; }, 4000);
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    setTimeout(connect, 1500 + Math.random() * 1500);
  });
}

document.addEventListener("visibilitychange", () => {
  // Browsers allow six connections to one origin over HTTP/1.1; a tab nobody sees gives its one back.
  if (!document.hidden) { if (!source) refresh(); connect(); } else if (!watched) { source?.close(); source = null; }
});

// Forms are sent once, questions are asked in a dialog, digests are copied.
const sent = new Set();
addEventListener("pageshow", (event) => { sent.clear(); if (event.persisted) { source = null; refresh(); } });
document.addEventListener("submit", (event) => {
  if (event.target.method === "get") return;
  if (sent.has(event.target)) { event.preventDefault(); return; }
  sent.add(event.target);
  event.submitter?.setAttribute("aria-busy", "true");
});

async function askInDialog(link) {
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const heading = document.createElement("h2");
    heading.id = "question";
    heading.textContent = page.getElementById("question").textContent;
    ask.replaceChildren(heading, page.querySelector("[data-question]"));
    ask.showModal();
    ask.querySelector("[data-close]").focus();
  } catch {
    location.assign(link.href);
  }
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-ask]");
  const plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.button);
  if (link && plain) { event.preventDefault(); askInDialog(link); }
  if (ask.open && event.target.closest("[data-close]") && plain) { event.preventDefault(); ask.close(); }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(copy.dataset.copy);
    said.textContent = "Copied";
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  const entries = [...everything("a, button", menu)];
  entries.at((entries.indexOf(event.target) + step) % entries.length).focus();
  event.preventDefault();
});

if (!("popover" in HTMLElement.prototype)) {
  for (const menu of everything("[popover]")) menu.hidden = true;
  document.addEventListener("click", (event) => {
    const id = event.target.closest("[popovertarget]")?.getAttribute("popovertarget");
    for (const menu of everything("[popover]")) menu.hidden = menu.id !== id || !menu.hidden;
  });
}

readClock(document);
for (const copy of everything("[data-copy]")) copy.hidden = false;
for (const log of everything("[data-log]")) log.scrollTop = log.scrollHeight;
const [arrival] = performance.getEntriesByType("navigation");
if (arrival?.type === "back_forward") refresh(); else openWhenReady();
setInterval(() => { if (!document.hidden) tick(); }, 1000);
connect();
