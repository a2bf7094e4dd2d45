// What no element does by itself: dialogs that open, a key that is copied, a form that is sent once.
"use strict";
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    document.getElementById(opener.dataset.opens).showModal();
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) {
    closer.closest("dialog").close();
  }
  const copier = event.target.closest("[data-copies]");
  if (copier) {
    copy(document.getElementById(copier.dataset.copies));
  }
});

function copy(field) {
  field.focus();
  field.select();
  const say = (text) => {
    document.getElementById("copied").textContent = text;
  };
  // Browsers have a clipboard only where a page came by https or from this machine.
  if (navigator.clipboard) {
    navigator.clipboard.writeText(field.value).then(() => say("Copied."), () => say("Not copied: it is selected, copy it yourself."));
  } else {
    say(document.execCommand("copy") ? "Copied." : "Not copied: it is selected, copy it yourself.");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) {
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
});

// Back from the browser's memory, a form may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const type = event.detail.xhr.getResponseHeader("Content-Type") || "";
  if (event.detail.isError && type.startsWith("text/html")) {
    event.detail.shouldSwap = true;
  }
});

document.addEventListener("DOMContentLoaded", () => {
  const wrong = document.querySelector("[aria-invalid=true]");
  if (wrong) {
    wrong.focus();
  }
});
