/* Takes a passage that is selected in an input into the field for it. Without this file it is copied by hand.

   An element with `data-quotable` names the field that its words go to; the button beside it, which is hidden without
   this file, carries `data-quote-for` with the same name. */

(() => {
  const selected = (source) => {
    const selection = window.getSelection();
    const inside = selection.rangeCount && source.contains(selection.getRangeAt(0).commonAncestorContainer);
    return inside ? selection.toString().trim() : "";
  };

  for (const source of document.querySelectorAll("[data-quotable]")) {
    const field = document.getElementById(source.dataset.quotable);
    const button = document.querySelector(`[data-quote-for="${source.dataset.quotable}"]`);
    if (!field || !button || field.disabled) continue;
    button.hidden = false;
    let passage = "";
    // Pressing the button takes the selection away in some browsers, so the passage is remembered.
    document.addEventListener("selectionchange", () => {
      passage = selected(source) || passage;
    });
    button.addEventListener("click", () => {
      field.value = selected(source) || passage || source.textContent.trim();
      field.focus();
    });
  }
})();
