// What pages do beyond plain HTML: they stay true by themselves, count times on and ask in a dialog.
// Every page works without this script; nothing here is needed to reach or to do a thing.

const find = (selector) => document.querySelector(selector);
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
const [said, away, ask] = ["said", "away", "ask"].map((id) => document.getElementById(id));
const SVG = "http://www.w3.org/2000/svg";
const html = { headers: { Accept: "text/html" } };
const read = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

// Times: the server's clock counts; what is counted on is never announced.
let skew = 0;
const readClock = (page) => { skew = Date.now() - Date.parse(page.body.dataset.now); };
const secondsSince = (element) => Math.max(0, (Date.now() - skew - Date.parse(element.dataset.since)) / 1000);

function duration(seconds) {
  const whole = Math.floor(seconds);
  const rest = (amount, unit) => (amount >= 1 ? ` ${Math.floor(amount)} ${unit}` : "");
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return `${Math.floor(whole / 60)} min${rest(whole % 60, "s")}`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole % 3600 / 60)).padStart(2, "0")} min`;
  return `${Math.floor(whole / 86400)} ${whole < 172800 ? "day" : "days"}${rest(whole % 86400 / 3600, "h")}`;
}

function tick() {
  each("time[data-since]", (time) => { time.textContent = duration(secondsSince(time)); });
  each("time[data-until]", (time) => {
    time.textContent = duration(Math.max(0, (Date.parse(time.dataset.until) - Date.now() + skew) / 1000));
  });
  each("progress[data-since]", (bar) => { bar.value = secondsSince(bar); });
  each("rect[data-since]", (bar) => {
    const width = Math.min(100 - bar.getAttribute("x"), secondsSince(bar) * bar.dataset.scale);
    bar.setAttribute("width", width.toFixed(1));
  });
  each("[data-late]", (wait) => {
    const [{ usual, late, p50, p95 }, seconds] = [wait.dataset, secondsSince(wait)];
    wait.textContent = seconds <= p50 ? usual : seconds <= p95 ? "any moment now" : late;
  });
}

// Staying true: an event says that something changed, then the page's own address is read again and its
// parts are made like the new ones. Elements stay the same ones, so focus, open menus and scrolling stay too.
const key = (node) => node.id || node.getAttribute?.("href") || node.getAttribute?.("action") || "";
const alike = (old, fresh) => old.nodeName === fresh.nodeName && key(old) === key(fresh);

function become(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (!alike(old, fresh)) { old.replaceWith(fresh); return; }
  if (old.nodeType !== Node.ELEMENT_NODE) { old.data = fresh.data; return; }
  // What a person opened or closed stays so until the server wants something else than before.
  const theirs = (name) => name === "open" && old.dataset.wish === fresh.dataset.wish;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !theirs(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !theirs(name)) old.setAttribute(name, value);
  }
  if (old.hasAttribute("data-log")) { [...fresh.children].forEach((line) => addLine(old, line)); return; }
  becomeAll(old, fresh);
}

function becomeAll(old, fresh) {
  const wanted = new Set([...fresh.children].map(key));
  const known = new Map([...old.children].filter(key).map((child) => [key(child), child]));
  known.forEach((child, name) => { if (!wanted.has(name)) child.remove(); });
  let place = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    // What has a key is found again wherever it is; moving it would close a menu, so what is before it goes.
    let here = place;
    while (here && !alike(here, child) && !key(here)) here = here.nextSibling;
    if (here && alike(here, child)) {
      while (place !== here) { place = place.nextSibling; place.previousSibling.remove(); }
      place = here.nextSibling;
      become(here, child);
    } else {
      const moved = known.get(key(child));
      old.insertBefore(moved && alike(moved, child) ? moved : child, place);
      if (moved && alike(moved, child)) become(moved, child);
    }
    known.delete(key(child));
  }
  while (place) { const next = place.nextSibling; place.remove(); place = next; }
}

function addLine(log, line) {
  if (Number(line.dataset.id) <= Number(log.lastElementChild?.dataset.id)) return;
  const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  log.append(line);
  while (log.children.length > 5000) log.firstElementChild.remove();
  if (follows) log.scrollTop = log.scrollHeight;
}

function logLine({ data, lastEventId }) {
  const log = find("[data-log]");
  const { at, attempt, source, text } = JSON.parse(data);
  if (Number(log?.dataset.log) !== attempt) return;
  const { container, search } = log.dataset;
  if ((container && container !== source) || (search && !text.toLowerCase().includes(search))) return;
  const line = document.createElement("p");
  line.dataset.id = lastEventId;
  const seconds = Math.max(0, (Date.parse(at) - Date.parse(log.dataset.start)) / 1000).toFixed(1);
  for (const [tag, words] of [["b", seconds], ["i", source], ["span", text]]) {
    line.append(Object.assign(document.createElement(tag), { textContent: words }), " ");
  }
  addLine(log, line);
}

let [reading, readAgain] = [false, false];
async function refresh() {
  if (reading) { readAgain = true; return; }
  reading = true;
  try {
    const answer = await fetch(location.href, html);
    if (answer.redirected || answer.status === 404) { location.reload(); return; }
    if (answer.ok) show(await read(answer));
  } catch {
    // The next event, or the connection coming back, reads it again.
  } finally {
    reading = false;
    if (readAgain) { readAgain = false; refresh(); }
  }
}

function show(page) {
  const launching = find("[data-run]")?.dataset.run === "launching";
  const spoken = find("[data-say]")?.dataset.say;
  const anchor = document.activeElement?.closest("[data-part] [id]")?.id;
  readClock(page);
  document.title = page.title;
  each("[data-part]", (part) => {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (fresh) become(part, fresh); else part.replaceChildren();
  });
  if (anchor && document.activeElement === document.body) find(`#${CSS.escape(anchor)} :is(a, button)`)?.focus();
  const say = find("[data-say]")?.dataset.say;
  if (say && say !== spoken) said.textContent = say;
  tick();
  offerNotices();
  if (launching) notice();
  openWhenReady();
  connect();
}

// Notices of the browser, for who asked for them: a launch that nobody looks at is ready, or failed.
const notices = () => window.Notification?.permission === "granted" && localStorage.getItem("notices") === "on";
function offerNotices() {
  each("[data-notify]", (button) => {
    button.hidden = !window.Notification || Notification.permission === "denied";
    button.setAttribute("aria-pressed", notices());
  });
}

async function toggleNotices() {
  const on = !notices() && await Notification.requestPermission() === "granted";
  localStorage.setItem("notices", on ? "on" : "off");
  offerNotices();
  said.textContent = on ? "You will be told" : "You will not be told";
}

function notice() {
  const { run, open } = find("[data-run]")?.dataset ?? {};
  const what = open ? "is ready" : run === "failed" ? "failed" : "";
  if (!what || !document.hidden || !notices()) return;
  const body = find("#why")?.textContent ?? "";
  const told = new Notification(`${find("h1").textContent} ${what}`, { body, tag: location.pathname });
  told.addEventListener("click", () => { window.focus(); told.close(); });
}

// A launch opens its session, but only for who watched it launch: never after a reload or on the way back.
let watched = false;
function openWhenReady() {
  const run = find("[data-run]")?.dataset;
  if (watched && run?.open) location.assign(run.open);
  watched = run?.run === "launching";
}

let [source, cut] = [null, false];
function connect() {
  const url = find("[data-events]")?.dataset.events;
  if (source?.asked === url) return;
  source?.close();
  source = null;
  if (!url || (document.hidden && !watched)) return;
  const last = find("[data-log]")?.lastElementChild?.dataset.id;
  source = Object.assign(new EventSource(last ? `${url}?after=${last}` : url), { asked: url });
  source.addEventListener("log", logLine);
  for (const name of ["changed", "status", "stage", "queue", "warning", "end"]) source.addEventListener(name, refresh);
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

// Forms are sent once, questions are asked in a dialog, digests are copied, arrows walk through menus.
const sent = new Set();
addEventListener("pageshow", (event) => { sent.clear(); if (event.persisted) { source = null; refresh(); } });
document.addEventListener("submit", (event) => {
  if (event.target.method === "get") return;
  if (sent.has(event.target)) { event.preventDefault(); return; }
  sent.add(event.target);
  event.submitter?.setAttribute("aria-busy", "true");
  if (event.submitter?.dataset.steps) { event.preventDefault(); watchSteps(event.target, event.submitter); }
});

// A check tells its steps while it goes on, and then the page that it leads to. Without one it is sent again
// as if there were no script.
async function watchSteps(form, button) {
  try {
    const body = new URLSearchParams(new FormData(form, button));
    const answer = await fetch(button.formAction, { method: "POST", body, headers: { Accept: "text/event-stream" } });
    if (answer.headers.get("Content-Type")?.startsWith("text/html")) { turnTo(await read(answer)); return; }
    for await (const [name, data] of events(answer)) {
      if (name === "step") showStep(document.getElementById(button.dataset.steps), data);
      else if (name === "page") { turnTo(new DOMParser().parseFromString(data, "text/html")); return; }
    }
  } catch {
    // Sent once more, below.
  }
  delete button.dataset.steps;
  sent.delete(form);
  form.requestSubmit(button);
}

async function* events(answer) {
  let text = "";
  for await (const bytes of answer.body.pipeThrough(new TextDecoderStream())) {
    text += bytes;
    const told = text.split(/\r?\n\r?\n/);
    text = told.pop();
    for (const one of told) {
      const [, name] = one.match(/^event: ([^\r\n]*)/m) ?? [];
      const [, data] = one.match(/^data: ([^\r\n]*)/m) ?? [];
      if (name && data) yield [name, JSON.parse(data)];
    }
  }
}

function showStep(list, { key: name, title, state, detail }) {
  const line = list.querySelector(`[data-step="${CSS.escape(name)}"]`) ?? document.createElement("li");
  line.dataset.step = name;
  line.dataset.state = state;
  const text = detail ? `${title}: ${detail}` : title;
  if (!line.firstChild) line.append(document.createElementNS(SVG, "svg"), Object.assign(document.createElement("span"), { className: "what" }));
  line.lastChild.textContent = text;
  const icon = { now: "launching", done: "done", fail: "failed" }[state] ?? "next";
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${find("use").getAttribute("href").split("#")[0]}#i-${icon}`);
  line.firstChild.setAttribute("class", "icon");
  line.firstChild.setAttribute("aria-hidden", "true");
  line.firstChild.replaceChildren(use);
  list.hidden = false;
  list.append(line);
  said.textContent = text;
}

function turnTo(page) {
  readClock(page);
  document.title = page.title;
  find("main").replaceWith(page.querySelector("main"));
  sent.clear();
  prepare();
  const heading = find("main :is([aria-labelledby=checked], [role=alert]) h2") ?? find("main h1");
  heading.tabIndex = -1;
  heading.focus();
  scrollTo(0, 0);
}

async function askInDialog(link) {
  try {
    const page = await read(await fetch(link.href, html));
    const title = page.getElementById("question").textContent;
    const heading = Object.assign(document.createElement("h2"), { id: "question", textContent: title });
    ask.replaceChildren(heading, page.querySelector("[data-question]"));
    ask.showModal();
    (ask.querySelector("[autofocus]") ?? ask.querySelector("[data-close]")).focus();
  } catch {
    location.assign(link.href);
  }
}

document.addEventListener("click", async (event) => {
  const on = (selector) => event.target.closest(selector);
  const plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.button);
  if (plain && on("a[data-ask]")) { event.preventDefault(); askInDialog(on("a[data-ask]")); }
  if (plain && ask.open && on("[data-close]")) { event.preventDefault(); ask.close(); }
  if (on("[data-notify]")) toggleNotices();
  if (!on("[data-copy]")) return;
  await navigator.clipboard.writeText(on("[data-copy]").dataset.copy);
  said.textContent = "Copied";
});

document.addEventListener("keydown", (event) => {
  const entries = [...event.target.closest?.(".menu")?.querySelectorAll("a, button") ?? []];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!entries.length || !step) return;
  entries.at((entries.indexOf(event.target) + step) % entries.length).focus();
  event.preventDefault();
});

document.addEventListener("change", async (event) => {
  const { into, name } = event.target.dataset ?? {};
  const [file] = event.target.files ?? [];
  if (!into || !file) return;
  const { form } = event.target;
  form.elements[into].value = await file.text();
  if (name) form.elements[name].value = file.name;
  form.elements[into].focus();
});

readClock(document);
each("[data-again]", (page) => { setTimeout(() => location.reload(), page.dataset.again); });
function prepare() {
  each("[data-copy]", (copy) => { copy.hidden = false; });
each("[data-into]", (input) => { input.hidden = false; input.labels.forEach((label) => { label.hidden = false; }); });
}

each("[data-zone]", (zone) => { zone.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone; });
// On a phone the last tabs are beyond the edge.
each(".tabs [aria-current]", (tab) => {
  const [bar, own] = [tab.parentElement, tab].map((one) => one.getBoundingClientRect().right);
  tab.parentElement.scrollLeft += Math.max(0, own - bar);
});
prepare();
offerNotices();
each("[data-log]", (log) => { log.scrollTop = log.scrollHeight; });
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") refresh(); else openWhenReady();
setInterval(() => { if (!document.hidden) tick(); }, 1000);
setInterval(() => { if (!document.hidden && find("[data-usage]")) refresh(); }, 30000);
connect();
