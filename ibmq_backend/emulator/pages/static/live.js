"use strict";

// Copy buttons: <button data-copy="id of an element"> copies the text of the element.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const said = document.getElementById("copied");
    try {
      await navigator.clipboard.writeText(source.textContent);
      said.textContent = "Copied.";
    } catch {
      // Without TLS browsers have no clipboard for other hosts than this machine.
      getSelection().selectAllChildren(source);
      said.textContent = "Selected: copy it with Ctrl+C.";
    }
  });
}

// Times in the time zone of the browser.
function showTimes(root) {
  for (const time of root.querySelectorAll("time[datetime*=T]")) {
    const timeStyle = "seconds" in time.dataset ? "medium" : "short";
    time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: "medium", timeStyle });
  }
}

// Elements with data-load are filled from that URL after the page.
function loadParts(root) {
  for (const element of root.querySelectorAll("[data-load]")) {
    element.setAttribute("aria-busy", "true");
    fetch(element.dataset.load)
      .then(async (reply) => {
        const text = await reply.text();
        if (reply.ok && !reply.redirected) show(element, text);
      })
      .catch(() => {}) // the link in the element remains
      .finally(() => element.removeAttribute("aria-busy"));
  }
}

// Replace the content of an element; focus and scrolling stay.
function show(element, html) {
  const active = element.contains(document.activeElement) ? document.activeElement.id : "";
  const scrolled = [...element.querySelectorAll(".scroll, pre")].map((one) => [one.scrollLeft, one.scrollTop]);
  element.innerHTML = html;
  element.querySelectorAll(".scroll, pre").forEach((one, index) => {
    [one.scrollLeft, one.scrollTop] = scrolled[index] ?? [0, 0];
  });
  if (active) document.getElementById(active)?.focus({ preventScroll: true });
  showTimes(element);
  loadParts(element);
}

// Elements with data-live follow the jobs: data-live="jobs" those that the viewer sees,
// data-live="<id>" one job, data-live="" also the queues, to which jobs of other people belong.
const OWN_MS = 500;
const QUEUES_MS = 15000;
const SPREAD_MS = 5000; // a class must not ask for its pages all at once
const RECONNECT_MS = 30000;
const shown = new Map();
const disconnected = document.getElementById("disconnected");
let updated = new Date();
let source, refreshing, due = Infinity, last = 0, timer;

async function refresh() {
  due = Infinity;
  if (refreshing) return plan(OWN_MS);
  refreshing = true;
  last = Date.now();
  try {
    const reply = await fetch(location.href);
    if (reply.redirected) return location.reload(); // the session has ended
    if (reply.status >= 500) throw new Error(reply.statusText);
    disconnected.hidden = true;
    updated = new Date();
    if (!reply.ok) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    for (const element of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(element.id);
      if (!other || shown.get(element.id) === other.innerHTML) continue;
      shown.set(element.id, other.innerHTML);
      if ("live" in other.dataset) element.dataset.live = other.dataset.live;
      else delete element.dataset.live;
      show(element, other.innerHTML);
    }
    if (!document.querySelector("[data-live]")) disconnect();
  } catch {
    disconnected.textContent = `The server does not answer. This page shows the state at ${updated.toLocaleTimeString()} and follows the jobs again as soon as the server answers.`;
    disconnected.hidden = false;
    plan(QUEUES_MS, SPREAD_MS);
  } finally {
    refreshing = false;
  }
}

function plan(interval, spread = 0) {
  const when = Math.max(Date.now() + spread * Math.random(), last + interval);
  if (when >= due) return;
  due = when;
  clearTimeout(timer);
  timer = setTimeout(refresh, when - Date.now());
}

function notice(jobs) {
  const ids = Object.keys(jobs);
  const live = [...document.querySelectorAll("[data-live]")].map((one) => one.dataset.live);
  if (live.some((one) => (one === "jobs" || one === "" ? ids.length : one in jobs))) plan(OWN_MS);
  else if (live.includes("")) plan(QUEUES_MS, SPREAD_MS);
  const announced = document.getElementById("announced");
  if (announced && ids.length) {
    const name = document.getElementById(`job-${ids[0]}`)?.textContent ?? ids[0];
    announced.textContent = `Job ${name} is ${jobs[ids[0]]}.`;
  }
}

function connect() {
  if (source || document.hidden || !document.querySelector("[data-live]")) return;
  source = new EventSource("/web/events");
  let spread = 0;
  source.onopen = () => {
    plan(0, spread); // what has changed before
    spread = SPREAD_MS;
  };
  source.onmessage = (event) => notice(JSON.parse(event.data));
  source.onerror = (event) => {
    if (disconnected.hidden) plan(0); // leads to the login if the session has ended
    if (event.target.readyState !== EventSource.CLOSED) return; // it connects again by itself
    disconnect();
    setTimeout(connect, RECONNECT_MS);
  };
}

function disconnect() {
  source?.close();
  source = undefined;
}

// Browsers allow six connections to a server, so only visible pages have a stream.
document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
addEventListener("pagehide", disconnect);
addEventListener("pageshow", connect);

for (const element of document.querySelectorAll("[data-live]")) shown.set(element.id, element.innerHTML);
showTimes(document);
loadParts(document);
