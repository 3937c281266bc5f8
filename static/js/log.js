// The log: select all on the page, say how many are selected, keep the export on the filter that is shown.
(() => {
  "use strict";

  const boxes = () => [...document.querySelectorAll("#log-rows input[name=record]")];

  function count() {
    const all = boxes();
    const picked = all.filter((box) => box.checked).length;
    const words = document.getElementById("log-picked");
    const every = document.getElementById("log-all");
    if (words) words.textContent = `${picked} ${words.dataset.one}`;
    if (every) {
      every.hidden = false;
      every.checked = picked > 0 && picked === all.length;
      every.indeterminate = picked > 0 && picked < all.length;
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "log-all") boxes().forEach((box) => (box.checked = event.target.checked));
    if (event.target.closest("#log-rows")) count();
  });
  document.addEventListener("reset", () => setTimeout(count));
  document.addEventListener("htmx:afterSwap", count);
  document.addEventListener("htmx:pushedIntoHistory", () => {
    const link = document.querySelector("[data-export]");
    if (link) link.href = link.pathname + location.search;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !boxes().some((box) => box.checked)) return;
    document.getElementById("log-rows").reset();
    count();
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", count);
  else count();
})();
