// Comforts of the account pages, all of which also work without: a password one can look at, its length while typing,
// a button that stands there once there is something to save, the browser's time zone for a new company, and words when a passkey fails.
(() => {
  "use strict";

  document.documentElement.classList.add("js");

  document.querySelectorAll("[data-reveal]").forEach((button) => {
    const box = document.getElementById(button.dataset.reveal);
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = box.type === "text";
      box.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
      box.focus();
    });
    // A shown password is no text to remember for the next visitor of this form.
    if (box.form) box.form.addEventListener("submit", () => (box.type = "password"));
  });

  document.querySelectorAll("[data-length-of]").forEach((meter) => {
    const box = document.getElementById(meter.dataset.lengthOf);
    const bar = meter.querySelector("progress");
    const words = meter.querySelector("span");
    box.addEventListener("input", () => {
      const length = [...box.value].length;
      const isEnough = length >= bar.max;
      meter.hidden = length === 0;
      bar.value = Math.min(length, bar.max);
      bar.classList.toggle("ok", isEnough);
      bar.classList.toggle("warn", !isEnough);
      words.classList.toggle("ok", isEnough);
      words.classList.toggle("warn", !isEnough);
      words.textContent = isEnough ? meter.dataset.enough : meter.dataset.short.replace("{n}", bar.max - length);
    });
  });

  document.querySelectorAll("[data-save-when-changed]").forEach((choice) => {
    const save = choice.form.querySelector("button[type=submit]");
    const before = choice.value;
    const look = () => (save.hidden = choice.value === before);
    choice.addEventListener("change", look);
    look();
  });

  document.querySelectorAll("[data-time-zone]").forEach((box) => {
    box.value = box.value || Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  });

  document.addEventListener("allauth.error", (event) => {
    const words = document.querySelector("[data-key-trouble]");
    if (!words) return;
    event.preventDefault();
    words.hidden = false;
  });
})();
