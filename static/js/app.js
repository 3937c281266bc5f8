// Small comforts on top of pages that work without them. No inline handlers: the policy of the pages forbids them.
(() => {
  "use strict";

  const isTyping = (element) => element && (element.matches("input, textarea, select") || element.isContentEditable);

  // "/" goes to the search, Escape closes menus and leaves the search.
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(document.activeElement)) {
      const search = document.querySelector("form[role=search] input[type=search]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu-x[open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    }
  });

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu-x[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent).then(() => {
        copy.setAttribute("aria-label", copy.dataset.done);
        copy.querySelector("use").setAttribute("href", copy.dataset.doneIcon);
      });
    }
    const close = event.target.closest("[data-close]");
    if (close) close.closest(".toast-x").remove();
  });

  // One click makes one request; the server makes one run of two clicks anyway.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-once]")) {
      if (event.target.dataset.sent) event.preventDefault();
      event.target.dataset.sent = "1";
    }
  });

  // On a narrow screen a row of tabs scrolls: the tab one is on must be seen.
  document.querySelectorAll(".tabs .on").forEach((tab) => {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  });

  // Live parts rest while the tab is hidden or somebody works inside them, and catch up when it is looked at again.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.target;
    if (!part.matches("[data-live]")) return;
    if (document.hidden || isTyping(part.contains(document.activeElement) ? document.activeElement : null)) {
      event.preventDefault();
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.querySelectorAll("[data-live]").forEach((part) => window.htmx.trigger(part, "look"));
  });
})();
