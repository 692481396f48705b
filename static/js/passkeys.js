/* Makes a passkey, or signs in with one: a form with `data-passkey` (create or get) asks the browser for the credential
   and sends it along. What the browser is asked comes from the element that `data-options` names, or from the address
   in `data-options-from`. Such a form does nothing without this file, and the page says so. */

(() => {
  const forms = document.querySelectorAll("form[data-passkey]");
  const show = (what, isShown) => {
    document.querySelectorAll(`[data-passkey-${what}]`).forEach((notice) => (notice.hidden = !isShown));
  };
  // A browser takes no passkeys for the number of a machine, such as 127.0.0.1.
  const isNumber = /^[\d.]+$|^\[/.test(location.hostname);
  const isKnown = Boolean(window.PublicKeyCredential) && !isNumber;
  show("unknown", !isKnown);
  show("offered", isKnown);

  const optionsOf = async (form) => {
    if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent);
    const response = await fetch(form.dataset.optionsFrom, { headers: { Accept: "application/json" } });
    return (await response.json()).request_options;
  };

  const create = (options) => {
    options.publicKey.authenticatorSelection = {
      ...options.publicKey.authenticatorSelection,
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    };
    return webauthnJSON.create(options);
  };

  forms.forEach((form) => {
    form.querySelectorAll("button").forEach((button) => (button.disabled = !isKnown));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      show("failed", false);
      try {
        const options = await optionsOf(form);
        const credential = await (form.dataset.passkey === "create" ? create(options) : webauthnJSON.get(options));
        form.elements.credential.value = JSON.stringify(credential);
        form.submit();
      } catch {
        show("failed", true);
      }
    });
  });
})();
