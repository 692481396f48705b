/* Working through a list of the desk, inputs or outcomes, from the keyboard. Without this file everything works by
   pointing and tabbing.

   Keys count only while nothing is being typed, and can be switched off (WCAG 2.1.4); that wish alone is kept in the
   browser. The words that people read are in the page. */

(() => {
  const OFF = "desk-keys-off";
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  const rows = [...document.querySelectorAll("li.row[id]")];
  const ticks = () => [...document.querySelectorAll("input[type='checkbox'][form='acts']")];
  const counted = document.getElementById("ticked");
  const search = document.getElementById("id_q");
  const wish = dialog.querySelector("input[type='checkbox']");
  let current = rows.findIndex((row) => `#${row.id}` === location.hash);

  const isTyping = (target) => target.closest("input:not([type='checkbox']), select, textarea, [contenteditable]");
  const tickOf = (row) => row && row.querySelector("input[form='acts']");

  const count = () => {
    const numbers = ticks().filter((box) => box.checked).map((box) => box.value);
    if (counted) counted.textContent = new Set(numbers).size;
  };

  // An input may have a box in the list and others beside inputs that it is like: they are ticked together.
  const set = (numbers, checked) => {
    for (const box of ticks()) if (numbers.includes(box.value)) box.checked = checked;
    count();
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
    if (!ticks().some((box) => box.checked)) tick();
    act.open = true;
    act.querySelector("input:not([type='hidden']), select, textarea").focus();
    return true;
  };

  const showLike = () => {
    const like = rows[current] && rows[current].querySelector("details.like-this");
    if (like) like.open = !like.open;
  };

  const acts = {
    j: () => go(1),
    k: () => go(-1),
    x: tick,
    t: () => open("t"),
    u: () => open("u"),
    s: () => open("s"),
    l: showLike,
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

  document.addEventListener("change", (event) => {
    if (ticks().includes(event.target)) set([event.target.value], event.target.checked);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ticks-these]");
    if (!button) return;
    const these = ticks().filter((box) => button.closest("dd").contains(box));
    set([button.dataset.ticksThese, ...these.map((box) => box.value)], true);
  });
  // What has come since is ticked as its input is in the list.
  document.addEventListener("htmx:afterSettle", () => {
    set(ticks().filter((box) => box.checked).map((box) => box.value), true);
  });
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
      const boxes = rows.map(tickOf).filter(Boolean);
      set(boxes.map((box) => box.value), !boxes.every((box) => box.checked));
    });
  }
  count();
})();
