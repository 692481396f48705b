/* Saves a draft while it is being typed. Without this file the form works the same, by its buttons.

   The form names in `data-autosave` where to; the words that people read come from the server or from the attributes of
   the element with `data-autosave-status`. Nothing is kept in the browser: on a machine that others use too, it would
   stay there. */

(() => {
  const PAUSE = 2000;   // milliseconds after the last key
  const AGAIN = 15000;  // milliseconds until another try after a failure

  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const status = form.querySelector("[data-autosave-status]");
  let timer = null;
  let isRunning = false;
  let isChanged = false;

  const say = (words, kind) => {
    status.textContent = words;
    status.dataset.kind = kind;
  };

  const plan = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  const hasWords = () => form.elements.title.value.trim() || form.elements.text.value.trim();

  async function save() {
    if (isRunning || !isChanged || !hasWords()) return;
    isRunning = true;
    isChanged = false;
    let wait = null;
    try {
      // `keepalive` lets it arrive although the page is being closed.
      const response = await fetch(form.dataset.autosave, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "application/json" },
        keepalive: true,
      });
      const answer = await response.json();
      say(answer.message, response.ok ? "success" : "error");
      if (response.ok) {
        form.elements.revision.value = answer.revision;
        history.replaceState(null, "", answer.url);
      } else {
        isChanged = true;
        // What people must mend waits for their next key; being signed out or the server being busy passes.
        if (response.status === 403 || response.status >= 500) wait = AGAIN;
      }
    } catch {
      isChanged = true;
      wait = AGAIN;
      say(status.dataset.offline, "error");
    }
    isRunning = false;
    if (wait) plan(wait);
    else if (isChanged && status.dataset.kind === "success") plan(PAUSE);
  }

  form.addEventListener("input", () => {
    isChanged = true;
    plan(PAUSE);
  });
  form.addEventListener("submit", () => {
    isChanged = false;
    clearTimeout(timer);
  });
  window.addEventListener("online", () => plan(0));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
})();
