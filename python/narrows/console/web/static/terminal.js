// Plays the terminal of a recording, or watches one that goes on. The player is asciinema's; this joins it to the page.
"use strict";

(() => {
  const place = document.querySelector(".terminal");
  const note = document.querySelector(".terminal-note");
  const controls = document.querySelector(".terminal-controls");
  const speeds = controls.querySelector("[data-speed]");
  const LOOKS = { fit: "width", theme: "asciinema", controls: true, preload: true, adaptivePalette: false };

  let player = null;
  let cast = null; // the whole recording as text, fetched once
  let plays = false;
  let watches = false;

  // ---- Where in time: #t=12.5 in the address.

  function wanted() {
    const found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    return found ? Number(found[1]) : null;
  }

  function clock(seconds) {
    const whole = Math.floor(seconds);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  // ---- The player.

  function replace(source, options) {
    if (player) player.dispose();
    player = AsciinemaPlayer.create(source, place, { ...LOOKS, ...options });
    player.addEventListener("playing", () => { plays = true; });
    player.addEventListener("pause", () => { plays = false; });
    player.addEventListener("ended", () => { plays = false; });
  }

  async function replay(at, { start = false } = {}) {
    watches = false;
    if (cast === null) {
      const answer = await fetch(place.dataset.cast, { redirect: "manual" });
      if (answer.type === "opaqueredirect") return location.reload(); // signed out meanwhile
      if (!answer.ok) return tell("The recording cannot be read now. The timeline may say more.");
      cast = await answer.text();
    }
    if (cast.trimEnd().indexOf("\n") < 0) return tell("Nothing has been shown on a terminal.");
    replace({ data: cast }, { speed: Number(speeds.value) });
    plays = false;
    reveal();
    tell(at ? `At ${clock(at)}.` : "");
    if (at) await player.seek(at); // the player's own startAt leaves out what was shown before
    if (start) player.play();
  }

  function watch() {
    watches = true;
    replace({ driver: "eventsource", url: place.dataset.watch }, { autoPlay: true });
    reveal();
    tell("Live: what the agent sees now.");
  }

  function reveal() {
    controls.hidden = false;
    for (const [name, hidden] of [["link", watches], ["from-start", !watches], ["follow", watches]]) {
      const button = controls.querySelector(`[data-${name}]`);
      if (button) button.hidden = hidden;
    }
    speeds.closest("label").hidden = watches;
    document.querySelector(".keys").hidden = watches; // they are for what can be gone back in
  }

  function tell(text) {
    note.textContent = text;
  }

  // ---- What people do.

  async function toggle() {
    await (plays ? player.pause() : player.play());
  }

  function setSpeed(step) {
    const next = speeds.selectedIndex + step;
    if (next < 0 || next >= speeds.length) return;
    speeds.selectedIndex = next;
    changeSpeed();
  }

  function changeSpeed() {
    replay(player.getCurrentTime(), { start: plays });
  }

  function seekBy(seconds) {
    player.seek(Math.max(0, player.getCurrentTime() + seconds));
  }

  function link() {
    const at = (Math.ceil(player.getCurrentTime() * 1000) / 1000).toFixed(3); // no earlier than what is seen
    history.replaceState(null, "", `#t=${at}`);
    tell(`The address of this page leads to ${clock(Number(at))} now.`);
  }

  speeds.addEventListener("change", changeSpeed);
  controls.querySelector("[data-link]").addEventListener("click", link);
  controls.querySelector("[data-from-start]")?.addEventListener("click", () => replay(0, { start: true }));
  controls.querySelector("[data-follow]")?.addEventListener("click", watch);
  addEventListener("hashchange", () => wanted() !== null && replay(wanted()));

  const KEYS = {
    " ": toggle,
    ArrowLeft: () => seekBy(-5),
    ArrowRight: () => seekBy(5),
    "[": () => player.seek({ marker: "prev" }),
    "]": () => player.seek({ marker: "next" }),
    "<": () => setSpeed(-1),
    ">": () => setSpeed(1),
  };

  // The player knows its own keys where it has the focus, and stops them there; elsewhere on the page they come here.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !player || watches) return;
    if (event.target.closest("input, textarea, select, button, a") || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  if (place.dataset.watch && wanted() === null) watch();
  else replay(wanted() ?? 0);
})();
