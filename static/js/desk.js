/* Working through a list of the desk, inputs or outcomes, from the keyboard. Without this file everything works by
   pointing and tabbing.

   Keys count only while nothing is being typed, and can be switched off (WCAG 2.1.4); that wish alone is kept in the
   browser. The words that people read are in the page. */

(() => {
  const OFF = "desk-keys-off";
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  const rows = [...document.querySelectorAll("li.row[id]")];
  const ticks = [...document.querySelectorAll("li.row input[form='acts']")];
  const counted = document.getElementById("ticked");
  const wish = dialog.querySelector("input[type='checkbox']");
  let current = rows.findIndex((row) => `#${row.id}` === location.hash);

  const isTyping = (target) => target.closest("input:not([type='checkbox']), select, textarea, [contenteditable]");
  const tickOf = (row) => row && row.querySelector("input[form='acts']");

  const count = () => {
    if (counted) counted.textContent = ticks.filter((tick) => tick.checked).length;
  };

  const go = (step) => {
    const place = rows.findIndex((row) => row.contains(document.activeElement));
    current = Math.max(0, Math.min(rows.length - 1, (place < 0 ? current : place) + step));
    if (rows[current]) rows[current].focus();
  };

  const tick = () => {
    const box = tickOf(rows[current]);
    if (box) box.click();
  };

  const open = (key) => {
    const act = document.querySelector(`details[data-key-act='${key}']`);
    if (!act) return false;
    if (!ticks.some((box) => box.checked)) tick();
    act.open = true;
    act.querySelector("input:not([type='hidden']), select, textarea").focus();
    return true;
  };

  const search = document.getElementById("id_q");

  const acts = {
    j: () => go(1),
    k: () => go(-1),
    x: tick,
    t: () => open("t"),
    u: () => open("u"),
    s: () => open("s"),
    "/": () => search && search.focus(),
    "?": () => dialog.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.key === "Escape" && isTyping(event.target) && rows[current]) {
      rows[current].focus();
    } else if (!isTyping(event.target) && acts[event.key] && !localStorage.getItem(OFF)) {
      event.preventDefault();
      acts[event.key]();
    }
  });

  rows.forEach((row, place) => {
    row.tabIndex = -1;
    row.addEventListener("focusin", () => { current = place; });
  });

  document.addEventListener("change", count);
  wish.checked = !localStorage.getItem(OFF);
  wish.addEventListener("change", () => {
    if (wish.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
  for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = false;
  document.querySelector("[data-shows-keys]").addEventListener("click", () => dialog.showModal());
  dialog.querySelector("[data-hides-keys]").addEventListener("click", () => dialog.close());
  const page = document.querySelector("[data-ticks-page]");
  if (page) {
    page.addEventListener("click", () => {
      const all = ticks.every((box) => box.checked);
      ticks.forEach((box) => { box.checked = !all; });
      count();
    });
  }
  count();
})();
