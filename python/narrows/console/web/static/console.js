// Makes pages quicker; every one of them works without. Lists renew themselves, keys work, doing harm is asked about.
"use strict";

const POLL_MS = 5000; // where the server keeps no more pages live, and for what was missed

// ---- Live parts: the page asks for itself again and takes its live part from the answer.

let renewing = false;
let missed = false; // something changed while the page was being renewed, or was in a person's hands

async function renew(live) {
  if (renewing || isBusy(live)) {
    missed = true;
    return;
  }
  renewing = true;
  missed = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "Narrows-Live": "1" }, redirect: "manual" });
    if (answer.type === "opaqueredirect") return location.reload(); // signed out meanwhile
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = fresh.querySelector("[data-live]") || fresh.querySelector("#main > div");
    if (!part || essence(part) === essence(live)) return;
    if (isBusy(live)) {
      missed = true;
      return;
    }
    localise(part);
    const known = new Set([...live.querySelectorAll("[data-key]")].map((one) => one.dataset.key));
    const focused = document.activeElement && document.activeElement.dataset.key;
    live.replaceChildren(...part.childNodes);
    for (const one of live.querySelectorAll("[data-key]")) {
      if (!known.has(one.dataset.key)) one.classList.add("new");
      if (one.dataset.key === focused) one.focus();
    }
    document.title = fresh.title;
  } finally {
    renewing = false;
    if (missed) setTimeout(() => renew(live), 0);
  }
}

// What is shown, but for how long ago: replacing what has not changed would only be in a finger's way.
function essence(part) {
  const copy = part.cloneNode(true);
  for (const one of copy.querySelectorAll("[data-relative]")) one.remove();
  for (const one of copy.querySelectorAll(".new")) one.classList.remove("new");
  localise(copy);
  return copy.innerHTML;
}

// What a person has typed or is asked about must not be taken from under them.
function isBusy(live) {
  const fields = [...live.querySelectorAll("input, textarea")];
  return document.querySelector("dialog[open]") || fields.some((one) => one.value !== one.defaultValue);
}

function keepLive(live) {
  const events = new EventSource(live.dataset.live);
  setInterval(() => missed && renew(live), POLL_MS);
  events.onmessage = () => renew(live); // the first one too: something may have changed since the page was made
  events.addEventListener("over", () => { events.close(); renew(live); });
  events.onerror = () => {
    if (events.readyState === EventSource.CLOSED) setInterval(() => renew(live), POLL_MS);
  };
}

// ---- Times in the reader's zone; the exact one, in UTC, is shown on hovering.

const LOCAL = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
});

function localise(part) {
  for (const one of part.querySelectorAll("time[datetime]")) {
    one.textContent = LOCAL.format(new Date(one.dateTime)).replace(",", "");
  }
}

// ---- The inbox by keyboard.

function requests() {
  return [...document.querySelectorAll(".inbox .request")];
}

function move(step) {
  const all = requests();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

function ask(vote) {
  const request = document.activeElement;
  const dialog = document.getElementById("confirm");
  if (!dialog || !request || !request.matches(".inbox .request")) return;
  if (!request.dataset.digest) return location.assign(request.href); // not all of it is shown here
  const form = dialog.querySelector("form");
  const verb = vote === "approve" ? "Approve" : "Deny";
  form.action = request.getAttribute("href");
  form.elements.digest.value = request.dataset.digest;
  form.elements.vote.value = vote;
  form.elements.reason.value = "";
  dialog.querySelector("[data-verb]").textContent = verb;
  dialog.querySelector("[data-who]").textContent = request.querySelector(".line").innerText.replace(/\s+/g, " ");
  const statement = dialog.querySelector("[data-statement]");
  statement.replaceChildren(...request.querySelector(".statement").cloneNode(true).childNodes);
  const confirm = dialog.querySelector("[data-confirm]");
  confirm.textContent = verb;
  confirm.className = vote;
  dialog.showModal();
  form.elements.reason.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  if (document.querySelector("dialog[open]")) return;
  const act = { j: () => move(1), k: () => move(-1), a: () => ask("approve"), d: () => ask("deny") }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-cancel]")) event.target.closest("dialog").close();
});

// ---- Ending a session is asked about.

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.ask;
  if (question && !window.confirm(question)) event.preventDefault();
});

localise(document);
for (const live of document.querySelectorAll("[data-live]")) keepLive(live);
